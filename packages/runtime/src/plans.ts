import { definition } from '@millrace/contracts';
import { compile, type Plan } from '@millrace/engine';
import { readVersion } from '@millrace/persistence';
import type { RuntimeContext } from './context.js';

export interface LoadedPlan {
  workflowName: string;
  plan: Plan;
}

export interface Plans {
  /**
   * The compiled form of a published version. Rejects with PlanUnavailableError when there is none, and with the
   * database's own error when it could not be asked.
   */
  load(workflowId: string, version: number): Promise<LoadedPlan>;
}

export class PlanUnavailableError extends Error {
  override readonly name = 'PlanUnavailableError';
}

/** A version never changes, so its plan is compiled once; the least recently used go when there are too many nodes. */
const MAX_CACHED_STEPS = 100_000;

export function createPlans(context: Pick<RuntimeContext, 'db'>): Plans {
  const cache = new Map<string, Promise<LoadedPlan>>();
  const sizes = new Map<string, number>();
  let cachedSteps = 0;

  async function compileVersion(workflowId: string, version: number): Promise<LoadedPlan> {
    const stored = await readVersion(context.db, workflowId, version);
    if (stored === undefined) {
      throw new PlanUnavailableError(`version ${String(version)} of workflow ${workflowId} does not exist`);
    }
    const where = `version ${String(version)} of workflow ${workflowId}`;
    try {
      return compileStored(stored, where);
    } catch (error) {
      if (error instanceof PlanUnavailableError) throw error;
      throw new PlanUnavailableError(`${where} does not compile: ${String(error)}`, { cause: error });
    }
  }

  function compileStored(stored: { name: string; definition: unknown }, where: string): LoadedPlan {
    const parsed = definition.safeParse(stored.definition);
    if (!parsed.success) throw new PlanUnavailableError(`${where} is not a definition`);
    const compiled = compile(parsed.data);
    if (!compiled.ok) {
      const why = compiled.problems.map((problem) => problem.message).join('; ');
      throw new PlanUnavailableError(`${where} does not compile: ${why}`);
    }
    return { workflowName: stored.name, plan: compiled.plan };
  }

  function forget(key: string): void {
    cache.delete(key);
    cachedSteps -= sizes.get(key) ?? 0;
    sizes.delete(key);
  }

  return {
    load(workflowId, version) {
      const key = `${workflowId}@${String(version)}`;
      const hit = cache.get(key);
      if (hit !== undefined) {
        cache.delete(key);
        cache.set(key, hit);
        return hit;
      }
      const loading = compileVersion(workflowId, version);
      cache.set(key, loading);
      loading.then(
        ({ plan }) => {
          sizes.set(key, plan.steps.length);
          cachedSteps += plan.steps.length;
          for (const oldest of cache.keys()) {
            if (cachedSteps <= MAX_CACHED_STEPS || oldest === key) break;
            forget(oldest);
          }
        },
        // Not remembered: the database may be back for the next one.
        () => cache.delete(key),
      );
      return loading;
    },
  };
}
