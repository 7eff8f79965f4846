import type { WorkflowResource } from '@millrace/contracts';
import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';

/** The workflow as it is published now. */
export function usePublished(opened: WorkflowResource): WorkflowResource {
  const { data } = useQuery({
    queryKey: ['workflows', opened.id],
    queryFn: () => api.workflows.get(opened.id),
    initialData: opened,
  });
  return data;
}
