import { type JsonValue, jsonValue } from '@millrace/contracts';
import type { ModelMessage, ToolResultPart } from 'ai';
import { shorten } from '../agents/recorder.js';
import { runTool, type ToolBench } from '../agents/run-tool.js';
import type { Answer, ToolCall } from './call.js';
import type { Ask, Session } from './session.js';

/** What a model is shown of one result; a larger one would push the task out of its context. */
const MAX_OBSERVATION = 20_000;
const MAX_CALLS_PER_TURN = 16;
const MAX_TRANSCRIPT = 60_000;

export interface Loop extends Omit<Ask, 'tools' | 'turn' | 'schema'>, ToolBench {
  /** Answers of the model at most. */
  readonly maxTurns: number;
}

export interface LoopEnd {
  /** The answer without a call; empty where the turns were used up. */
  readonly text: string;
  readonly ending: Answer['ending'];
  readonly isComplete: boolean;
  /** Thoughts, calls and observations, for a call that has no tools. */
  readonly transcript: string;
  readonly turns: number;
}

interface Seen {
  readonly text: string;
  readonly isError: boolean;
}

/** Thought, call, observation, until the model answers without a call. Throws an `AgentFailure`. */
export async function runToolLoop(session: Session, loop: Loop): Promise<LoopEnd> {
  const { tools, maxTurns, recorder, signal, ...ask } = loop;
  const messages = [...ask.messages];
  const story: string[] = [];
  for (let turn = 1; turn <= maxTurns; turn += 1) {
    const answer = await session.ask({ ...ask, messages, tools, turn });
    const place = {
      phase: ask.phase,
      turn,
      ...(ask.participant !== undefined && { participant: ask.participant }),
    };
    if (answer.calls.length === 0)
      return {
        text: answer.text,
        ending: answer.ending,
        isComplete: true,
        transcript: join([...story, answer.text]),
        turns: turn,
      };
    if (answer.text.trim() !== '') {
      recorder.entry({ ...place, text: answer.text });
      story.push(`Thought: ${answer.text}`);
    }
    const observations = await observe(answer, { ...loop, turn });
    answer.calls.forEach((call, index) => {
      const input = shorten(JSON.stringify(call.input ?? null), 2_000);
      story.push(`Call of ${call.name}: ${input}\nObservation: ${observations[index]?.text ?? ''}`);
    });
    messages.push(toMessage(answer), toResults(answer.calls, observations));
  }
  return { text: '', ending: 'complete', isComplete: false, transcript: join(story), turns: maxTurns };
}

function join(story: readonly string[]): string {
  const text = story.filter((part) => part !== '').join('\n\n');
  return text.length <= MAX_TRANSCRIPT ? text : `…${text.slice(-MAX_TRANSCRIPT)}`;
}

/** One after the other: the second may rest on what the first did. */
async function observe(answer: Answer, loop: Loop & { turn: number }): Promise<Seen[]> {
  const observations: Seen[] = [];
  for (const [index, call] of answer.calls.entries()) {
    observations.push(
      index < MAX_CALLS_PER_TURN
        ? await runCall(call, loop)
        : { text: `Only ${String(MAX_CALLS_PER_TURN)} calls are run in one turn`, isError: true },
    );
  }
  return observations;
}

async function runCall(call: ToolCall, loop: Loop & { turn: number }): Promise<Seen> {
  const { turn, participant } = loop;
  const input = jsonOf(call.input ?? {});
  const problem = call.problem ?? (input === undefined ? 'the input is nested too deeply' : undefined);
  const seen = await runTool({ name: call.name, input: input ?? null, turn, participant, problem }, loop);
  return seen.ok
    ? { text: shorten(JSON.stringify(seen.output), MAX_OBSERVATION), isError: false }
    : { text: shorten(seen.error, MAX_OBSERVATION), isError: true };
}

/** Undefined where the nesting is deeper than the stack. */
function jsonOf(value: unknown): JsonValue | undefined {
  try {
    return jsonValue.safeParse(value).data;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function toMessage({ text, calls }: Answer): ModelMessage {
  return {
    role: 'assistant',
    content: [
      ...(text === '' ? [] : [{ type: 'text' as const, text }]),
      ...calls.map(({ id, name, input, metadata }) => ({
        type: 'tool-call' as const,
        toolCallId: id,
        toolName: name,
        input: input ?? {},
        ...(metadata && { providerOptions: metadata }),
      })),
    ],
  };
}

function toResults(calls: readonly ToolCall[], observations: readonly Seen[]): ModelMessage {
  return {
    role: 'tool',
    content: calls.map(({ id, name }, index): ToolResultPart => {
      const { text, isError } = observations[index] ?? { text: '', isError: true };
      return {
        type: 'tool-result',
        toolCallId: id,
        toolName: name,
        output: { type: isError ? 'error-text' : 'text', value: text },
      };
    }),
  };
}
