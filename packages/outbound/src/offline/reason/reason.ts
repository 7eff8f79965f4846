import type { ReasoningEntry } from '@millrace/contracts';
import type { AgentResults } from '../../agents/outputs.js';
import type { AgentConfig, AgentType } from '../../agents/types.js';
import { CHECKS } from './checks.js';
import { PERSPECTIVES } from './perspectives.js';

export interface Reasoned<Type extends AgentType> {
  readonly result: AgentResults[Type];
  readonly entries: readonly ReasoningEntry[];
}

/** The lists of a result and how long they are: what a step of the work has brought. */
function inventory(result: object): string {
  const lists = Object.entries(result).flatMap(([key, value]) =>
    Array.isArray(value) && key !== 'notes' ? [`${String(value.length)} ${key}`] : [],
  );
  return lists.length === 0 ? 'nothing' : lists.join(', ');
}

function withNotes<Result extends { notes: string[] }>(result: Result, notes: readonly string[]): Result {
  return { ...result, notes: [...result.notes, ...notes.filter((note) => !result.notes.includes(note))] };
}

/** Tells what was read and made, and checks the result by rules that every good result keeps. */
export function inSteps<Type extends AgentType>(
  agentType: Type,
  material: string,
  result: AgentResults[Type],
): Reasoned<Type> {
  const checks = CHECKS[agentType](result);
  const broken = checks.flatMap(({ rule, problem }) =>
    problem === null ? [] : [`${rule}: no (${problem}).`],
  );
  const entries: ReasoningEntry[] = [
    { phase: 'reasoning', text: `The material: ${material}.` },
    { phase: 'reasoning', text: `By the rules of ${agentType} it gives ${inventory(result)}.` },
    ...result.notes.map((text) => ({ phase: 'reasoning' as const, text })),
    ...checks.map(({ rule, problem }) => ({
      phase: 'check' as const,
      text: rule,
      ...(problem !== null && { error: problem }),
    })),
    {
      phase: 'answer',
      text: broken.length === 0 ? 'Every check holds.' : `${String(broken.length)} checks do not hold.`,
    },
  ];
  return { result: withNotes(result, broken), entries };
}

const MAX_ROUNDS = 3;

/** Several views of one draft; what they find goes into the notes of the result, said once, with who said it. */
export function inCouncil<Type extends AgentType>(
  agentType: Type,
  draft: AgentResults[Type],
  { participants, rounds = 1 }: Pick<AgentConfig, 'participants' | 'rounds'>,
): Reasoned<Type> {
  const perspectives = PERSPECTIVES[agentType];
  const names = participants?.map(({ name }) => name) ?? Object.keys(perspectives);
  const entries: ReasoningEntry[] = [
    { phase: 'draft', participant: 'drafter', text: `A draft with ${inventory(draft)}.` },
  ];
  const remarks = new Set<string>();
  let result = draft;
  for (let round = 1; round <= Math.min(rounds, MAX_ROUNDS); round += 1) {
    for (const participant of names) {
      const look = Object.hasOwn(perspectives, participant.toLowerCase())
        ? perspectives[participant.toLowerCase()]
        : undefined;
      const found = (look?.(result) ?? []).filter((remark) => !remarks.has(remark));
      found.forEach((remark) => remarks.add(remark));
      result = withNotes(
        result,
        found.map((remark) => `${participant}: ${remark}`),
      );
      const silence =
        look === undefined ? `There are no offline rules for "${participant}".` : 'Nothing to add.';
      const text = found.length > 0 ? found.join('\n') : silence;
      entries.push({ phase: 'critique', participant, round, text });
    }
  }
  const text =
    remarks.size === 0
      ? 'The draft stands as it is.'
      : `${String(remarks.size)} remarks were added to the notes.`;
  return { result, entries: [...entries, { phase: 'synthesis', text }] };
}
