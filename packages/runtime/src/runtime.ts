import type { JsonPieces, JsonValue } from '@millrace/contracts';
import {
  type BudgetAccount,
  budgetLeft,
  type Consumed,
  type ExecutionBudget,
  type ExecutionState,
} from '@millrace/engine';
import type { EventBus, ExecutionQueue, Log } from '@millrace/messaging';
import {
  type Keyring,
  type Database,
  openBudget,
  type Queryable,
  readBudgets,
  readExecutionSecrets,
  readSignals,
  releaseExecutions,
  type SecretAnswers,
  type Signal,
  spendBudgets,
  writeSnapshot,
} from '@millrace/persistence';
import { type Appender, createAppender } from './append.js';
import { createOutputStore, type StoredOutput } from './blobs.js';
import { type Approvals, createApprovals } from './approvals.js';
import { type Canceller, createCanceller } from './cancel.js';
import { type Claimer, createClaimer } from './claim.js';
import {
  type ChildParent,
  type ChildRequest,
  type Children,
  type ChildStart,
  createChildren,
} from './children.js';
import type { RuntimeContext } from './context.js';
import { type CrashProbe, noCrash } from './crash-points.js';
import { createDispatcher } from './dispatch.js';
import { createExternalEvents, type ExternalEvents } from './external-events.js';
import { createFollowUps } from './follow-up.js';
import { createLease, type Lease, type LeaseOptions } from './lease.js';
import { createOutage } from './outage.js';
import { createOutcomes } from './outcomes.js';
import { LogUnusableError } from './log-unusable.js';
import { persistently } from './persistently.js';
import { loadOutputs } from './recover.js';
import { createPlans, type Plans } from './plans.js';
import { createPublisher } from './publish.js';
import { DEFAULT_SETTINGS, type RuntimeSettings } from './settings.js';
import { createSignaller, type Signaller } from './signal.js';
import { createSubmitter, type Submitter } from './submit.js';
import { createRepeats, type Repeats } from './repeat.js';
import { createSteering, type Steering } from './steer.js';
import { createSweeps, type Sweeps } from './sweeps.js';
import { createWaits, type OpenWait, type WaitingExecution, type Waits } from './waits.js';
import { createVersions, type Versions } from './versions.js';

export interface RuntimeOptions {
  /** Connections with the role `millrace_engine`. */
  pool: Database;
  /** For renewing leases, so that a burst of other work cannot keep a worker from it; `pool` without one. */
  leasePool?: Queryable;
  queue: ExecutionQueue;
  events: EventBus;
  log: Log;
  settings?: Partial<RuntimeSettings>;
  crash?: CrashProbe;
  /** Opens secrets; without one every secret of a step is refused with `no_key`. */
  keyring?: Keyring | undefined;
}

/** What only the holder of a claim may do. */
export interface WorkerDoor {
  claim: Claimer['claim'];
  append: Appender['append'];
  /** Waits for the database, if need be, until `signal` fires; then it rejects. So does `readSignals`. */
  storeOutput(
    executionId: string,
    output: JsonValue,
    json: JsonPieces,
    signal: AbortSignal,
  ): Promise<StoredOutput>;
  /** What outputs that came by reference are; provides them. Rejects with LogUnusableError where one is gone. */
  loadOutputs(state: ExecutionState, signal: AbortSignal): Promise<void>;
  readSignals(executionId: string, afterNumber: number, signal: AbortSignal): Promise<Signal[]>;
  /** The values of secrets of the execution's owner, as of now; waits for the database like `storeOutput`. */
  readSecrets(executionId: string, names: readonly string[], signal: AbortSignal): Promise<SecretAnswers>;
  /** To be called before a model is, and before a child is started, where the plan has a budget. Waits like `storeOutput`. */
  openBudget(executionId: string, account: BudgetAccount, signal: AbortSignal): Promise<void>;
  /** What the budgets that this execution spends from leave at this moment (rule B3). Waits like `storeOutput`. */
  budgetLeft(executionId: string, signal: AbortSignal): Promise<ExecutionBudget>;
  /**
   * Counts what a call has used, for everybody who spends from the same budgets. Waits like `storeOutput`; once `signal`
   * has fired it tries once. Where the reply of the database was lost it may count twice.
   */
  spendBudget(executionId: string, used: Consumed, signal: AbortSignal): Promise<void>;
  /** Rejects when Postgres is away. */
  writeSnapshot(executionId: string, seq: number, state: string): Promise<void>;
  /**
   * Starts child executions of steps of a claimed one, or finds those that were started for the same places; per
   * request, in order. Waits for the database until `signal` fires; then it rejects.
   */
  startChildren(
    parent: ChildParent,
    requests: readonly ChildRequest[],
    signal: AbortSignal,
  ): Promise<ChildStart[]>;
  /** Asks attached children to end, all of them or those of a step. Rejects when Postgres is away; a sweep does it then. */
  cancelChildren: Children['cancel'];
  /** As `Waits.open`, but waits for the database until `signal` fires; then it rejects. */
  openWaits(execution: WaitingExecution, waits: readonly OpenWait[], signal: AbortSignal): Promise<void>;
  /** Rejects when Postgres is away; the end of the execution closes them in any case. */
  closeWaits: Waits['close'];
  /** Gives claims back, as in a drain; others may take them at once. Rejects when Postgres is away. */
  release(workerId: string, claims: readonly { executionId: string; epoch: number }[]): Promise<void>;
  createLease(options: LeaseOptions): Lease;
}

