import { isTerminal, type ExecutionStatus } from '@millrace/contracts';
import { isEventFrame, type StreamFrame } from '@millrace/client';
import * as z from 'zod';
import type { RunStatus, StepRun } from '@/features/canvas/run-status';

/** What cards need of the data of a step's events. */
const stepData = z.object({
  step_id: z.string(),
  iteration: z.string().optional(),
  attempt: z.number().default(1),
  wait: z.unknown(),
  due_at: z.string().optional(),
  duration_ms: z.number().nullable().default(null),
  branch: z.string().nullable().default(null),
  next_attempt: z.number().default(1),
  retry_at: z.string().optional(),
});

const moment = (at: string | undefined): number | null => (at === undefined ? null : Date.parse(at));

/** What a frame says of a step's card; undefined where it is about none. */
export function stepChange(
  frame: StreamFrame,
): readonly [stepId: string, change: Partial<StepRun>] | undefined {
  if (!isEventFrame(frame)) return undefined;
  const read = stepData.safeParse(frame.data);
  // Iterations of a body are on the page of the execution; here a step has one card.
  if (!read.success || read.data.iteration !== undefined) return undefined;
  const {
    step_id: id,
    attempt,
    wait,
    due_at,
    duration_ms: durationMs,
    branch,
    next_attempt,
    retry_at,
  } = read.data;
  switch (frame.type) {
    case 'step_started': {
      const status = wait === undefined ? 'running' : 'waiting';
      const startedAtMs = Date.parse(frame.timestamp);
      return [id, { status, attempt, startedAtMs, durationMs: null, dueAtMs: moment(due_at) }];
    }
    case 'step_completed':
      return [id, { status: 'completed', durationMs, branch, dueAtMs: null }];
    case 'step_failed':
      return [id, { status: 'failed', durationMs, dueAtMs: null }];
    case 'step_retrying':
      return [id, { status: 'retrying', attempt: next_attempt, dueAtMs: moment(retry_at) }];
    case 'step_skipped':
      return [id, { status: 'skipped' }];
    case 'step_reused':
      return [id, { status: 'completed' }];
    case 'step_discarded':
      return [id, { status: 'discarded' }];
    default:
      return undefined;
  }
}

/** Shows a run on the cards of a canvas, to its end. Answers how it ended; throws what following throws. */
export async function followRun(
  frames: AsyncIterable<StreamFrame>,
  run: RunStatus,
  onStatus: (status: ExecutionStatus) => void,
): Promise<void> {
  onStatus('queued');
  for await (const frame of frames) {
    const change = stepChange(frame);
    if (change) run.change(...change);
    if (frame.type === 'started' || frame.type === 'resumed') onStatus('running');
    if (frame.type === 'waiting' || frame.type === 'paused') onStatus(frame.type);
    if (isTerminal(frame.type)) {
      onStatus(frame.type);
      run.freeze(Date.parse(frame.timestamp));
      return;
    }
  }
}
