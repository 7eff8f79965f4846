import * as z from 'zod';
import { logEvent } from './events.js';
import {
  cancelRequest,
  countExecutionsQuery,
  eventsQuery,
  executionCounts,
  executionResource,
  iterationSummary,
  listExecutionsQuery,
  logLine,
  logsQuery,
  stepsQuery,
  stepSummary,
} from './http/executions.js';
import type { RouteContract } from './openapi-route.js';

const NEXT_PAGE = { Link: '`<…>; rel="next"` where there is another page' } as const;
const READ = { access: 'workflow:read', tag: 'Executions', errors: ['forbidden', 'not_found'] } as const;

/** Executions: what they are doing, what they did, and stopping them. */
export const EXECUTION_ROUTES = {
  listExecutions: {
    method: 'get',
    paths: ['/executions'],
    access: 'workflow:read',
    tag: 'Executions',
    summary: 'List executions, newest first',
    description:
      'Admins see everybody’s, others those of their own workflows. Conditions that leave too much to look through are refused (400): name a workflow as well, or a time.',
    query: listExecutionsQuery,
    responses: { 200: { description: 'Executions', schema: z.array(executionResource), headers: NEXT_PAGE } },
    errors: ['bad_request', 'forbidden', 'not_found'],
  },
  countExecutions: {
    method: 'get',
    paths: ['/executions/counts'],
    access: 'workflow:read',
    tag: 'Executions',
    summary: 'How many executions there are in each status',
    description:
      'Under the conditions of the list. Counting stops at 10,000 of a status, or after looking at as many; then `exact` is false and there are more.',
    query: countExecutionsQuery,
    responses: {
      200: { description: 'Counts of the statuses asked for, or of all', schema: executionCounts },
    },
    errors: ['bad_request', 'forbidden', 'not_found'],
  },
  getExecution: {
    ...READ,
    method: 'get',
    paths: ['/executions/{execution_id}', '/workflows/executions/{execution_id}'],
    summary: 'Read an execution',
    responses: { 200: { description: 'The execution', schema: executionResource } },
  },
  listSteps: {
    ...READ,
    method: 'get',
    paths: ['/executions/{execution_id}/steps'],
    summary: 'Summary of every step, or of the iterations of one',
    description:
      'Attempts, times, resolved input, output or its reference, what a step waits for. Together inputs and outputs are limited to 8 MiB: what exceeds it is left out, and can be read from the events. With `within`, a step with a body, its iterations; with `iteration` as well the steps of that one. A map in parts has its iterations in its `children`.',
    query: stepsQuery,
    responses: {
      200: {
        description:
          'Steps in topological order, those of `on_failure` last once it has begun; or iterations in order, page by page',
        schema: z.union([z.array(stepSummary), z.array(iterationSummary)]),
        headers: NEXT_PAGE,
      },
    },
  },
  listLogs: {
    ...READ,
    method: 'get',
    paths: ['/executions/{execution_id}/logs'],
    summary: 'What the steps logged',
    query: logsQuery,
    responses: { 200: { description: 'Lines', schema: z.array(logLine), headers: NEXT_PAGE } },
  },
  listEvents: {
    ...READ,
    method: 'get',
    paths: ['/executions/{execution_id}/events'],
    summary: 'The log of an execution, as JSON or as server-sent events',
    description:
      'With `Accept: text/event-stream` the events after `after_seq` (or `Last-Event-ID`) follow as they happen, until the execution ends: `id` is the seq, `event` the type, `data` the event. Resuming after the end answers 204.',
    query: eventsQuery,
    headers: z.object({ 'Last-Event-ID': z.string().max(20).optional() }),
    responses: {
      200: {
        description: 'Events',
        schema: z.array(logEvent),
        alternatives: { 'text/event-stream': z.string() },
        headers: NEXT_PAGE,
      },
      204: {
        description: 'The execution has ended and there is nothing after the given seq (server-sent events)',
      },
    },
  },
  cancelExecution: {
    method: 'post',
    paths: ['/executions/{execution_id}/cancel'],
    access: 'workflow:execute',
    tag: 'Executions',
    summary: 'Cancel an execution',
    body: {
      schema: cancelRequest,
      encoding: 'json',
      limit: 'standard',
      optional: true,
      example: { reason: 'no longer needed' },
    },
    responses: {
      200: { description: 'It has ended; `status` says how', schema: executionResource },
      202: {
        description: 'It has not ended within 5 seconds; `status` is the real one',
        schema: executionResource,
      },
    },
    errors: ['forbidden', 'not_found'],
  },
  getBlob: {
    ...READ,
    method: 'get',
    paths: ['/blobs/{reference}'],
    summary: 'A payload that was too large for the log',
    responses: {
      200: {
        description: 'The payload with its own content type',
        schema: z.string(),
        contentType: 'application/octet-stream',
      },
    },
  },
} as const satisfies Record<string, RouteContract>;
