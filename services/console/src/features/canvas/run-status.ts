import type { ShownStatus } from '@/components/status';
import { createStore, useStore, type StoreApi } from 'zustand';

/** What a card shows of a step in one execution. Times are milliseconds since 1970. */
export interface StepRun {
  readonly status: ShownStatus;
  /** From 1; 0 before the first. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly startedAtMs: number | null;
  /** Of a step that has ended. */
  readonly durationMs: number | null;
  /** When the next attempt is due, or a sleep ends. */
  readonly dueAtMs: number | null;
  /** The port it left by, of kinds that have ports. */
  readonly branch: string | null;
  readonly iterations: { readonly done: number; readonly total: number | null } | null;
  readonly tokens: number | null;
}

export const NEVER_RAN: StepRun = {
  status: 'pending',
  attempt: 0,
  maxAttempts: 1,
  startedAtMs: null,
  durationMs: null,
  dueAtMs: null,
  branch: null,
  iterations: null,
  tokens: null,
};

interface RunState {
  readonly steps: ReadonlyMap<string, StepRun>;
  /** Timers show this moment while nothing new is known; null lets them run. */
  readonly frozenAtMs: number | null;
}

/**
 * The state of the steps of one execution, by node id, apart from the document, so that a frame redraws the cards it
 * concerns and nothing else.
 */
export interface RunStatus {
  readonly store: StoreApi<RunState>;
  /** Takes effect with the next animation frame, together with all other changes until then. */
  change(nodeId: string, change: Partial<StepRun>): void;
  /** At once, in place of everything that is known or still to be applied. */
  replace(steps: Iterable<readonly [nodeId: string, run: StepRun]>): void;
  /** Stops the timers at a moment, or lets them run again. */
  freeze(atMs: number | null): void;
}

/** `schedule` runs a function once, soon: by default with the next animation frame. */
export function createRunStatus(
  schedule: (flush: () => void) => unknown = (flush) => requestAnimationFrame(flush),
): RunStatus {
  const store = createStore<RunState>(() => ({ steps: new Map(), frozenAtMs: null }));
  const pending = new Map<string, Partial<StepRun>>();

  const flush = (): void => {
    if (pending.size === 0) return;
    const steps = new Map(store.getState().steps);
    for (const [id, change] of pending) steps.set(id, { ...(steps.get(id) ?? NEVER_RAN), ...change });
    pending.clear();
    store.setState({ steps });
  };
  return {
    store,
    change(nodeId, change) {
      if (pending.size === 0) schedule(flush);
      pending.set(nodeId, { ...pending.get(nodeId), ...change });
    },
    replace(steps) {
      pending.clear();
      store.setState({ steps: new Map(steps) });
    },
    freeze: (frozenAtMs) => store.setState({ frozenAtMs }),
  };
}

/** The canvas of a builder without a run. */
export const NO_RUN = createRunStatus();

export const useStepRun = (run: RunStatus, nodeId: string): StepRun | undefined =>
  useStore(run.store, ({ steps }) => steps.get(nodeId));

export const useFrozenAt = (run: RunStatus): number | null =>
  useStore(run.store, (state) => state.frozenAtMs);

export type EdgeRun = 'taken' | 'untaken' | 'failed' | 'skipped';

/**
 * What became of an edge, from the steps at its ends; undefined while it is open. `port` is what the edge selects, or
 * null where it is always followed.
 */
export function edgeRun(
  port: string | null,
  source: StepRun | undefined,
  target: StepRun | undefined,
): EdgeRun | undefined {
  switch (source?.status) {
    case 'completed':
      if (port === null) return 'taken';
      return port === source.branch ? 'taken' : 'untaken';
    case 'failed': {
      if (port === 'error') return 'taken';
      // Its author may have asked to go on after an error.
      const went = target !== undefined && target.status !== 'pending' && target.status !== 'skipped';
      return went ? 'taken' : 'failed';
    }
    case 'skipped':
    case 'discarded':
    case 'cancelled':
      return 'skipped';
    default:
      return undefined;
  }
}

export const useEdgeRun = (
  run: RunStatus,
  port: string | null,
  source: string,
  target: string,
): EdgeRun | undefined =>
  useStore(run.store, ({ steps }) => edgeRun(port, steps.get(source), steps.get(target)));
