import { API_BASE, type RetryResponse } from '@millrace/contracts';
import type { GatewayContext } from '../context.js';
import type { Handlers } from '../http/route.js';
import { createAdmission } from './admission.js';
import { type Bulk, createBulk } from './bulk.js';
import { createControl, type Steered } from './control.js';
import { createRepetition, type Repetition } from './repeat.js';
import { toExecutionResource } from './resource.js';
import { createExecutions } from './service.js';

type Names =
  'pauseExecution' | 'resumeExecution' | 'skipStep' | 'retryExecution' | 'rerunExecution' | 'bulkExecutions';

export interface ExecutionControl {
  handlers: Handlers<Names>;
  /** What dealing with failures is made of as well. */
  bulk: Bulk;
  repetition: Repetition;
}

export function createExecutionControl(context: GatewayContext): ExecutionControl {
  const executions = createExecutions(context);
  const admission = createAdmission(context);
  const control = createControl({ ...context, executions });
  const repetition = createRepetition({ ...context, admission, executions });
  const bulk = createBulk({ ...context, control, executions, repetition });

  const handlers: Handlers<Names> = {
    pauseExecution: async ({ caller, params }) =>
      stateOrLater(await control.pause(caller, params.execution_id)),

    resumeExecution: async ({ caller, params }) =>
      stateOrLater(await control.resume(caller, params.execution_id)),

    skipStep: async ({ caller, params, body }) => {
      const step = { ...body, stepId: params.step_id };
      return {
        status: 202,
        body: toExecutionResource(await control.skip(caller, params.execution_id, step)),
      };
    },

    retryExecution: async ({ caller, params, body, headers, request }) =>
      accepted(
        await repetition.repeat('retry', caller, params.execution_id, body, {
          idempotencyKey: headers['Idempotency-Key'],
          traceparent: request.get('traceparent'),
        }),
      ),

    rerunExecution: async ({ caller, params, body, headers, request }) =>
      accepted(
        await repetition.repeat('rerun', caller, params.execution_id, body, {
          idempotencyKey: headers['Idempotency-Key'],
          traceparent: request.get('traceparent'),
        }),
      ),

    bulkExecutions: async ({ caller, query, body, headers, request }) => ({
      status: 200,
      body: await bulk.run(caller, body, {
        dryRun: query.dry_run === 'true',
        idempotencyKey: headers['Idempotency-Key'],
        traceparent: request.get('traceparent'),
      }),
    }),
  };
  return { handlers, bulk, repetition };
}

function stateOrLater({ execution, obeyed }: Steered) {
  return { status: obeyed ? 200 : 202, body: toExecutionResource(execution) } as const;
}

function accepted(body: RetryResponse) {
  return { status: 202, body, headers: { Location: `${API_BASE}/executions/${body.execution_id}` } } as const;
}
