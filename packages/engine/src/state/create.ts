import { decideRoots } from './joins.js';
import type { Plan } from '../graph/plan.js';
import type { ScopeStep } from '../expressions/scope.js';
import type { ExecutionContext, ExecutionState, StepState } from './state.js';

function pendingStep(incoming: number): StepState {
  return {
    status: 'pending',
    verdict: 'undecided',
    attempt: 0,
    failures: 0,
    unresolved: incoming,
    taken: 0,
    refused: 0,
    failedSources: 0,
    firstStartedAt: 0,
    startedAt: 0,
    dueAt: null,
    branch: null,
    handling: null,
    reason: null,
    error: null,
    outputRef: null,
    isAbandoned: false,
    isInterrupted: false,
  };
}

/** The state before event 1. Node ids such as `__proto__` are legal, so the scope's steps have no prototype. */
export function createState(plan: Plan, context: ExecutionContext): ExecutionState {
  const steps: { [stepId: string]: ScopeStep } = {};
  Object.setPrototypeOf(steps, null);
  const state: ExecutionState = {
    plan,
    context,
    scope: {
      parameters: context.parameters,
      steps,
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
    },
    status: 'queued',
    lastSeq: 0,
    clock: 0,
    startedAt: null,
    steps: plan.steps.map((step) => pendingStep(step.incoming.length)),
    settled: [],
    completedCount: 0,
    ready: new Set(),
    facts: new Set(),
    running: new Set(),
    timers: new Set(),
    losers: new Set(),
    failure: null,
    unresolvedOutputs: new Set(),
  };
  decideRoots(state);
  return state;
}
