import { executionStatus } from '@millrace/contracts';
import * as z from 'zod';

/** Time ranges that move with the clock, in seconds. */
export const RANGES = { '15m': 900, '1h': 3_600, '24h': 86_400, '7d': 604_800, '30d': 2_592_000 } as const;
export const RANGE_WORDS: Record<keyof typeof RANGES, string> = {
  '15m': 'Last 15 minutes',
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
};

const optional = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

/** What the list of executions is filtered by, as the address holds it. */
export const executionsSearch = z.object({
  workflow: optional(z.string()),
  version: optional(z.coerce.number().int().positive()),
  status: optional(z.array(executionStatus)),
  owner: optional(z.string()),
  submitted_by: optional(z.string()),
  tag: optional(z.string()),
  range: optional(z.enum(['15m', '1h', '24h', '7d', '30d'])),
  /** RFC 3339; in place of `range`. */
  since: optional(z.iso.datetime({ offset: true })),
  until: optional(z.iso.datetime({ offset: true })),
  error_code: optional(z.string()),
  error_fingerprint: optional(z.string()),
  /** Also what steps of other executions started: sub-workflows and parts of maps. */
  children: optional(z.literal(true)),
  /** The beginning of an execution id. */
  id: optional(z.string()),
});
export type ExecutionsSearch = z.infer<typeof executionsSearch>;

/** The search without what is empty, so that addresses stay short and equal filters are equal addresses. */
export function tidy(search: ExecutionsSearch): ExecutionsSearch {
  const kept = Object.entries(search).filter(([, value]) => {
    if (Array.isArray(value)) return value.length > 0;
    return value !== undefined && value !== '';
  });
  return executionsSearch.parse(Object.fromEntries(kept));
}

export const isFiltered = (search: ExecutionsSearch): boolean => Object.keys(tidy(search)).length > 0;

/** Sub-workflows and parts of maps are left out, unless they are asked for, or are what is looked for. */
export const hidesChildren = ({ children, id, error_fingerprint: cause }: ExecutionsSearch): boolean =>
  children !== true && id === undefined && cause === undefined;
