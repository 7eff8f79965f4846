/** The events of a ten-step execution, as large as the product writes them. */
import type { AppendedEvent } from '@millrace/persistence';
import { STEPS, type Work } from '../harness/workflows.js';

const json = (data: object): string => JSON.stringify(data);

export function started(workerId: string): AppendedEvent {
  return { type: 'started', data: json({ worker_id: workerId }) };
}

export function stepStarted(work: Work, index: number, executionId: string, url: string): AppendedEvent {
  const step = stepOf(work, index);
  if (work === 'pure') return { type: 'step_started', data: json(step) };
  const input = { method: 'GET', url, timeout_seconds: 30, max_bytes: 5_000_000, idempotent: false };
  const key = `exec_${executionId}/step_${index}/`;
  return { type: 'step_started', data: json({ ...step, input, idempotency_key: key }) };
}

export function stepCompleted(work: Work, index: number, output: unknown): AppendedEvent {
  const step = { ...stepOf(work, index), progress: (index + 1) * (100 / STEPS) };
  return { type: 'step_completed', data: json({ ...step, output, duration_ms: 0.123 }) };
}

export function completed(output: unknown): AppendedEvent {
  return { type: 'completed', data: json({ steps_completed: STEPS, output }) };
}

function stepOf(work: Work, index: number): object {
  const kind = work === 'effectful' ? 'http_request' : index % 2 === 1 ? 'transform' : 'set';
  return { step_id: `step_${index}`, step_name: `step_${index}`, kind, attempt: 1, progress: 0 };
}
