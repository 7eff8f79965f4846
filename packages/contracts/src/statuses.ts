import * as z from 'zod';

/**
 * queued -> running <-> waiting, running <-> paused; from any of these to exactly one of the four terminal ones.
 * The legal moves are a table in `engine/src/status.ts`.
 */
export const EXECUTION_STATUSES = [
  'queued',
  'running',
  'waiting',
  'paused',
  'completed',
  'failed',
  'cancelled',
  'timed_out',
] as const;
export const executionStatus = z.enum(EXECUTION_STATUSES).meta({ id: 'ExecutionStatus' });
export type ExecutionStatus = z.infer<typeof executionStatus>;

export const TERMINAL_STATUSES = ['completed', 'failed', 'cancelled', 'timed_out'] as const;
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];

const terminal: ReadonlySet<string> = new Set(TERMINAL_STATUSES);
export function isTerminal(status: string): status is TerminalStatus {
  return terminal.has(status);
}

export const STEP_STATUSES = [
  'pending',
  'running',
  'sleeping',
  'waiting',
  'retrying',
  'completed',
  'failed',
  'skipped',
  'discarded',
] as const;
export const stepStatus = z.enum(STEP_STATUSES).meta({ id: 'StepStatus' });
export type StepStatus = z.infer<typeof stepStatus>;

export const workflowStatus = z.enum(['draft', 'active', 'archived']).meta({ id: 'WorkflowStatus' });
export type WorkflowStatus = z.infer<typeof workflowStatus>;
