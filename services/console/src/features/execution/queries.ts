import {
  isTerminal,
  type ExecutionResource,
  type StepSummary,
  type VersionResource,
} from '@millrace/contracts';
import { queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import { structureOf, type Structure } from './live/structure';

export const executionQuery = (id: string) =>
  queryOptions({ queryKey: ['executions', id], queryFn: ({ signal }) => api.executions.get(id, { signal }) });

/** The version an execution runs. It never changes. */
export const versionQuery = (workflowId: string, version: number) =>
  queryOptions({
    queryKey: ['workflows', workflowId, 'versions', version],
    queryFn: async ({ signal }): Promise<LoadedVersion> => {
      const found = await api.workflows.version(workflowId, version, { signal });
      return { ...found, structure: structureOf(found) };
    },
    staleTime: Infinity,
  });
export type LoadedVersion = VersionResource & { readonly structure: Structure };

/** What the page opens with: three requests, of which the last two go out together. */
export interface Opening {
  readonly execution: ExecutionResource;
  readonly steps: readonly StepSummary[];
}
export const openingQuery = (id: string) =>
  queryOptions({
    queryKey: ['executions', id, 'opening'],
    queryFn: ({ signal }) => readOpening(id, signal),
    // The live view goes on from here.
    staleTime: Infinity,
    gcTime: 0,
  });

/** One of two that are compared: as it is now, looked at again until it has ended. */
export const comparedQuery = (id: string) =>
  queryOptions({
    queryKey: ['executions', id, 'compared'],
    queryFn: ({ signal }) => readOpening(id, signal),
    refetchInterval: ({ state: { data } }) =>
      data === undefined || isTerminal(data.execution.status) ? false : 3_000,
  });

async function readOpening(id: string, signal: AbortSignal): Promise<Opening> {
  const [execution, steps] = await Promise.all([
    api.executions.get(id, { signal }),
    api.executions.steps(id, { signal }),
  ]);
  return { execution, steps };
}

/**
 * The summaries of one frame: the workflow's own steps, or those of one iteration. They are asked for anew where `since`
 * differs: what has happened to the step that is looked at.
 */
export const stepsQuery = (id: string, of?: { within: string; iteration: string }, since = '') =>
  queryOptions({
    queryKey: ['executions', id, 'steps', of?.within ?? null, of?.iteration ?? null, since],
    queryFn: ({ signal }) => api.executions.steps(id, { signal, ...(of && { of }) }),
    staleTime: 1_000,
  });

/** What people are asked by this execution. */
export const approvalsQuery = (id: string) =>
  queryOptions({
    queryKey: ['approvals', { execution: id }],
    queryFn: async ({ signal }) =>
      (await api.approvals.list({ execution: id, limit: 200 }, { signal })).items,
    staleTime: 1_000,
  });

export const childrenQuery = (id: string) =>
  queryOptions({
    queryKey: ['executions', id, 'children'],
    queryFn: async ({ signal }) =>
      (await api.executions.list({ parent_id: id, limit: 200 }, { signal })).items,
    staleTime: 2_000,
  });

export const retriesQuery = (id: string) =>
  queryOptions({
    queryKey: ['executions', id, 'retries'],
    queryFn: async ({ signal }) => (await api.executions.list({ retry_of: id, limit: 20 }, { signal })).items,
    staleTime: 5_000,
  });
