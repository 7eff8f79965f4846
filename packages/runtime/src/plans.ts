import {
  definition,
  type Definition,
  isJsonObject,
  isTestVersion,
  type JsonValue,
  nextTurn,
  node,
} from '@millrace/contracts';
import { compile, isTopLevelStep, type Plan, planUntil } from '@millrace/engine';
import { readVersion } from '@millrace/persistence';
import type { RuntimeContext } from './context.js';

export interface LoadedPlan {
  workflowName: string;
  plan: Plan;
}

export interface Plans {
  /**
   * The compiled form of a version, or of what of it runs to a step at the top level. Pinned outputs stand in for steps in
   * test versions only. Rejects with PlanUnavailableError when there is no such version or step, and with the database's
   * own error when it could not be asked.
   */
  load(workflowId: string, version: number, untilStep?: string | null): Promise<LoadedPlan>;
}

export class PlanUnavailableError extends Error {
  override readonly name = 'PlanUnavailableError';
}

/** A version never changes, so its plan is compiled once; the least recently used go when there are too many nodes. */
const MAX_CACHED_STEPS = 100_000;

/** Nodes between which others get their turn: thousands of them take a good part of a second. */
const NODES_PER_TURN = 100;

async function parseInTurns(stored: JsonValue): Promise<Definition | undefined> {
  if (!isJsonObject(stored)) return undefined;
  const { nodes, ...rest } = stored;
  const parsed = definition.safeParse({ ...rest, nodes: [] });
  if (!parsed.success || !Array.isArray(nodes)) return undefined;
  const parsedNodes: Definition['nodes'] = [];
  for (const one of nodes) {
    const parsedNode = node.safeParse(one);
    if (!parsedNode.success) return undefined;
    parsedNodes.push(parsedNode.data);
    if (parsedNodes.length % NODES_PER_TURN === 0) await nextTurn();
  }
  return { ...parsed.data, nodes: parsedNodes };
}

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
      return await compileStored(stored, where, !isTestVersion(version));
    } catch (error) {
      if (error instanceof PlanUnavailableError) throw error;
      throw new PlanUnavailableError(`${where} does not compile: ${String(error)}`, { cause: error });
    }
  }

  async function compileStored(
    stored: { name: string; definition: JsonValue },
    where: string,
    ignoresPins: boolean,
  ): Promise<LoadedPlan> {
    const parsed = await parseInTurns(stored.definition);
    if (parsed === undefined) throw new PlanUnavailableError(`${where} is not a definition`);
    const compiled = compile(parsed, { areExpressionsChecked: true, ignoresPins });
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

  function remembered(key: string, make: () => Promise<LoadedPlan>): Promise<LoadedPlan> {
    const hit = cache.get(key);
    if (hit !== undefined) {
      cache.delete(key);
      cache.set(key, hit);
      return hit;
    }
    const loading = make();
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
  }

  function loadWhole(workflowId: string, version: number): Promise<LoadedPlan> {
    return remembered(`${workflowId}@${String(version)}`, () => compileVersion(workflowId, version));
  }

  async function cut(workflowId: string, version: number, untilStep: string): Promise<LoadedPlan> {
    const { workflowName, plan } = await loadWhole(workflowId, version);
    if (isTopLevelStep(plan, untilStep)) return { workflowName, plan: planUntil(plan, untilStep) };
    const where = `version ${String(version)} of workflow ${workflowId}`;
    throw new PlanUnavailableError(`${where} has no step "${untilStep}" to run to`);
  }

  return {
    load(workflowId, version, untilStep = null) {
      if (untilStep === null) return loadWhole(workflowId, version);
      const key = `${workflowId}@${String(version)}/${untilStep}`;
      return remembered(key, () => cut(workflowId, version, untilStep));
    },
  };
}
