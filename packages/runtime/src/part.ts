import { type JsonObject, type LoopPlan, shard, shardScope } from '@millrace/contracts';
import type { PartContext } from '@millrace/engine';
import type { Queryable } from '@millrace/persistence';
import { readStored } from './blobs.js';
import { LogUnusableError } from './log-unusable.js';

/** The part of a map that a child execution runs. */
export interface Part {
  stepId: string;
  /** A bare uuid. */
  rootId: string;
  loop: LoopPlan;
  context: PartContext;
}

/** Rejects with LogUnusableError when it is none, or what it refers to is gone. */
export async function readPart(db: Queryable, json: JsonObject): Promise<Part> {
  const parsed = shard.safeParse(json);
  if (!parsed.success)
    throw new LogUnusableError(`the part of a map cannot be read: ${parsed.error.message}`);
  const { step_id, iteration, root_id, loop, scope } = parsed.data;
  const seen =
    'output' in scope ? scope.output : shardScope.parse(await readStored(db, scope.output_ref.reference));
  return { stepId: step_id, rootId: root_id, loop, context: { iteration, scope: seen } };
}
