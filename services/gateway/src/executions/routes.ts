import { API_BASE, type ExecuteResponse } from '@millrace/contracts';
import { readEvents } from '@millrace/persistence';
import { toFrame } from '@millrace/runtime';
import { requireExecution } from '../access.js';
import { asDatabaseCaller, type GatewayContext } from '../context.js';
import { nextPage } from '../http/links.js';
import type { Handlers } from '../http/route.js';
import { toExecutionResource, toLogLine } from './resource.js';
import { createExecutions } from './service.js';
import { createDraftRuns } from './draft-run.js';
import { createEventStreams, wantsEventStream } from './event-stream.js';
import { createStepHistory } from './steps.js';
import { createSubmissions } from './submission.js';

type Names =
  | 'executeWorkflow'
  | 'executeBatch'
  | 'executeDraft'
  | 'listWorkflowExecutions'
  | 'listExecutions'
  | 'countExecutions'
  | 'getExecution'
  | 'listSteps'
  | 'listLogs'
  | 'listEvents'
  | 'cancelExecution'
  | 'getBlob';

export function executionHandlers(context: GatewayContext): Handlers<Names> {
  const { db, pool } = context;
  const executions = createExecutions(context);
  const submissions = createSubmissions(context);
  const draftRuns = createDraftRuns({ ...context, submissions });
  const streams = createEventStreams(context);
  const history = createStepHistory(context);
  return {
    executeWorkflow: async ({ caller, params, body, headers, request }) => {
      const response = await submissions.submit(caller, params.id, body.parameters, {
        idempotencyKey: headers['Idempotency-Key'],
        traceparent: request.get('traceparent'),
        callback: body.callback,
        untilStep: body.until_step,
      });
      return { status: 202, body: response, headers: locationOf(response) };
    },

    executeDraft: async ({ caller, params, body, headers, request }) => {
      const response = await draftRuns.run(caller, params.id, body.parameters, {
        idempotencyKey: headers['Idempotency-Key'],
        ifMatch: headers['If-Match'],
        traceparent: request.get('traceparent'),
        callback: body.callback,
        untilStep: body.until_step,
      });
      return { status: 202, body: response, headers: locationOf(response) };
    },

    executeBatch: async ({ caller, params, body, request }) => {
      const traceparent = request.get('traceparent');
      const answer = await submissions.submitBatch(caller, params.id, body.items, {
        traceparent,
        callback: body.callback,
      });
      return { status: 202, body: answer };
    },

    listWorkflowExecutions: async ({ caller, params, query, request }) => {
      const { items, nextCursor } = await executions.listOfWorkflow(caller, params.id, query);
      return { status: 200, body: items.map(toExecutionResource), headers: nextPage(request, nextCursor) };
    },

    listExecutions: async ({ caller, query, request }) => {
      const { items, nextCursor } = await executions.list(caller, query);
      return { status: 200, body: items.map(toExecutionResource), headers: nextPage(request, nextCursor) };
    },

    countExecutions: async ({ caller, query }) => ({
      status: 200,
      body: await executions.count(caller, query),
    }),

    getExecution: async ({ caller, params }) => ({
      status: 200,
      body: toExecutionResource(await executions.get(caller, params.execution_id)),
    }),

    listSteps: async ({ caller, params, query, request }) => {
      const answer = await history.read(await executions.get(caller, params.execution_id), query);
      if ('steps' in answer) return { status: 200, body: answer.steps };
      const { iterations, nextCursor } = answer;
      return { status: 200, body: iterations, headers: nextPage(request, nextCursor) };
    },

    listLogs: async ({ caller, params, query, request }) => {
      const { uuid } = await requireExecution(db, caller, params.execution_id);
      const { step_id: stepId, iteration, ...page } = query;
      const { items, nextCursor } = await db.asCaller(asDatabaseCaller(caller), ({ stepLogs }) =>
        stepLogs.list(uuid, { ...page, stepId, iteration }),
      );
      return { status: 200, body: items.map(toLogLine), headers: nextPage(request, nextCursor) };
    },

    listEvents: async (call) => {
      const { caller, params, query, request } = call;
      const access = await requireExecution(db, caller, params.execution_id);
      if (wantsEventStream(request)) {
        return streams.open(caller, access, {
          after: query.after_seq,
          lastEventId: call.headers['Last-Event-ID'],
        });
      }
      const events = await readEvents(pool, access.uuid, query.after_seq, query.limit + 1);
      const page = events.slice(0, query.limit);
      const next = events.length > query.limit ? page.at(-1)?.seq : undefined;
      return {
        status: 200,
        body: page.map((event) => toFrame({ ...event, workflowId: access.workflowId })),
        headers: nextPage(request, next, 'after_seq'),
      };
    },

    cancelExecution: async ({ caller, params, body }) => {
      const { execution, terminal } = await executions.cancel(caller, params.execution_id, body.reason);
      return { status: terminal ? 200 : 202, body: toExecutionResource(execution) };
    },

    getBlob: async ({ caller, params }) => {
      const blob = await executions.getBlob(caller, params.reference);
      return {
        stream: (response) => {
          // Whatever a step put out is shown as data: no browser may run it as a page of ours.
          response.setHeader('Content-Disposition', 'attachment');
          response.setHeader('Content-Type', blob.contentType);
          response.setHeader('Content-Length', blob.content.byteLength);
          response.end(blob.content);
        },
      };
    },
  };
}

function locationOf({ execution_id: id }: ExecuteResponse): { Location: string } {
  return { Location: `${API_BASE}/executions/${id}` };
}
