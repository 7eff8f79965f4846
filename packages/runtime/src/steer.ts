import { setTimeout } from 'node:timers/promises';
import { type ExecutionStatus, isTerminal, type SignalPayload } from '@millrace/contracts';
import { readControlState } from '@millrace/persistence';
import type { RuntimeContext } from './context.js';
import type { Signaller } from './signal.js';

export interface SteerRequest {
  /** The bare uuid. */
  executionId: string;
  by: { id: string; username: string };
  /** How long to wait for a worker to obey. */
  waitMs: number;
}

export type SteerAnswer =
  | { kind: 'unknown' }
  /** It has ended before it could be told. */
  | { kind: 'ended'; status: ExecutionStatus }
  /** It is so, also where it was so before. */
  | { kind: 'done'; status: ExecutionStatus }
  /** It was told and has not obeyed yet. */
  | { kind: 'told'; status: ExecutionStatus };

export interface Steering {
  /** Attempts that run come to their end first. A queued or waiting execution is paused by the worker that claims it. */
  pause(request: SteerRequest): Promise<SteerAnswer>;
  resume(request: SteerRequest): Promise<SteerAnswer>;
  /** Gives up a step and lets the flow go on behind it. Whether there is such a step without an outcome is the worker's to see. */
  skip(
    request: Omit<SteerRequest, 'waitMs'> & Omit<SignalPayload<'skip'>, 'by'>,
  ): Promise<Exclude<SteerAnswer, { kind: 'done' }>>;
}

const POLL_MS = 25;

export function createSteering({ db }: Pick<RuntimeContext, 'db'>, signaller: Signaller): Steering {
  async function statusOf(executionId: string): Promise<ExecutionStatus | undefined> {
    return (await readControlState(db, executionId))?.status;
  }

  /** Why a message was not taken: it had ended meanwhile. */
  async function ended(executionId: string): Promise<SteerAnswer & { kind: 'unknown' | 'ended' }> {
    const status = await statusOf(executionId);
    return status === undefined ? { kind: 'unknown' } : { kind: 'ended', status };
  }

  async function steer(
    kind: 'pause' | 'resume',
    { executionId, by, waitMs }: SteerRequest,
  ): Promise<SteerAnswer> {
    const state = await readControlState(db, executionId);
    if (state === undefined) return { kind: 'unknown' };
    if (isTerminal(state.status)) return { kind: 'ended', status: state.status };
    const isObeyed = (status: ExecutionStatus): boolean => (status === 'paused') === (kind === 'pause');
    // What lies unread may be the opposite order: then this one has to come after it.
    if (isObeyed(state.status) && !state.hasUnread) return { kind: 'done', status: state.status };
    const payload: SignalPayload<'pause'> = { by: by.username };
    if (!(await signaller.signal(executionId, { kind, payload, sentBy: by.id }))) return ended(executionId);
    const deadline = performance.now() + waitMs;
    for (;;) {
      const status = await statusOf(executionId);
      if (status === undefined) return { kind: 'unknown' };
      if (isTerminal(status)) return { kind: kind === 'pause' ? 'ended' : 'done', status };
      if (isObeyed(status)) return { kind: 'done', status };
      if (performance.now() >= deadline) return { kind: 'told', status };
      await setTimeout(POLL_MS);
    }
  }

  return {
    pause: (request) => steer('pause', request),
    resume: (request) => steer('resume', request),
    async skip({ executionId, by, step_id, iteration, output }) {
      const payload = {
        ...{ by: by.username, step_id },
        ...(iteration !== undefined && { iteration }),
        ...(output !== undefined && { output }),
      } satisfies SignalPayload<'skip'>;
      if (!(await signaller.signal(executionId, { kind: 'skip', payload, sentBy: by.id }))) {
        return ended(executionId);
      }
      const status = await statusOf(executionId);
      return status === undefined ? { kind: 'unknown' } : { kind: 'told', status };
    },
  };
}
