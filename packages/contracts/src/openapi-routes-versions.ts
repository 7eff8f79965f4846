import * as z from 'zod';
import { versionResource, versionSummary } from './http/versions.js';
import { ifMatch, pageQuery, workflowResource } from './http/workflows.js';
import type { RouteContract } from './openapi-route.js';

const REVISION = { ETag: 'The revision, as in `"3"`: what `If-Match` is compared with' } as const;
const OF_WORKFLOW = { tag: 'Workflows', errors: ['forbidden', 'not_found'] } as const;

/** What was published before, and bringing back what was replaced or deleted. */
export const VERSION_ROUTES = {
  listVersions: {
    ...OF_WORKFLOW,
    method: 'get',
    paths: ['/workflows/{id}/versions'],
    access: 'workflow:read',
    summary: 'Published versions of a workflow, newest first',
    description: 'Of a deleted workflow too.',
    query: pageQuery,
    responses: {
      200: {
        description: 'Versions, without their graphs',
        schema: z.array(versionSummary),
        headers: { Link: '`<…>; rel="next"` where there is another page' },
      },
    },
  },
  getVersion: {
    ...OF_WORKFLOW,
    method: 'get',
    paths: ['/workflows/{id}/versions/{version}'],
    access: 'workflow:read',
    summary: 'Read a version as it was published',
    description: 'With the positions and labels of that moment. It never changes.',
    responses: { 200: { description: 'The version', schema: versionResource } },
  },
  restoreVersion: {
    method: 'post',
    paths: ['/workflows/{id}/versions/{version}/restore'],
    access: 'workflow:write',
    tag: 'Workflows',
    summary: 'Publish the content of an earlier version again',
    description:
      'Makes a new version, unless the current one has that content. Name, description and metadata stay as they are; a draft is removed, as by every publishing.',
    headers: ifMatch,
    responses: { 200: { description: 'The workflow', schema: workflowResource, headers: REVISION } },
    errors: ['invalid_structure', 'forbidden', 'not_found', 'stale_revision'],
  },
  restoreWorkflow: {
    ...OF_WORKFLOW,
    method: 'post',
    paths: ['/workflows/{id}/restore'],
    access: 'workflow:delete',
    summary: 'Take the deletion of a workflow back',
    description: 'It is as it was, its webhooks included. One that is not deleted stays as it is.',
    responses: { 200: { description: 'The workflow', schema: workflowResource, headers: REVISION } },
  },
} as const satisfies Record<string, RouteContract>;
