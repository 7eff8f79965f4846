import type { GatewayContext } from '../context.js';
import { nextPage } from '../http/links.js';
import type { Handlers } from '../http/route.js';
import { toApprovalResource } from './resource.js';
import { createApprovalService, toDecider } from './service.js';

type Names = 'listApprovals' | 'countApprovals' | 'getApproval' | 'decideApproval';

export function approvalHandlers(context: GatewayContext): Handlers<Names> {
  const approvals = createApprovalService(context);
  return {
    listApprovals: async ({ caller, query, request }) => {
      const { items, nextCursor } = await approvals.list(caller, query);
      const body = items.map((item) => toApprovalResource(item, toDecider(caller)));
      return { status: 200, body, headers: nextPage(request, nextCursor) };
    },

    countApprovals: async ({ caller, query }) => ({
      status: 200,
      body: await approvals.count(caller, query),
    }),

    getApproval: async ({ caller, params }) => ({
      status: 200,
      body: toApprovalResource(await approvals.get(caller, params.approval_id), toDecider(caller)),
    }),

    decideApproval: async ({ caller, params, body }) => ({
      status: 200,
      body: toApprovalResource(await approvals.decide(caller, params.approval_id, body), toDecider(caller)),
    }),
  };
}
