import type { ExecutionResource } from '@millrace/contracts';
import { queryClient } from '@/api/client';

/** Whatever list of executions was looked at last, from the cache of its queries, in its order. */
function knownList(id: string): readonly string[] {
  const lists = queryClient
    .getQueryCache()
    .findAll({ queryKey: ['executions'] })
    .sort((a, b) => b.state.dataUpdatedAt - a.state.dataUpdatedAt);
  for (const { state } of lists) {
    const ids = idsIn(state.data);
    if (ids.length > 1 && ids.includes(id)) return ids;
  }
  return [];
}

/** The execution beside this one in the list that led to it; undefined where none is known. */
export function neighbourOf(id: string, by: 1 | -1): string | undefined {
  const ids = knownList(id);
  return ids[ids.indexOf(id) + by];
}

/** A page of a list, pages of an endless one, or the bare list. */
function idsIn(data: unknown): string[] {
  if (Array.isArray(data)) return data.flatMap((one) => (isExecution(one) ? one.execution_id : idsIn(one)));
  if (typeof data !== 'object' || data === null) return [];
  if ('pages' in data) return idsIn(data.pages);
  return 'items' in data ? idsIn(data.items) : [];
}

const isExecution = (value: unknown): value is Pick<ExecutionResource, 'execution_id'> =>
  typeof value === 'object' &&
  value !== null &&
  'execution_id' in value &&
  typeof value.execution_id === 'string' &&
  'parameters' in value;
