import type { BulkAction, BulkFilter, BulkResponse } from '@millrace/contracts';
import { api } from '@/api/client';
import { hidesChildren, RANGES, tidy, type ExecutionsSearch } from './search';

export type BulkTarget = { readonly ids: string[] } | { readonly filter: BulkFilter };

/** What came of all that were reached so far. */
export interface BulkReport {
  readonly matched: number;
  readonly succeeded: number;
  readonly created: number;
  readonly failed: BulkResponse['failed'];
}

const EMPTY: BulkReport = { matched: 0, succeeded: 0, created: 0, failed: [] };
const AT_ONCE = 1_000;

/** The filter of the list as a bulk action takes it; undefined where it says nothing, or something bulk cannot filter by. */
export function bulkFilterOf(search: ExecutionsSearch, nowMs = Date.now()): BulkFilter | undefined {
  const { range, id, since, children: _children, ...rest } = tidy(search);
  if (id !== undefined) return undefined;
  const from = range === undefined ? since : new Date(nowMs - RANGES[range] * 1_000).toISOString();
  const filter = { ...rest, ...(from !== undefined && { since: from }) };
  if (Object.keys(filter).length === 0) return undefined;
  return hidesChildren(search) ? { ...filter, child: false } : filter;
}

/** How many a filter reaches, without doing anything. */
export async function countBulk(
  action: BulkAction,
  target: BulkTarget,
): Promise<{ count: number; more: boolean }> {
  if ('ids' in target) return { count: target.ids.length, more: false };
  const { matched, more } = await api.executions.bulk({ action, ...target }, { dryRun: true });
  return { count: matched, more };
}

/** Acts in batches until none is left, and tells after each what came of it so far. */
export async function runBulk(
  action: BulkAction,
  target: BulkTarget,
  onProgress: (report: BulkReport) => void,
): Promise<void> {
  let report = EMPTY;
  for (const batch of batches(target)) {
    report = await repeatWhileMore(() => api.executions.bulk({ action, ...batch }), onProgress, report);
  }
}

/** Asks again while there is more and something succeeds, and tells after each answer what came of all so far. */
export async function repeatWhileMore(
  act: () => Promise<BulkResponse>,
  onProgress: (report: BulkReport) => void,
  before: BulkReport = EMPTY,
): Promise<BulkReport> {
  let report = before;
  for (let more = true; more;) {
    const answer = await act();
    report = add(report, answer);
    onProgress(report);
    more = answer.more && answer.succeeded > 0;
  }
  return report;
}

function batches(target: BulkTarget): BulkTarget[] {
  if ('filter' in target) return [target];
  const count = Math.ceil(target.ids.length / AT_ONCE);
  return Array.from({ length: count }, (_, index) => ({
    ids: target.ids.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
  }));
}

const add = (report: BulkReport, answer: BulkResponse): BulkReport => ({
  matched: report.matched + answer.matched,
  succeeded: report.succeeded + answer.succeeded,
  created: report.created + answer.created.length,
  failed: [...report.failed, ...answer.failed],
});
