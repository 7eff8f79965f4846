import * as z from 'zod';
import {
  bulkQuery,
  bulkRequest,
  bulkResponse,
  deadLetter,
  discardResponse,
  listDeadLettersQuery,
  redriveRequest,
  rerunRequest,
  retryRequest,
  retryResponse,
  skipRequest,
} from './http/control.js';
import { executionResource, idempotencyKey } from './http/executions.js';
import { pageQuery } from './http/workflows.js';
import type { RouteContract } from './openapi-route.js';

const NEXT_PAGE = { Link: '`<…>; rel="next"` where there is another page' } as const;
const STEER = {
  method: 'post',
  access: 'workflow:execute',
  tag: 'Executions',
  errors: ['forbidden', 'not_found', 'conflict'],
} as const;
const AGAIN = {
  ...STEER,
  headers: z.object({
    'Idempotency-Key': idempotencyKey
      .optional()
      .describe('The same key and body answer with the same execution for 24 hours'),
  }),
  responses: {
    202: {
      description: 'The new execution is stored and will run',
      schema: retryResponse,
      headers: { Location: 'The new execution' },
    },
  },
  errors: ['forbidden', 'not_found', 'conflict', 'idempotency_conflict'],
} as const;
const STATE_OR_LATER = {
  200: { description: 'Done; `status` is the real one', schema: executionResource },
  202: {
    description: 'Its worker has not obeyed within 5 seconds, but will; `status` is the real one',
    schema: executionResource,
  },
} as const;
const DEAD = { tag: 'Dead letters', errors: ['forbidden', 'not_found'] } as const;

/** Steering executions, repeating them, and dealing with failures. */
export const CONTROL_ROUTES = {
  pauseExecution: {
    ...STEER,
    paths: ['/executions/{execution_id}/pause'],
    summary: 'Pause an execution',
    description: 'Steps that run are finished, no other begins. Pausing a paused one changes nothing.',
    responses: STATE_OR_LATER,
  },
  resumeExecution: {
    ...STEER,
    paths: ['/executions/{execution_id}/resume'],
    summary: 'Let a paused execution go on',
    description: 'Resuming one that is not paused changes nothing.',
    responses: STATE_OR_LATER,
  },
  skipStep: {
    ...STEER,
    paths: ['/executions/{execution_id}/steps/{step_id}/skip'],
    summary: 'Skip a step by hand',
    description: 'Gives up a step that has no outcome yet. What follows goes on with the given output.',
    body: {
      schema: skipRequest,
      encoding: 'json',
      limit: 'standard',
      optional: true,
      example: { output: { approved: true } },
    },
    responses: {
      202: { description: 'Its worker will skip it; `status` is the real one', schema: executionResource },
    },
  },
  retryExecution: {
    ...AGAIN,
    paths: ['/executions/{execution_id}/retry'],
    summary: 'Retry an unsuccessful execution from where it failed',
    description:
      'Makes a new execution. Finished steps keep their outputs unless they are behind a step that failed or did not finish, were changed (`version: latest`), or may have read what is changed now (`parameters`, `inputs`).',
    body: {
      schema: retryRequest,
      encoding: 'json',
      limit: 'standard',
      optional: true,
      example: { version: 'latest' },
    },
  },
  rerunExecution: {
    ...AGAIN,
    paths: ['/executions/{execution_id}/rerun'],
    summary: 'Run a finished execution again, from any step',
    description:
      'Makes a new execution. With `from_step`, that step and what is behind it run again and the others keep their outputs, by the rules of a retry; without it everything runs again.',
    body: {
      schema: rerunRequest,
      encoding: 'json',
      limit: 'standard',
      optional: true,
      example: { from_step: 'summarize', inputs: { summarize: { text: 'corrected' } } },
    },
  },
  bulkExecutions: {
    ...STEER,
    paths: ['/executions/bulk'],
    summary: 'Cancel, pause, resume or retry many executions',
    description:
      'By id or by filter, at most 1,000 in a call; `more` says to call again. Rights are checked for each. Of `status`, those the action applies to: live ones for cancel and pause, `paused` for resume, unsuccessful ones that were not retried yet for retry.',
    query: bulkQuery,
    headers: z.object({
      // With an execution's id behind it, it is a key of 200 characters at most.
      'Idempotency-Key': idempotencyKey
        .max(150)
        .optional()
        .describe(
          'Of a retry by `ids`: the same key makes one new execution of each for 24 hours. By `filter` that is so without a key',
        ),
    }),
    body: {
      schema: bulkRequest,
      encoding: 'json',
      limit: 'standard',
      example: { action: 'retry', filter: { workflow: 'invoices', status: ['failed'] } },
    },
    responses: { 200: { description: 'What came of each', schema: bulkResponse } },
    errors: ['forbidden', 'not_found'],
  },
  listDeadLetters: {
    ...DEAD,
    method: 'get',
    paths: ['/dead-letters'],
    access: 'workflow:read',
    summary: 'Failures that nobody has dealt with, by cause',
    description:
      'Failed and timed out executions of one workflow, step, code and message (but for numbers, ids and quoted values) are one group. Those of child executions belong to their parent. The group with the latest failure first.',
    query: listDeadLettersQuery,
    responses: { 200: { description: 'Groups', schema: z.array(deadLetter), headers: NEXT_PAGE } },
  },
  listDeadLetterExecutions: {
    ...DEAD,
    method: 'get',
    paths: ['/dead-letters/{fingerprint}/executions'],
    access: 'workflow:read',
    summary: 'The executions of a group, newest first',
    query: pageQuery,
    responses: { 200: { description: 'Executions', schema: z.array(executionResource), headers: NEXT_PAGE } },
  },
  redriveDeadLetters: {
    ...DEAD,
    method: 'post',
    paths: ['/dead-letters/{fingerprint}/redrive'],
    access: 'workflow:execute',
    summary: 'Retry the executions of a group',
    description:
      'The oldest first. Each becomes a new execution and leaves the group; `more` says to call again.',
    body: {
      schema: redriveRequest,
      encoding: 'json',
      limit: 'standard',
      optional: true,
      example: { version: 'latest', limit: 100 },
    },
    responses: { 200: { description: 'What came of each', schema: bulkResponse } },
  },
  discardDeadLetters: {
    ...DEAD,
    method: 'post',
    paths: ['/dead-letters/{fingerprint}/discard'],
    access: 'workflow:execute',
    summary: 'Take a group off the list',
    description: 'The executions stay as they are; a later failure of the same cause begins a new group.',
    responses: { 200: { description: 'How many left the list', schema: discardResponse } },
  },
} as const satisfies Record<string, RouteContract>;
