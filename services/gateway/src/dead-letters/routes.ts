import type { GatewayContext } from '../context.js';
import type { ExecutionControl } from '../executions/control-routes.js';
import { toExecutionResource } from '../executions/resource.js';
import { nextPage } from '../http/links.js';
import type { Handlers } from '../http/route.js';
import { createDeadLetters, toDeadLetter } from './service.js';

type Names = 'listDeadLetters' | 'listDeadLetterExecutions' | 'redriveDeadLetters' | 'discardDeadLetters';

export function deadLetterHandlers(
  context: GatewayContext,
  { bulk, repetition }: Pick<ExecutionControl, 'bulk' | 'repetition'>,
): Handlers<Names> {
  const deadLetters = createDeadLetters({ ...context, bulk, repetition });
  return {
    listDeadLetters: async ({ caller, query, request }) => {
      const { items, nextCursor } = await deadLetters.list(caller, query);
      return { status: 200, body: items.map(toDeadLetter), headers: nextPage(request, nextCursor) };
    },

    listDeadLetterExecutions: async ({ caller, params, query, request }) => {
      const { items, nextCursor } = await deadLetters.executions(caller, params.fingerprint, query);
      return { status: 200, body: items.map(toExecutionResource), headers: nextPage(request, nextCursor) };
    },

    redriveDeadLetters: async ({ caller, params, body, request }) => ({
      status: 200,
      body: await deadLetters.redrive(caller, params.fingerprint, {
        ...body,
        traceparent: request.get('traceparent'),
      }),
    }),

    discardDeadLetters: async ({ caller, params }) => ({
      status: 200,
      body: { discarded: await deadLetters.discard(caller, params.fingerprint) },
    }),
  };
}
