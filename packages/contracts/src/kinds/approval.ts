import * as z from 'zod';
import type { StepKindDescriptor } from './descriptor.js';

export const approvalConfiguration = z
  .strictObject({
    message: z.string().min(1).max(10_000).describe('What has to be decided'),
    approvers: z
      .array(z.string().min(1).max(100))
      .max(100)
      .default([])
      .describe('Usernames; everybody who may execute the workflow, without any'),
    required: z.int().min(1).max(100).default(1).describe('So many approvals decide; one rejection does'),
    exclude_submitter: z.boolean().default(false).describe('Whoever submitted the execution may not decide'),
    deadline_seconds: z.number().positive().max(31_536_000).optional(),
    default_outcome: z
      .enum(['approved', 'rejected'])
      .optional()
      .describe('Taken at the deadline; the step fails then, without it'),
  })
  .refine(({ approvers, required }) => approvers.length === 0 || required <= approvers.length, {
    path: ['required'],
    message: 'must not exceed the number of approvers',
  })
  .refine((config) => config.default_outcome === undefined || config.deadline_seconds !== undefined, {
    path: ['default_outcome'],
    message: 'needs "deadline_seconds"',
  });

export const approvalKind = {
  kind: 'approval',
  title: 'Approval',
  description: 'Waits for people to approve or reject; follows the edges labelled "approved" or "rejected".',
  configuration: approvalConfiguration,
  purity: 'effectful',
  ports: ['approved', 'rejected'],
  defaultPort: 'approved',
  celFields: [],
  jsonataFields: [],
  example: {
    message: 'Pay {{ steps.load.output.total }} to {{ parameters.supplier }}?',
    required: 2,
    exclude_submitter: true,
    deadline_seconds: 172_800,
    default_outcome: 'rejected',
  },
} as const satisfies StepKindDescriptor;