/** The only door to an execution. */
export interface Runtime {
  submit: Submitter['submit'];
  submitMany: Submitter['submitMany'];
  cancel: Canceller['cancel'];
  signal: Signaller['signal'];
  readonly steering: Steering;
  readonly repeats: Repeats;
  readonly approvals: Approvals;
  readonly externalEvents: ExternalEvents;
  readonly plans: Plans;
  readonly versions: Versions;
  readonly sweeps: Sweeps;
  readonly worker: WorkerDoor;
  readonly settings: RuntimeSettings;
  /** Resolves when everything given to the queue and to subscribers is out. Call before closing the stores. */
  settle(): Promise<void>;
}

export function createRuntime(options: RuntimeOptions): Runtime {
  const { pool: db, queue, events, log } = options;
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const databaseOutage = createOutage(log, {
    failed: 'the database does not answer: what is under way waits for it',
    recovered: 'the database answers again',
  });
  const crash = options.crash ?? noCrash;
  const { keyring } = options;
  const context: RuntimeContext = { db, queue, events, log, settings, databaseOutage, crash, keyring };
  const dispatcher = createDispatcher(context);
  const publisher = createPublisher(context);
  const submitter = createSubmitter(context, dispatcher, publisher);
  const signaller = createSignaller(context, dispatcher);
  const followUps = createFollowUps(context);
  const canceller = createCanceller(context, publisher, signaller, followUps);
  const appender = createAppender(context, publisher, followUps);
  const outcomes = createOutcomes(context, signaller);
  followUps.add('outcomes', outcomes.deliver);
  const waits = createWaits(context, signaller);
  followUps.add('waits', waits.closeOf);
  const plans = createPlans(context);
  const versions = createVersions(context, plans);
  const children = createChildren(context, { submitter, canceller, versions });
  followUps.add('children', children.cancelOf);
  const claimer = createClaimer(context, plans);
  const outputs = createOutputStore(context);

  return {
    submit: submitter.submit,
    submitMany: submitter.submitMany,
    cancel: canceller.cancel,
    signal: signaller.signal,
    steering: createSteering(context, signaller),
    repeats: createRepeats(context, plans),
    approvals: createApprovals(context, signaller),
    externalEvents: createExternalEvents(context, signaller),
    plans,
    versions,
    settings,
    sweeps: createSweeps(context, { dispatcher, canceller, outcomes, children, waits }),
    worker: {
      claim: claimer.claim,
      append: appender.append,
      storeOutput: (executionId, output, json, signal) =>
        persistently(databaseOutage, signal, () => outputs.store(executionId, output, json)),
      async loadOutputs(state, signal) {
        const missing = await persistently(databaseOutage, signal, () =>
          loadOutputs(db, state).catch((error: unknown) => {
            // No repetition brings it back.
            if (error instanceof LogUnusableError) return error;
            throw error;
          }),
        );
        if (missing !== undefined) throw missing;
      },
      async readSignals(executionId, afterNumber, signal) {
        const read = (): Promise<Signal[]> => readSignals(db, executionId, afterNumber);
        const signals = await persistently(databaseOutage, signal, read);
        if (signals.length > 0) crash('signals_read_not_recorded');
        return signals;
      },
      readSecrets: (executionId, names, signal) =>
        persistently(databaseOutage, signal, () => readExecutionSecrets(db, keyring, executionId, names)),
      startChildren: (parent, requests, signal) =>
        persistently(databaseOutage, signal, () => children.start(parent, requests)),
      cancelChildren: children.cancel,
      openWaits: (execution, opened, signal) =>
        persistently(databaseOutage, signal, () => waits.open(execution, opened)),
      openBudget: (executionId, account, signal) =>
        persistently(databaseOutage, signal, () => openBudget(db, executionId, account)),
      budgetLeft: async (executionId, signal) =>
        budgetLeft(await persistently(databaseOutage, signal, () => readBudgets(db, executionId))),
      spendBudget: (executionId, used, signal) =>
        persistently(databaseOutage, signal, () => spendBudgets(db, executionId, used)),
      closeWaits: waits.close,
      writeSnapshot: (executionId, seq, state) => writeSnapshot(db, executionId, seq, state),
      async release(workerId, claims) {
        if (claims.length === 0) return;
        const released = await releaseExecutions(db, workerId, claims, settings.redispatchSeconds);
        if (released.length === 0) return;
        crash('release_committed_not_dispatched');
        dispatcher.dispatch(released);
      },
      createLease: (leaseOptions) => createLease({ ...context, db: options.leasePool ?? db }, leaseOptions),
    },
    async settle() {
      await submitter.idle();
      await appender.idle();
      await followUps.idle();
      await Promise.all([dispatcher.idle(), publisher.idle()]);
    },
  };
}
