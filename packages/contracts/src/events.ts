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

/** Who may decide an approval; nobody named means everybody who may execute the workflow. */
const approvalWait = z.object({
  type: z.literal('approval'),
  message: z.string(),
  approvers: z.array(z.string()),
  required: z.int().min(1),
  exclude_submitter: z.boolean(),
  /** Taken at the deadline; without it the step fails then. */
  default_outcome: z.enum(['approved', 'rejected']).optional(),
});
/** What a step waits for that is not a matter of time alone. */
export const wait = z
  .discriminatedUnion('type', [
    approvalWait,
    z.object({ type: z.literal('event'), name: z.string(), key: z.string() }),
    z.object({
      type: z.literal('child'),
      workflow_id: z.string(),
      workflow_version: z.int().optional(),
      parameters: jsonObject,
      /** Nobody waits for it: the step completes once it is started. */
      detached: z.boolean(),
    }),
    /** A person says what became of an attempt that left no result. */
    z.object({ type: z.literal('verdict'), message: z.string() }),
  ])
  .meta({ id: 'Wait' });
export type Wait = z.infer<typeof wait>;
export type WaitType = Wait['type'];

/** How a `map` or `repeat` runs its body, fixed when it starts. An iteration is one run of the body. */
export const loopPlan = z
  .object({
    /** Of a map: how many items, and where they are: here, by reference, or in a range. */
    count: z.int().min(0).optional(),
    items: z.array(jsonValue).optional(),
    items_ref: blobReference.optional(),
    range: z.object({ start: z.number(), step: z.number() }).optional(),
    /** The number of the first iteration: above 0 in a child execution that has a part of the items. */
    offset: z.int().min(0).optional(),
    concurrency: z.int().min(1),
    on_item_error: z.enum(['fail', 'collect']).optional(),
    /** Items of one child execution where there are too many for this log. */
    shard_size: z.int().min(1).optional(),
  })
  .meta({ id: 'LoopPlan' });
export type LoopPlan = z.infer<typeof loopPlan>;

/** What model calls of a step consumed. */
export const usage = z
  .object({
    input_tokens: z.int().min(0),
    output_tokens: z.int().min(0),
    cost_usd: z.number().min(0).optional(),
  })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof usage>;

const queued = z.object({
  workflow_version: z.int(),
  submitted_by: z.string(),
  retry_of: z.string().optional(),
  /** It runs to this step: that one and what leads to it, nothing else. */
  until_step: z.string().optional(),
  /** Of the webhook it came through. */
  webhook_id: z.string().optional(),
  /** Edited inputs by step id, instead of what the definition says. */
  inputs: jsonObject.optional(),
});
const started = z.object({ worker_id: z.string(), steps_total: z.int() });
const stepStarted = z.object({
  ...stepBase,
  input: jsonValue.optional(),
  /** When a step that waits is due: a delay ends, anything else has waited in vain. */
  due_at: z.iso.datetime().optional(),
  idempotency_key: z.string().optional(),
  wait: wait.optional(),
  loop: loopPlan.optional(),
});
const stepCompleted = z.object({
  ...stepBase,
  ...output,
  duration_ms: z.number(),
  usage: usage.optional(),
  /** The edge label this step selected, for kinds with ports. */
  branch: z.string().optional(),
});
const stepFailed = z.object({
  ...stepBase,
  error: executionError,
  duration_ms: z.number(),
  usage: usage.optional(),
  handling: z.enum(['fail', 'continue', 'error']),
});
const stepRetrying = z.object({
  ...stepBase,
  error: executionError,
  duration_ms: z.number(),
  usage: usage.optional(),
  next_attempt: z.int(),
  retry_at: z.iso.datetime(),
  delay_ms: z.number(),
});
const stepSkipped = z.object({
  ...stepBase,
  reason: z.enum(['branch', 'upstream', 'disabled', 'join', 'manual']),
  /** Of a step that somebody skipped by hand: who, and what stands in for its output. */
  by: z.string().optional(),
  ...output,
});
/** An attempt left no result, and a person is asked what became of it. */
const stepWaiting = z.object({ ...stepBase, wait });
const stepReused = z.object({
  ...stepBase,
  ...output,
  from_execution: z.string(),
  branch: z.string().optional(),
});
const stepDiscarded = z.object({ ...stepBase, reason: z.string() });
/** A `repeat` begins the iteration of this number; the first one begins with the step unless `while` is asked. */
const stepIterating = z.object({ ...stepBase, index: z.int().min(0) });
/** Of a map whose items are in child executions: the child with this part of them has ended. */
const stepPartEnded = z.object({
  ...stepBase,
  part: z.int().min(0),
  ...output,
  usage: usage.optional(),
  error: executionError.optional(),
});
const waiting = z.object({ wake_at: z.iso.datetime().nullable(), step_ids: z.array(z.string()) });
const resumed = z.object({ worker_id: z.string(), by: z.string().optional() });
/** The execution will end so, and the workflow's `on_failure` runs before. */
const failing = z.object({ status: z.enum(['failed', 'timed_out']), error: executionError });
const paused = z.object({ by: z.string() });
const completed = z.object({ ...output, steps_completed: z.int() });
/** What became of the workflow's `on_failure`, where it has one. */
const handlerOutcome = z.object({ ok: z.boolean(), error: executionError.optional() });
const failed = z.object({ error: executionError, on_failure: handlerOutcome.optional() });
const cancelled = z.object({
  by: z.string(),
  reason: z.string().optional(),
  /** Effectful steps that had started and left no result: whether their effect happened is unknown. */
  uncertain_steps: z.array(z.string()),
});
const timedOut = z.object({ error: executionError, on_failure: handlerOutcome.optional() });

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
  step_waiting: stepWaiting,
  step_iterating: stepIterating,
  step_part_ended: stepPartEnded,
  waiting,
  resumed,
  paused,
  failing,
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
