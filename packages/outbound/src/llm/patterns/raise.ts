import type { AgentParticipant } from '@millrace/contracts';
import { DEFAULT_PARTICIPANTS } from '../participants.js';
import {
  answerPrompt,
  criticPrompt,
  type Critique,
  critiquesPrompt,
  DRAFT_PROMPT,
  REVISION_PROMPT,
  SYNTHESIS_PROMPT,
} from '../prompts.js';
import { askForResult, assistant, DEFAULT_MAX_TURNS, systemOf, type Task, user } from '../task.js';
import type { Ask } from '../session.js';
import { runToolLoop } from '../tool-loop.js';

const DEFAULT_ROUNDS = 1;
const DRAFTER = 'drafter';

/**
 * Several agents confer: one drafts; in each round the participants look for faults, each by itself and by its own
 * role, and from the second round on with what the others found before; between rounds the draft is revised; at last
 * draft and critiques become the result.
 */
export async function raise(task: Task): Promise<object> {
  const rounds = task.config.rounds ?? DEFAULT_ROUNDS;
  const participants = task.config.participants ?? DEFAULT_PARTICIPANTS[task.agentType];
  const critiques: Critique[] = [];
  let draft = await makeDraft(task);
  for (let round = 1; round <= rounds; round += 1) {
    const found = await confer(task, { draft, participants, round, before: critiques });
    critiques.push(...found);
    if (round < rounds) draft = await revise(task, draft, found, round);
  }
  return askForResult(task, {
    phase: 'synthesis',
    messages: [
      ...task.messages,
      assistant(draft),
      user(`${critiquesPrompt(critiques)}\n\n${SYNTHESIS_PROMPT}`),
    ],
  });
}

async function makeDraft(task: Task): Promise<string> {
  const { session, recorder, tools, signal, config } = task;
  const question = {
    phase: 'draft' as const,
    participant: DRAFTER,
    system: systemOf(task, DRAFT_PROMPT, answerPrompt(task.schema.json)),
    messages: [...task.messages],
  } satisfies Ask;
  const maxTurns = config.max_turns ?? DEFAULT_MAX_TURNS;
  const draft =
    tools.length === 0
      ? (await session.ask(question)).text
      : (await runToolLoop(session, { ...question, tools, maxTurns, recorder, signal })).transcript;
  recorder.entry({ phase: 'draft', participant: DRAFTER, text: draft });
  return draft;
}

interface Round {
  readonly draft: string;
  readonly participants: readonly AgentParticipant[];
  readonly round: number;
  readonly before: readonly Critique[];
}

/** Side by side; recorded in the order of the participants, whoever is first. */
async function confer(task: Task, { draft, participants, round, before }: Round): Promise<Critique[]> {
  const talk = before.length === 0 ? '' : `\n\nWhat was found before:\n${critiquesPrompt(before)}`;
  const found = await Promise.all(
    participants.map(async (participant): Promise<Critique> => {
      const answer = await task.session.ask({
        phase: 'critique',
        participant: participant.name,
        round,
        model: participant.model,
        parallel: participants.length,
        system: systemOf(task, criticPrompt(participant)),
        messages: [...task.messages, user(`The draft:\n${draft}${talk}`)],
      });
      return { participant: participant.name, round, text: answer.text };
    }),
  );
  for (const critique of found) task.recorder.entry({ phase: 'critique', ...critique });
  return found;
}

async function revise(task: Task, draft: string, found: readonly Critique[], round: number): Promise<string> {
  const answer = await task.session.ask({
    phase: 'revision',
    participant: DRAFTER,
    round,
    system: systemOf(task, answerPrompt(task.schema.json)),
    messages: [...task.messages, assistant(draft), user(`${critiquesPrompt(found)}\n\n${REVISION_PROMPT}`)],
  });
  task.recorder.entry({ phase: 'revision', participant: DRAFTER, round, text: answer.text });
  return answer.text;
}
