import { ApiProblem } from '@millrace/client';
import type { JsonObject } from '@millrace/contracts';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { isSame, mergeDefinitions, type Conflict } from './merge';

/** What the platform has, and the revision it has it in. */
export interface Known {
  readonly definition: JsonObject;
  readonly revision: number;
}

export interface SaverPorts {
  /** What is being edited now, normalized as `read` normalizes. */
  current(): JsonObject;
  /** Puts another definition on the canvas: a merged one, or the other side's. */
  replace(definition: JsonObject): void;
  read(): Promise<Known>;
  /** Throws ApiProblem 412 where `revision` is not what the platform has. Answers the new one. */
  write(definition: JsonObject, revision: number): Promise<number>;
  /** Keeps in this browser what the platform does not have yet; undefined: it has everything. */
  keep(copy: Unsaved | undefined): void;
  /** Runs once, later; the answer calls it off. */
  schedule(run: () => void, delayMs: number): () => void;
}

/** An edit and what it was made on: enough to go on with after a crash, and to merge. */
export interface Unsaved {
  readonly mine: JsonObject;
  readonly base: Known;
}

export type SaveStatus = 'saved' | 'saving' | 'offline' | 'refused' | 'conflict';

export interface SaveState {
  readonly status: SaveStatus;
  /** Of `offline` and `refused`. */
  readonly error?: unknown;
  /** Of `conflict`. */
  readonly conflicts: readonly Conflict[];
  readonly theirs?: Known | undefined;
  readonly revision: number;
}

export interface Saver {
  readonly store: StoreApi<SaveState>;
  /** To be called after every change of the document. */
  changed(): void;
  /** Saves now what is not saved; resolves when that is settled, however it went. */
  flush(): Promise<void>;
  /** Looks whether somebody else has changed it, where nothing here is unsaved. */
  refresh(): Promise<void>;
  /** After a publication: this is what the platform has now. */
  accept(known: Known): void;
  resolve(choice: 'mine' | 'theirs'): void;
  isSaved(): boolean;
  stop(): void;
}

export const SAVE_AFTER_MS = 800;
const RETRY_FIRST_MS = 1_000;
const RETRY_MOST_MS = 30_000;

/**
 * Saves a draft some time after the last edit, one request at a time. Nothing is ever lost: an edit is kept in this browser
 * until the platform has it, a failure is tried again, and when somebody else was faster the two are merged; only where
 * both changed the same field a person has to decide.
 */
export function createSaver(base: Known, ports: SaverPorts): Saver {
  let known = base;
  let callOff: (() => void) | undefined;
  let flight: Promise<void> | undefined;
  let failures = 0;
  /** Sent without an answer since the last success: the platform may have taken any of them. */
  let unanswered: JsonObject[] = [];
  let stopped = false;
  const store = createStore<SaveState>(() => ({ status: 'saved', conflicts: [], revision: base.revision }));
  const set = (status: SaveStatus, more: Partial<SaveState> = {}): void =>
    store.setState({
      status,
      conflicts: [],
      theirs: undefined,
      error: undefined,
      revision: known.revision,
      ...more,
    });
  const hasChanges = (): boolean => !isSame(ports.current(), known.definition);

  function later(delayMs: number): void {
    callOff?.();
    callOff = ports.schedule(() => {
      callOff = undefined;
      void flush();
    }, delayMs);
  }

  function changed(): void {
    if (stopped) return;
    ports.keep({ mine: ports.current(), base: known });
    if (store.getState().status === 'conflict') return;
    set('saving');
    later(SAVE_AFTER_MS);
  }

  function flush(): Promise<void> {
    callOff?.();
    callOff = undefined;
    if (stopped || store.getState().status === 'conflict') return Promise.resolve();
    flight ??= save().finally(() => {
      flight = undefined;
    });
    return flight;
  }

  async function save(): Promise<void> {
    // An edit during a request is saved by the next turn; the number of merges is bounded by the other side's patience.
    while (!stopped && hasChanges()) {
      set('saving');
      const definition = ports.current();
      try {
        const revision = await ports.write(definition, known.revision);
        known = { definition, revision };
        unanswered = [];
        failures = 0;
      } catch (error) {
        if (!(error instanceof ApiProblem)) unanswered.push(definition);
        if (!(error instanceof ApiProblem && error.status === 412)) return failed(error);
        const { revision } = known;
        if (!(await join())) return;
        // Refused as stale, and yet nothing newer is there: to repeat it at once would be to repeat it for ever.
        if (known.revision === revision) return failed(error);
      }
    }
    if (stopped) return;
    ports.keep(undefined);
    set('saved');
  }

  /** Takes the other side's changes in. False where a person has to decide, or it cannot be read. */
  async function join(): Promise<boolean> {
    try {
      return take(await ports.read());
    } catch (error) {
      failed(error);
      return false;
    }
  }

  function take(theirs: Known): boolean {
    if (unanswered.some((sent) => isSame(sent, theirs.definition))) {
      known = theirs;
      return true;
    }
    const mine = ports.current();
    const { definition, conflicts } = mergeDefinitions(known.definition, mine, theirs.definition);
    if (conflicts.length > 0) {
      set('conflict', { conflicts, theirs });
      return false;
    }
    known = theirs;
    if (!isSame(definition, mine)) ports.replace(definition);
    return true;
  }

  function failed(error: unknown): void {
    if (stopped) return;
    const isRefused =
      error instanceof ApiProblem && error.status < 500 && error.status !== 429 && error.status !== 401;
    set(isRefused ? 'refused' : 'offline', { error });
    // What was refused is refused again; the next edit may be another matter.
    if (isRefused) return;
    later(Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** failures));
    failures += 1;
  }

  return {
    store,
    changed,
    flush,
    isSaved: () => store.getState().status === 'saved' && !hasChanges(),
    async refresh() {
      if (stopped || flight || store.getState().status !== 'saved' || hasChanges()) return;
      const theirs = await ports.read();
      if (theirs.revision === known.revision || flight) return;
      if (take(theirs) && !hasChanges()) set('saved');
      else changed();
    },
    accept(next) {
      known = next;
      if (hasChanges()) changed();
      else {
        ports.keep(undefined);
        set('saved');
      }
    },
    resolve(choice) {
      const { theirs } = store.getState();
      if (!theirs) return;
      const mine = mergeDefinitions(known.definition, ports.current(), theirs.definition).definition;
      known = theirs;
      set('saving');
      ports.replace(choice === 'mine' ? mine : theirs.definition);
      changed();
      void flush();
    },
    stop() {
      stopped = true;
      callOff?.();
    },
  };
}
