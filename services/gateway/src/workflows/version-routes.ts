import type { GatewayContext } from '../context.js';
import { nextPage } from '../http/links.js';
import type { Handlers } from '../http/route.js';
import { toVersionResource, toVersionSummary, toWorkflowResource } from './resource.js';
import { revisionOf } from './routes.js';
import { createWorkflowVersions } from './versions.js';

export function versionHandlers(
  context: GatewayContext,
): Handlers<'listVersions' | 'getVersion' | 'restoreVersion'> {
  const versions = createWorkflowVersions(context);
  return {
    listVersions: async ({ caller, params, query, request }) => {
      const { current, page } = await versions.list(caller, params.id, query);
      return {
        status: 200,
        body: page.items.map((item) => toVersionSummary(item, current)),
        headers: nextPage(request, page.nextCursor),
      };
    },

    getVersion: async ({ caller, params }) => {
      const { current, found } = await versions.get(caller, params.id, params.version);
      return { status: 200, body: toVersionResource(found, current) };
    },

    restoreVersion: async ({ caller, params, headers }) => {
      const { workflow, published } = await versions.restore(
        caller,
        params.id,
        params.version,
        headers['If-Match'],
      );
      const message = published
        ? `Version ${params.version} of workflow ${workflow.name} published as version ${workflow.version}`
        : `Workflow ${workflow.name} has the content of version ${params.version} already; version ${workflow.version} is still what runs`;
      return { status: 200, body: toWorkflowResource(workflow, message), headers: revisionOf(workflow) };
    },
  };
}
