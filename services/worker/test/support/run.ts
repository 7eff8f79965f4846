import { definition, type NewEvent } from '@millrace/contracts';
import { compile } from '@millrace/engine';
import type { AppendRequest, ChildRequest, ChildStart, OpenWait } from '@millrace/runtime';
import { createLogger } from '@millrace/service-kit';
import { ExecutionRun, type RunEnd, type RunOptions } from '../../src/run/execution-run.js';
import { approvalStep } from '../../src/steps/approval.js';
import { conditionStep } from '../../src/steps/condition.js';
import { delayStep } from '../../src/steps/delay.js';
import { mapStep } from '../../src/steps/map.js';
import { repeatStep } from '../../src/steps/repeat.js';
import { setStep } from '../../src/steps/set.js';
import { subWorkflowStep } from '../../src/steps/sub-workflow.js';
import { switchStep } from '../../src/steps/switch.js';
import type { StepOutcome } from '../../src/steps/types.js';
import { waitForEventStep } from '../../src/steps/wait-for-event.js';
import { claimOf } from './claim.js';

type Door = RunOptions['door'];
type Signal = Awaited<ReturnType<Door['readSignals']>>[number];
type Call = 'append' | 'openWaits' | 'startChildren' | 'storeOutput' | 'readSignals' | 'writeSnapshot';

/** What one execution has in the database, and the means to hold any answer of it back. */
export class OneExecution {
  readonly events: NewEvent[] = [];
  readonly inbox: Signal[] = [];
  readonly waits: OpenWait[] = [];
  readonly children: ChildRequest[] = [];
  readonly calls: Call[] = [];
  status = 'running';
  inboxRead = 0;
  wakeAt: Date | null = null;
  /** Appends that began while another was under way. */
  overlaps = 0;
  startChild: (request: ChildRequest) => ChildStart = () => ({ ok: true, executionId: 'child' });
  #appending = 0;
  readonly #held = new Map<Call, { arrived(): void; opened: Promise<void> }>();

  constructor(public seq: number) {}

  get types(): string[] {
    return this.events.map(({ type }) => type);
  }

  /** The next call of this kind waits until `release`; `reached` resolves when it has come. */
  hold(call: Call): { reached: Promise<void>; release(): void } {
    let release = (): void => undefined;
    let arrived = (): void => undefined;
    const reached = new Promise<void>((resolve) => (arrived = resolve));
    const opened = new Promise<void>((resolve) => (release = resolve));
    this.#held.set(call, { arrived, opened });
    return {
      reached,
      release: () => {
        release();
      },
    };
  }

  async #enter(call: Call): Promise<void> {
    this.calls.push(call);
    const held = this.#held.get(call);
    if (held === undefined) return;
    this.#held.delete(call);
    held.arrived();
    await held.opened;
  }

  readonly door: Door = {
    append: async (request) => {
      if (this.#appending > 0) this.overlaps += 1;
      this.#appending += 1;
      const sent = { ...request, events: [...request.events] };
      await this.#enter('append');
      await new Promise(setImmediate);
      this.#appending -= 1;
      return this.#commit(sent) ? { kind: 'committed' } : { kind: 'fenced' };
    },
    storeOutput: async (_id, output) => {
      await this.#enter('storeOutput');
      return { output };
    },
    loadOutputs: () => Promise.resolve(),
    readSignals: async (_id, after) => {
      await this.#enter('readSignals');
      return this.inbox.filter(({ number }) => number > after);
    },
    readSecrets: () => Promise.reject(new Error('no secrets')),
    openBudget: () => Promise.resolve(),
    budgetLeft: () => Promise.resolve({ tokens: null, costUsd: null }),
    spendBudget: () => Promise.resolve(),
    writeSnapshot: () => this.#enter('writeSnapshot'),
    openWaits: async (_execution, waits) => {
      await this.#enter('openWaits');
      this.waits.push(...waits);
    },
    closeWaits: () => Promise.resolve(),
    startChildren: async (_parent, requests) => {
      await this.#enter('startChildren');
      this.children.push(...requests);
      return requests.map((request) => this.startChild(request));
    },
    cancelChildren: () => Promise.resolve(0),
  };

  #commit({ seq, events, outcome, inboxSeen }: AppendRequest): boolean {
    const gives = outcome.status === 'waiting' || outcome.status === 'paused';
    if (this.status !== 'running' || seq !== this.seq) return false;
    if (gives && inboxSeen !== this.inbox.length) return false;
    this.events.push(...events);
    this.seq += events.length;
    this.status = outcome.status;
    this.inboxRead = inboxSeen;
    if (outcome.status === 'waiting') this.wakeAt = outcome.wakeAt;
    return true;
  }
}

