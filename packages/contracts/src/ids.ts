import * as z from 'zod';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** Words that are a segment of a route and therefore never an id of a workflow, in capitals neither. */
export const RESERVED_WORKFLOW_IDS: ReadonlySet<string> = new Set([
  'protected',
  'visual',
  'executions',
  'create',
  'drafts',
  'templates',
  'search',
]);

const EXECUTION_ID = new RegExp(`^exec_${UUID}$`);
const WORKFLOW_ID = /^[A-Za-z][A-Za-z0-9_-]{2,63}$/;

export const executionId = z
  .string()
  .regex(EXECUTION_ID)
  .meta({
    id: 'ExecutionId',
    description: '`exec_` and a UUIDv7',
    examples: ['exec_01936d5e-8f00-7abc-8def-0123456789ab'],
  });

export const workflowId = z
  .string()
  .regex(WORKFLOW_ID, 'must begin with a letter and hold 3 to 64 letters, digits, "_" or "-"')
  .refine((id) => !id.startsWith('exec_'), 'must not begin with "exec_"')
  .refine((id) => !RESERVED_WORKFLOW_IDS.has(id.toLowerCase()), 'is a reserved word')
  .meta({
    id: 'WorkflowId',
    description: 'A client-chosen id, or `wf_` and a UUIDv7',
    examples: ['wf_01936d5e-8f00-7abc-8def-0123456789ab'],
  });

export const nodeId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must hold 1 to 64 letters, digits, "_" or "-"')
  .meta({ id: 'NodeId', examples: ['node_1'] });

/** Of a failure: equal for those of one cause. */
export const errorFingerprint = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits')
  .meta({ id: 'ErrorFingerprint', examples: ['5f2b0c6a9d3e4f718c0a1b2d3e4f5a6b'] });

/** True for the shape of an execution id; says nothing about its existence. */
export function isExecutionId(text: string): boolean {
  return EXECUTION_ID.test(text);
}

/** `exec_<uuid>` to the bare uuid that the database keys on. Returns undefined for any other shape. */
export function executionUuid(id: string): string | undefined {
  return isExecutionId(id) ? id.slice('exec_'.length) : undefined;
}

/** The bare uuid of the database to the id on the wire. */
export function toExecutionId(uuid: string): string {
  return `exec_${uuid}`;
}
