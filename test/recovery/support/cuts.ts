/** Places in the life of an execution where its worker dies. */
import { PART_SIZE } from './all-kinds.js';
import type { NewEvent } from '@millrace/contracts';
import type { Claim } from '@millrace/runtime';

/** The worker dies before it writes there, or with the write committed and before it hears of that. */
export type Fate = 'lost' | 'committed';

/** Which execution: one that was submitted, or a child of it. */
export interface Address {
  /** `parameters.key`, the same in its children. */
  key: string;
  /** `''`, or the step that started the child and its slot: `sub.0`. */
  child: string;
}

export interface Cut extends Address {
  /** An event as `placeOf` names it; `wait paid`, `child sub.0`: made known outside; `half many`: the first part of a map; `read pause`: out of the inbox. */
  place: string;
  fate: Fate;
}

/** What a victim tells: it runs, or has understood; or an execution stands at its cut. */
export type Report = { ready: true } | { held: string; cut: Cut };

/** `step_started book`, `step_completed item/3`, `waiting`. */
export function placeOf({ type, data }: Pick<NewEvent, 'type'> & { data: object }): string {
  const { step_id, iteration, part, index }: Record<string, unknown> = { ...data };
  const numbered = [iteration, part, index].filter((number) => number !== undefined);
  return [type, [step_id, ...numbered].join('/')].filter((word) => word !== '').join(' ');
}

export function addressOf({ parameters, part, parentId }: Claim): Address {
  const { key, as } = parameters;
  if (part !== null) {
    const slot = (part.loop.offset ?? 0) / PART_SIZE;
    return { key: String(key), child: `${part.stepId}.${String(slot)}` };
  }
  return { key: String(key), child: parentId === null ? '' : `${String(as)}.0` };
}

export function nameOf({ key, child, place }: Omit<Cut, 'fate'>): string {
  return JSON.stringify([key, child, place]);
}
