import { ApiProblem } from '@millrace/client';
import { definition } from '@millrace/contracts';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api } from '@/api/client';
import { useRights } from '@/api/session';
import { readDocument } from './document/read';
import { openDocument } from './store';

/** Reads a workflow, or what is drafted of it, into the store. */
export function useOpenWorkflow(workflowId: string) {
  const { whyNot } = useRights();
  const readOnlyReason = whyNot('workflow:write');
  const query = useQuery({
    queryKey: ['workflows', workflowId, 'document'],
    queryFn: async () => {
      const draft = await api.workflows.getDraft(workflowId).catch((error: unknown) => {
        if (error instanceof ApiProblem && error.status === 404) return undefined;
        throw error;
      });
      const fields = Object.keys(definition.shape);
      const json =
        draft?.definition ??
        Object.fromEntries(
          Object.entries(await api.workflows.get(workflowId)).filter(([key]) => fields.includes(key)),
        );
      const read = readDocument(json);
      if (!read.ok) throw new Error(`This workflow cannot be drawn: ${read.reason}`);
      return read.document;
    },
    staleTime: Infinity,
    gcTime: 0,
  });
  const { data } = query;
  useEffect(() => {
    if (data) openDocument(workflowId, data, readOnlyReason);
  }, [workflowId, data, readOnlyReason]);
  return query;
}
