import type { ServerFrame } from '@millrace/contracts';
import type { Position } from './connection.js';
import { Sequencer, type ReadEvents } from './sequencer.js';

export interface PlaceStart {
  readonly lastSeq?: number | undefined;
  readonly executions?: Readonly<Record<string, number>> | undefined;
  readonly since?: string | undefined;
}

/** Where a stream stands: what the consumer has, and from where a new connection continues. */
export interface Place {
  readonly sequencer: Sequencer;
  /** Notes the server's clock as it passes by. */
  note(frame: ServerFrame): void;
  /** For the next connection; what happens until it stands is owed to the consumer from here on. */
  next(): Position;
}

/** Clocks of the database and of stream nodes differ by less than this. */
const CLOCK_MARGIN_MS = 10_000;

export function executionPlace(id: string, start: PlaceStart, read: ReadEvents): Place {
  const sequencer = new Sequencer(read, { [id]: start.lastSeq ?? 0 });
  return {
    sequencer,
    note: () => undefined,
    next: () => ({ kind: 'execution', executionId: id, lastSeq: sequencer.lastSeq(id) }),
  };
}

export function workflowPlace(start: PlaceStart, read: ReadEvents): Place {
  const sequencer = new Sequencer(read, start.executions ?? {});
  let since = start.since;
  return {
    sequencer,
    note(frame) {
      if (!('timestamp' in frame)) return;
      const moment = Date.parse(frame.timestamp) - CLOCK_MARGIN_MS;
      if (Number.isNaN(moment)) return;
      if (since === undefined || moment > Date.parse(since)) since = new Date(moment).toISOString();
    },
    next() {
      if (since === undefined) return { kind: 'live' };
      sequencer.oweSince(since);
      return { kind: 'workflow', since, executions: sequencer.positions(Date.now()) };
    },
  };
}
