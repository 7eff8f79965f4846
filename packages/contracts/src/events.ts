import * as z from 'zod';
import { executionError } from './errors.js';
import { jsonObject, jsonValue } from './json.js';

/** A payload that was too large for the log: read it from `GET /blobs/{reference}`. */
export const blobReference = z
  .object({ reference: z.string(), size_bytes: z.int(), content_type: z.string() })
  .meta({ id: 'BlobReference' });
export type BlobReference = z.infer<typeof blobReference>;

/** Outputs above this many bytes of JSON are stored as blobs. */
export const INLINE_OUTPUT_LIMIT_BYTES = 64 * 1024;

const stepBase = {
  step_id: z.string(),
  step_name: z.string(),
  kind: z.string(),
  attempt: z.int().min(0),
  progress: z.int().min(0).max(100),
  iteration: z.string().optional(),
};
const output = { output: jsonValue.optional(), output_ref: blobReference.optional() };

const queued = z.object({ workflow_version: z.int(), submitted_by: z.string() });
const started = z.object({ worker_id: z.string(), steps_total: z.int() });
const stepStarted = z.object({
  ...stepBase,
  input: jsonValue.optional(),
  /** When a sleeping step (delay) is due. */
  due_at: z.iso.datetime().optional(),
  idempotency_key: z.string().optional(),
});
const stepCompleted = z.object({
  ...stepBase,
  ...output,
  duration_ms: z.number(),
  /** The edge label this step selected, for kinds with ports. */
  branch: z.string().optional(),
});
const stepFailed = z.object({
  ...stepBase,
  error: executionError,
  duration_ms: z.number(),
  handling: z.enum(['fail', 'continue', 'error']),
});
const stepRetrying = z.object({
  ...stepBase,
  error: executionError,
  duration_ms: z.number(),
  next_attempt: z.int(),
  retry_at: z.iso.datetime(),
  delay_ms: z.number(),
});
const stepSkipped = z.object({ ...stepBase, reason: z.enum(['branch', 'upstream', 'disabled', 'join']) });
const stepReused = z.object({
  ...stepBase,
  ...output,
  from_execution: z.string(),
  branch: z.string().optional(),
});
const stepDiscarded = z.object({ ...stepBase, reason: z.string() });
const waiting = z.object({ wake_at: z.iso.datetime().nullable(), step_ids: z.array(z.string()) });
const resumed = z.object({ worker_id: z.string() });
const paused = z.object({ by: z.string() });
const completed = z.object({ ...output, steps_completed: z.int() });
const failed = z.object({ error: executionError });
const cancelled = z.object({
  by: z.string(),
  reason: z.string().optional(),
  /** Effectful steps that had started and left no result: whether their effect happened is unknown. */
  uncertain_steps: z.array(z.string()),
});
const timedOut = z.object({ error: executionError });

/** Every type of event, with the shape of its data. The log holds these and nothing else. */
export const EVENT_DATA = {
  queued,
  started,
  step_started: stepStarted,
  step_completed: stepCompleted,
  step_failed: stepFailed,
  step_retrying: stepRetrying,
  step_skipped: stepSkipped,
  step_reused: stepReused,
  step_discarded: stepDiscarded,
  waiting,
  resumed,
  paused,
  completed,
  failed,
  cancelled,
  timed_out: timedOut,
} as const;

export type EventType = keyof typeof EVENT_DATA;
export const eventType = z
  .enum(Object.keys(EVENT_DATA) as [EventType, ...EventType[]])
  .meta({ id: 'EventType' });
export type EventData<T extends EventType> = z.infer<(typeof EVENT_DATA)[T]>;

/** An event before it has a place in the log. */
export type NewEvent = { [T in EventType]: { type: T; data: EventData<T> } }[EventType];
/** An event of the log. `seq` counts from 1 without gaps; `timestamp` is the database's clock, RFC 3339 UTC. */
export type LogEvent = NewEvent & { seq: number; timestamp: string };

/** Reads back what the log stored. Throws a ZodError when the row is not an event of this version. */
export function parseLogEvent(row: {
  type: string;
  seq: number;
  timestamp: string;
  data: unknown;
}): LogEvent {
  const type = eventType.parse(row.type);
  const data: unknown = EVENT_DATA[type].parse(row.data);
  // The pair was checked together one line up; TypeScript cannot relate a union's members through a lookup.
  const event: object = { type, data, seq: row.seq, timestamp: row.timestamp };
  return event as LogEvent;
}

export const logEvent = z
  .object({
    type: eventType,
    execution_id: z.string(),
    workflow_id: z.string(),
    seq: z.int().min(1),
    timestamp: z.iso.datetime(),
    data: jsonObject,
  })
  .meta({ id: 'Event', description: 'A committed entry of an execution’s log' });
