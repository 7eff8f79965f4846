import { definition } from '@millrace/contracts';
import { compile, createState, executionStarted, fold, type Plan } from '@millrace/engine';
import type { Claim } from '@millrace/runtime';

/** A plan of `set` steps that do not depend on each other. */
export function planOf(ids: readonly string[]): Plan {
  const nodes = ids.map((id) => ({ id, type: 'set', data: { config: { values: {} } } }));
  const compiled = compile(definition.parse({ name: 'Test', nodes }));
  if (!compiled.ok) throw new Error('the plan does not compile');
  return compiled.plan;
}

/** Claimed and started: its steps may begin. */
export function claimOf(ids: readonly string[], plan = planOf(ids)): Claim {
  const now = new Date('2026-03-01T12:00:00Z');
  const state = createState(plan, {
    executionId: 'exec_e',
    workflowId: 'wf',
    workflowName: 'Test',
    workflowVersion: 1,
    parameters: {},
    owner: 'olive',
    submittedBy: 'olive',
    rootId: 'exec_e',
    createdAt: now.toISOString(),
  });
  fold(state, { type: 'queued', data: { workflow_version: 1, submitted_by: 'olive' } }, now.getTime());
  fold(state, executionStarted(state, 'w'), now.getTime());
  return {
    ...{ executionId: 'e', workflowId: 'wf', workflowVersion: 1, epoch: 1, lastSeq: 2, was: 'running' },
    untilStep: null,
    ...{ inbox: 0, inboxRead: 0, cancelRequested: false, crashes: 0, parameters: {}, ownerId: 'o' },
    ...{ owner: 'olive', submittedBy: 'olive', rootId: 'e', traceId: 't', createdAt: now, databaseNow: now },
    ...{ workflowName: 'Test', plan, state, isRecovered: false, logBytes: 0, part: null },
    ...{ submittedById: 's', retryOf: null, parentId: null, depth: 0, shard: null },
  };
}
