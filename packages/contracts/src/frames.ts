import * as z from 'zod';
import { logEvent } from './events.js';
import { jsonObject } from './json.js';
import { executionStatus } from './statuses.js';

/** A committed event as it travels to clients; the same shape everywhere: pub/sub, WebSocket, SSE, `GET …/events`. */
export const eventFrame = logEvent;
export type EventFrame = z.infer<typeof eventFrame>;

/** Not part of the log, may be lost: progress of a step, a line it logged, tokens of a model. */
export const transientFrame = z
  .object({
    type: z.enum(['progress', 'log', 'token']),
    execution_id: z.string(),
    workflow_id: z.string(),
    timestamp: z.iso.datetime(),
    data: jsonObject,
  })
  .meta({ id: 'TransientFrame' });
export type TransientFrame = z.infer<typeof transientFrame>;

export const connectedFrame = z
  .object({
    type: z.literal('connected'),
    workflow_id: z.string(),
    execution_id: z.string().optional(),
    timestamp: z.iso.datetime(),
    message: z.string(),
  })
  .meta({ id: 'ConnectedFrame' });

export const pongFrame = z
  .object({ type: z.literal('pong'), timestamp: z.iso.datetime() })
  .meta({ id: 'PongFrame' });
export const errorFrame = z
  .object({ type: z.literal('error'), detail: z.string() })
  .meta({ id: 'ErrorFrame' });

/** The answer to a workflow's resume: executions that are live or changed since, before their missed events. */
export const snapshotFrame = z
  .object({
    type: z.literal('snapshot'),
    workflow_id: z.string(),
    timestamp: z.iso.datetime(),
    executions: z.array(z.object({ execution_id: z.string(), status: executionStatus, last_seq: z.int() })),
  })
  .meta({ id: 'SnapshotFrame' });

/** The last frame of one execution's stream before it closes with 1000. */
export const endFrame = z
  .object({
    type: z.literal('end'),
    execution_id: z.string(),
    status: executionStatus,
    last_seq: z.int(),
    timestamp: z.iso.datetime(),
  })
  .meta({ id: 'EndFrame' });

export const serverFrame = z.union([
  connectedFrame,
  pongFrame,
  errorFrame,
  snapshotFrame,
  endFrame,
  transientFrame,
  eventFrame,
]);
export type ServerFrame = z.infer<typeof serverFrame>;

export const resumeExecutionFrame = z.strictObject({
  type: z.literal('resume'),
  execution_id: z.string(),
  last_seq: z.int().min(0),
});
export const resumeWorkflowFrame = z.strictObject({
  type: z.literal('resume'),
  since: z.iso.datetime({ offset: true }),
  executions: z.record(z.string(), z.int().min(0)).default({}),
});
export const authFrame = z.strictObject({ type: z.literal('auth'), token: z.string().min(1).max(8_192) });
export const clientFrame = z.union([resumeExecutionFrame, resumeWorkflowFrame, authFrame]);
export type ClientFrame = z.infer<typeof clientFrame>;

export const CLOSE_CODES = {
  normal: 1000,
  goingAway: 1001,
  tooSlow: 4008,
  tokenExpired: 4401,
  forbidden: 4403,
} as const;
