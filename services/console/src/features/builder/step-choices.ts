import {
  AGENT_TYPES,
  STEP_KINDS,
  type AgentType,
  type JsonObject,
  type Node,
  type StepKind,
} from '@millrace/contracts';
import { identityOf, type Identity } from '@/features/canvas/identity';
import type { Point } from '@/features/canvas/graph';
import { asBody } from './document/read';
import { freshId, idBase } from './document/ids';

/** Something that can be added: an agent type, or a kind of tool. */
export interface StepChoice {
  readonly key: string;
  readonly kind: StepKind;
  readonly agentType: AgentType | undefined;
  readonly identity: Identity;
  /** What a search looks through besides the title. */
  readonly words: string;
}

function choice(kind: StepKind, agentType?: AgentType): StepChoice {
  const identity = identityOf(kind, agentType);
  const key = agentType === undefined ? kind : `agent:${agentType}`;
  return {
    key,
    kind,
    agentType,
    identity,
    words: `${key} ${identity.title} ${identity.description}`.toLowerCase(),
  };
}

export const AGENT_CHOICES: readonly StepChoice[] = AGENT_TYPES.map((type) => choice('agent', type));

export const TOOL_CHOICES: readonly StepChoice[] = (Object.keys(STEP_KINDS) as StepKind[])
  .filter((kind) => kind !== 'agent')
  .map((kind) => choice(kind));

export const STEP_CHOICES: readonly StepChoice[] = [...AGENT_CHOICES, ...TOOL_CHOICES];

/** Whether every word of a search is in the choice. */
export const matches = ({ words }: StepChoice, search: string): boolean =>
  search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => words.includes(word));

/** What a new step begins with: as much as is true of any, so that what is missing is asked for and not made up. */
const BEGINNINGS: Readonly<Record<Exclude<StepKind, 'map' | 'repeat'>, JsonObject>> = {
  agent: {},
  approval: { message: 'May this go on?' },
  code: { source: 'return input;' },
  condition: { expression: '' },
  delay: { seconds: 5 },
  http_request: { method: 'GET', url: '' },
  set: { values: {} },
  sub_workflow: { workflow_id: '' },
  switch: { expression: '', cases: [{ label: 'first' }] },
  transform: { expression: '$' },
  wait_for_event: { name: '' },
};

/** A new step; its id, and those of steps inside it, are added to `taken`. */
export function newStep(
  { kind, agentType }: Pick<StepChoice, 'kind' | 'agentType'>,
  at: Point,
  taken: Set<string>,
): Node {
  const id = freshId(idBase(kind, agentType), taken);
  return {
    id,
    type: kind,
    position: { x: Math.round(at.x), y: Math.round(at.y) },
    data: {
      ...(agentType !== undefined && { agent_type: agentType }),
      config: beginning(kind, taken),
      on_error: 'fail',
      join: 'all',
      disabled: false,
    },
  };
}

function beginning(kind: StepKind, taken: Set<string>): JsonObject {
  if (kind !== 'map' && kind !== 'repeat') return structuredClone(BEGINNINGS[kind]);
  const inner = newStep({ kind: 'set', agentType: undefined }, { x: 0, y: 0 }, taken);
  const body = asBody({ nodes: [inner], edges: [] });
  return kind === 'map' ? { items: '', body } : { max_iterations: 3, body };
}
