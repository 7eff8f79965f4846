import type { AgentType, StepKind } from '@millrace/contracts';
import type { BuilderDocument } from './document';
import { graphsOf } from './scope';

/** Every step id of the document, those in bodies and in `on_failure` included. */
export function stepIds(document: BuilderDocument): Set<string> {
  const ids = new Set<string>();
  for (const [, { nodes }] of graphsOf(document)) for (const { id } of nodes) ids.add(id);
  return ids;
}

const MOST = 64;

/** `base`, or `base_2`, `base_3` and so on where that is taken; never longer than an id may be. Adds it to `taken`. */
export function freshId(base: string, taken: Set<string>): string {
  // `http_request_2` copied is `http_request_3`, not `http_request_2_2`.
  const stem = base.replace(/_\d+$/, '') || base;
  let id = base.slice(0, MOST);
  for (let next = 2; taken.has(id); next += 1) id = `${stem.slice(0, MOST - 8)}_${next}`;
  taken.add(id);
  return id;
}

/** What a new step is called: its kind, or its agent type. */
export const idBase = (kind: StepKind, agent: AgentType | undefined): string => agent ?? kind;
