import type { StoredEvent } from '@millrace/persistence';
import { expect } from 'chai';

/** `step_started a`, `completed`: enough to compare a whole log at a glance. */
export function told(events: readonly StoredEvent[]): string[] {
  return events.map(({ type, data }) =>
    [type, data['step_id']].filter((part) => part !== undefined).join(' '),
  );
}

export function ofStep(events: readonly StoredEvent[], stepId: string): StoredEvent[] {
  return events.filter((event) => event.data['step_id'] === stepId);
}

/** The one event of this type, of this step where one is named. */
export function only(events: readonly StoredEvent[], type: string, stepId?: string): StoredEvent {
  const found = events.filter(
    (event) => event.type === type && (stepId === undefined || event.data['step_id'] === stepId),
  );
  const [event] = found;
  if (event === undefined || found.length !== 1) {
    throw new Error(`${String(found.length)} events ${type} ${stepId ?? ''}: ${told(events).join(', ')}`);
  }
  return event;
}

export function outputOf(events: readonly StoredEvent[], stepId: string): unknown {
  return only(events, 'step_completed', stepId).data['output'];
}

/** Something inside an event's data, by path. */
export function at(event: StoredEvent | undefined, ...path: (string | number)[]): unknown {
  let here: unknown = event?.data;
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Reflect.get(here, key);
  }
  return here;
}

/** Numbered from 1 without gaps, exactly one end, and no step's result recorded twice. */
export function expectSound(events: readonly StoredEvent[]): void {
  expect(events.map((event) => event.seq)).to.deep.equal(events.map((_, index) => index + 1));
  const ends = events.filter((event) =>
    ['completed', 'failed', 'cancelled', 'timed_out'].includes(event.type),
  );
  expect(ends).to.have.length(1);
  expect(events.at(-1)).to.equal(ends[0]);
  const results = events
    .filter((event) =>
      ['step_completed', 'step_failed', 'step_skipped', 'step_discarded'].includes(event.type),
    )
    .map((event) => event.data['step_id']);
  expect(new Set(results).size).to.equal(results.length);
}
