import { frameOf } from './frames.js';
import { decideRoots } from './joins.js';
import type { Plan } from '../graph/plan.js';
import type { Scope, ScopeStep } from '../expressions/scope.js';
import type { ExecutionContext, ExecutionState } from './state.js';

/** Node ids such as `__proto__` are legal, so the steps of a scope have no prototype. */
export function emptySteps(from: Readonly<Record<string, ScopeStep>> = {}): Record<string, ScopeStep> {
  const steps: Record<string, ScopeStep> = {};
  Object.setPrototypeOf(steps, null);
  return Object.assign(steps, from);
}

function rootScope(context: ExecutionContext): Scope {
  const { part } = context;
  return {
    parameters: context.parameters,
    steps: emptySteps(part?.scope.steps),
    execution: {
      id: context.executionId,
      workflow_id: context.workflowId,
      workflow_name: context.workflowName,
      workflow_version: context.workflowVersion,
      root_id: context.rootId,
      owner: context.owner,
      submitted_by: context.submittedBy,
      created_at: context.createdAt,
    },
    ...(part?.scope.index !== undefined && { index: part.scope.index, item: part.scope.item ?? null }),
  };
}

/** The state before event 1. */
export function createState(plan: Plan, context: ExecutionContext): ExecutionState {
  const iteration = context.part?.iteration ?? null;
  const state: ExecutionState = {
    plan,
    context,
    root: frameOf(plan, rootScope(context), { owner: null, index: 0, iteration }),
    status: 'queued',
    lastSeq: 0,
    clock: 0,
    startedAt: null,
    pausedAt: null,
    inputs: {},
    completedCount: 0,
    iterations: 0,
    usage: { input_tokens: 0, output_tokens: 0 },
    ready: new Set(),
    facts: new Set(),
    running: new Set(),
    timers: new Set(),
    waits: new Set(),
    losers: new Set(),
    failure: null,
    handler: null,
    unresolvedOutputs: new Map(),
  };
  decideRoots(state, state.root);
  return state;
}
