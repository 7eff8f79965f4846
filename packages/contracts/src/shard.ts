/** A part of a map that runs as a child execution: what its parent hands it over, stored with the child. */
import * as z from 'zod';
import { executionError } from './errors.js';
import { blobReference, loopPlan } from './events.js';
import { nodeId } from './ids.js';
import { jsonValue } from './json.js';
import { iterationPath } from './signals.js';
import { stepStatus } from './statuses.js';

/** What expressions of the body see of the parent, beside the parameters. */
export const shardScope = z.object({
  steps: z.record(
    z.string(),
    z.object({ output: jsonValue, status: stepStatus, error: executionError.optional() }),
  ),
  item: jsonValue.optional(),
  index: z.int().optional(),
});
export type ShardScope = z.infer<typeof shardScope>;

export const shard = z.object({
  step_id: nodeId,
  /** The iterations that the map itself is in. */
  iteration: iterationPath.nullable(),
  /** Whose idempotency keys its steps send: those they would send without child executions. */
  root_id: z.string(),
  loop: loopPlan,
  /** Shared by all parts of a map, and stored once where it is large. */
  scope: z.union([z.object({ output: shardScope }), z.object({ output_ref: blobReference })]),
});
export type Shard = z.infer<typeof shard>;
