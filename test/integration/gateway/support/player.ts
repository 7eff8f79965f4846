/** Plays the worker: claims an execution and writes what the test says happened, through the runtime's own door. */
import { randomUUID } from 'node:crypto';
import { executionUuid, type JsonValue, type NewEvent, type TerminalStatus } from '@millrace/contracts';
import { createPostgresMessaging, type Messaging } from '@millrace/messaging';
import {
  type AppendOutcome,
  claimExecutions,
  createPool,
  readEvents,
  readSignals,
  renewWorker,
  registerWorker,
  type Signal,
  type StoredEvent,
} from '@millrace/persistence';
import { createRuntime, type Runtime } from '@millrace/runtime';
import type pg from 'pg';
import { silentLog } from '../../../support/engine.js';

export interface Player {
  readonly pool: pg.Pool;
  readonly runtime: Runtime;
  /** Claims it and appends these events; it stays with this player unless the outcome gives it back. */
  play(executionId: string, events: readonly NewEvent[], outcome?: AppendOutcome): Promise<void>;
  /** Runs it to a failure of `step` with this message, after these outputs of other steps. */
  fail(
    executionId: string,
    options: { step: string; message?: string; code?: string; outputs?: Record<string, JsonValue> },
  ): Promise<void>;
  complete(executionId: string, outputs: Record<string, JsonValue>): Promise<void>;
  events(executionId: string): Promise<StoredEvent[]>;
  signals(executionId: string): Promise<Signal[]>;
  stop(): Promise<void>;
}

const base = (stepId: string) => ({
  step_id: stepId,
  step_name: stepId,
  kind: 'set',
  attempt: 1,
  progress: 50,
});

export const stepCompleted = (stepId: string, output: JsonValue, branch?: string): NewEvent => ({
  type: 'step_completed',
  data: { ...base(stepId), output, duration_ms: 1, ...(branch !== undefined && { branch }) },
});
export const stepStarted = (stepId: string): NewEvent => ({ type: 'step_started', data: base(stepId) });
export const stepSkipped = (stepId: string): NewEvent => ({
  type: 'step_skipped',
  data: { ...base(stepId), reason: 'branch' },
});
export const started: NewEvent = { type: 'started', data: { worker_id: 'player', steps_total: 1 } };
export const paused = (by = 'admin'): NewEvent => ({ type: 'paused', data: { by } });

export async function createPlayer(databaseUrl: string): Promise<Player> {
  const pool = createPool({ databaseUrl, role: 'millrace_engine', max: 2, applicationName: 'player' });
  const messaging: Messaging = createPostgresMessaging({ databaseUrl, name: 'player', log: silentLog });
  const { queue, events } = messaging;
  const runtime = createRuntime({ pool, queue, events, log: silentLog });
  const workerId = randomUUID();
  await registerWorker(pool, { workerId, host: 'h', pid: 1, version: 'test', slots: 10 }, 600);

  const uuid = (id: string): string => executionUuid(id) ?? id;

  const player: Player = {
    pool,
    runtime,
    async play(executionId, happened, outcome = { status: 'running' }) {
      const id = uuid(executionId);
      const [claimed] = await claimExecutions(pool, workerId, [id]);
      const position = claimed ?? (await held(pool, workerId, id));
      const answer = await runtime.worker.append(
        {
          executionId: id,
          workflowId: position.workflowId,
          epoch: position.epoch,
          seq: position.lastSeq,
          events: happened,
          outcome,
          inboxSeen: position.inbox,
          stepsCompleted: 0,
          currentStep: null,
        },
        new AbortController().signal,
      );
      if (answer.kind !== 'committed') throw new Error(`the append was ${answer.kind}`);
    },
    async fail(executionId, { step, message = 'no', code = 'boom', outputs = {} }) {
      const error = { code, message, step_id: step, attempt: 1 };
      await player.play(
        executionId,
        [
          started,
          ...Object.entries(outputs).map(([id, output]) => stepCompleted(id, output)),
          { type: 'step_failed', data: { ...base(step), error, duration_ms: 1, handling: 'fail' } },
          { type: 'failed', data: { error } },
        ],
        ended('failed', JSON.stringify(error)),
      );
    },
    async complete(executionId, outputs) {
      const completed = Object.entries(outputs).map(([id, output]) => stepCompleted(id, output));
      const end: NewEvent = { type: 'completed', data: { steps_completed: completed.length } };
      await player.play(executionId, [started, ...completed, end], ended('completed'));
    },
    events: (executionId) => readEvents(pool, uuid(executionId), 0, 1_000),
    signals: (executionId) => readSignals(pool, uuid(executionId), 0),
    async stop() {
      await renewWorker(pool, workerId, { running: 0, draining: true }, 0);
      await runtime.settle();
      await messaging.close();
      await pool.end();
    },
  };
  return player;
}

function ended(status: TerminalStatus, error: string | null = null): AppendOutcome {
  return { status, result: null, error };
}

/** Where an execution stands that this worker has claimed before. */
async function held(
  pool: pg.Pool,
  workerId: string,
  executionId: string,
): Promise<{ workflowId: string; epoch: number; lastSeq: number; inbox: number }> {
  const { rows } = await pool.query<{ workflow_id: string; epoch: number; last_seq: number; inbox: number }>(
    'SELECT workflow_id, epoch, last_seq, inbox FROM execution_state WHERE execution_id = $1 AND worker_id = $2',
    [executionId, workerId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`${executionId} cannot be claimed`);
  return { workflowId: row.workflow_id, epoch: row.epoch, lastSeq: row.last_seq, inbox: row.inbox };
}
