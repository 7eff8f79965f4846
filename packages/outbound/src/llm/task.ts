import type { ModelMessage } from 'ai';
import type { Recorder } from '../agents/recorder.js';
import { fail } from '../agents/errors.js';
import type { ResultSchema } from '../agents/result-schema.js';
import type { AgentConfig, AgentType } from '../agents/types.js';
import type { AgentTool } from '../tools/types.js';
import type { Answer } from './call.js';
import { parseAnswer } from './parse.js';
import { answerPrompt, repairPrompt, rolePrompt } from './prompts.js';
import { type Ask, nameOf, type Session } from './session.js';

/** What a pattern works on. */
export interface Task {
  readonly agentType: AgentType;
  readonly config: AgentConfig;
  readonly schema: ResultSchema;
  /** The turns before, then what is to be done. */
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly AgentTool[];
  readonly recorder: Recorder;
  readonly session: Session;
  readonly signal: AbortSignal | undefined;
}

export const DEFAULT_MAX_TURNS = 10;

export function user(content: string): ModelMessage {
  return { role: 'user', content };
}

/** Services refuse empty messages. */
export function assistant(content: string): ModelMessage {
  return { role: 'assistant', content: content.trim() === '' ? '(nothing)' : content };
}

/** The system message: who the agent is, then what is asked of it in this phase. */
export function systemOf(
  { agentType, config }: Pick<Task, 'agentType' | 'config'>,
  ...parts: string[]
): string {
  return [rolePrompt(agentType, config), ...parts].join('\n\n');
}

/** Asks for the result and enforces its shape. */
export async function askForResult(
  task: Task,
  ask: Pick<Ask, 'phase' | 'participant'> & { messages: ModelMessage[] },
): Promise<object> {
  const system = systemOf(task, answerPrompt(task.schema.json));
  const question = { ...ask, system, schema: task.schema.json };
  const answer = await task.session.ask(question);
  return enforce(task, answer, question);
}

/** The result in an answer; where it does not match, one more call says what is wrong, and the next mismatch is the end. */
export async function enforce(
  task: Task,
  answer: Pick<Answer, 'text' | 'ending'>,
  question: Pick<Ask, 'system' | 'messages' | 'participant' | 'model'>,
  /** What the model sees as its own words in the repair; more than the answer where it came to it by tools. */
  shown = answer.text,
): Promise<object> {
  const { schema, session, agentType, recorder } = task;
  const parsed = parseAnswer(answer.text, schema.check);
  if (parsed.ok) return parsed.value;
  const model = session.answeredBy === undefined ? '' : ` ${nameOf(session.answeredBy)}`;
  recorder.line('warn', { event: 'answer_invalid', problem: parsed.problem });
  if (answer.ending === 'cut')
    fail(
      'agent_output_invalid',
      `The model${model} reached its token limit before the end of its answer; raise max_tokens`,
    );
  const messages = [...question.messages, assistant(shown), user(repairPrompt(parsed.problem))];
  const second = await session.ask({ ...question, phase: 'repair', messages, schema: schema.json });
  const repaired = parseAnswer(second.text, schema.check);
  if (repaired.ok) return repaired.value;
  recorder.line('error', { event: 'answer_invalid', problem: repaired.problem });
  return fail(
    'agent_output_invalid',
    `The model${model} gave no valid ${agentType} result in two attempts: ${repaired.problem}`,
    { problem: repaired.problem.slice(0, 2_000), answer: second.text.slice(0, 1_000) },
  );
}