export interface RunSetup {
  nodes: readonly object[];
  edges?: readonly object[];
  more?: object;
  /** What an `http_request` comes to, by step; those that are not named succeed at once. */
  http?: Record<string, (signal: AbortSignal) => Promise<StepOutcome>>;
  options?: Partial<RunOptions>;
}

/** A run of its own on one execution, with the real steps that need nothing but themselves. */
export function setupRun({ nodes, edges = [], more = {}, http = {}, options = {} }: RunSetup) {
  const compiled = compile(definition.parse({ name: 'Test', nodes, edges, ...more }));
  if (!compiled.ok) throw new Error(compiled.problems.map(({ message }) => message).join('; '));
  const claim = claimOf([], compiled.plan);
  const db = new OneExecution(claim.lastSeq);
  const none = { does: 'run', run: (): StepOutcome => ({ ok: true, output: null }) } as const;
  const run = new ExecutionRun(claim, {
    workerId: 'w',
    isLeaseHeld: () => true,
    door: db.door,
    limits: { maxEvents: 1_000, maxLogBytes: 1_000_000, snapshotEvery: 1_000 },
    ...{
      maxParallelSteps: 10,
      shortWaitMs: 50,
      abortGraceMs: 1_000,
      log: createLogger({ service: 'test', level: 'silent' }),
    },
    evaluator: { evaluate: () => ({ ok: true, value: null }), stop: () => Promise.resolve() },
    telemetry: { frame: () => undefined, line: () => undefined, stop: () => Promise.resolve() },
    loops: { maxItems: 256, partSize: 256, maxIterations: 10_000 },
    steps: {
      ...{ agent: none, code: none, transform: none },
      approval: { does: 'wait', ...approvalStep },
      condition: { does: 'run', ...conditionStep },
      delay: { does: 'sleep', ...delayStep },
      http_request: {
        does: 'run',
        run: ({ step, signal }) => http[step.id]?.(signal) ?? Promise.resolve({ ok: true, output: step.id }),
      },
      map: { does: 'loop', ...mapStep },
      repeat: { does: 'loop', ...repeatStep },
      set: { does: 'run', ...setStep },
      sub_workflow: { does: 'wait', ...subWorkflowStep },
      switch: { does: 'run', ...switchStep },
      wait_for_event: { does: 'wait', ...waitForEventStep },
    },
    ...options,
  });
  let ended: RunEnd | undefined;
  const ending = run.run().then((end) => (ended = end));
  return {
    ...{ claim, db, run, ending },
    get ended() {
      return ended;
    },
    send(kind: Signal['kind'], payload: Signal['payload']): void {
      db.inbox.push({ number: db.inbox.length + 1, kind, payload, sentBy: null });
      run.notify();
    },
  };
}

/** A step whose end is the test's to say. */
export function manual() {
  let end: (outcome: StepOutcome) => void = () => undefined;
  let begun = (): void => undefined;
  const started = new Promise<void>((resolve) => (begun = resolve));
  return {
    started,
    end: (outcome: StepOutcome = { ok: true, output: null }) => {
      end(outcome);
    },
    run: (): Promise<StepOutcome> => {
      begun();
      return new Promise((resolve) => (end = resolve));
    },
  };
}

export function step(id: string, type: string, data: object = {}): object {
  const configs: Record<string, object> = {
    set: { values: {} },
    http_request: { url: 'https://example.com', method: 'POST' },
    approval: { message: 'May it?' },
    delay: { seconds: 3_600 },
    sub_workflow: { workflow_id: 'wf_other' },
    wait_for_event: { name: 'paid', key: 'k' },
  };
  return { id, type, data: { config: configs[type] ?? {}, ...data } };
}
