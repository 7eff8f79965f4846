import { useQuery } from '@tanstack/react-query';
import { isExecutionId } from '@millrace/contracts';
import { useNavigate } from '@tanstack/react-router';
import { Activity, Workflow } from 'lucide-react';
import { useDeferredValue } from 'react';
import { api } from '@/api/client';
import type { PaletteCommand } from './commands';

const FOUND = 8;

/** Workflows whose name matches what is typed, and the execution whose id it is. */
export function useFoundThings(text: string): PaletteCommand[] {
  const navigate = useNavigate();
  const wanted = useDeferredValue(text.trim());
  const workflows = useQuery({
    queryKey: ['workflows', 'found', wanted],
    queryFn: ({ signal }) => api.workflows.list({ search: wanted, limit: FOUND }, { signal }),
    enabled: wanted.length >= 2 && !isExecutionId(wanted),
    placeholderData: (previous) => previous,
  });
  if (isExecutionId(wanted))
    return [
      {
        ...{ id: wanted, group: 'Found', label: `Execution ${wanted}`, icon: Activity },
        act: () =>
          void navigate({ to: '/executions/$executionId', params: { executionId: wanted }, search: {} }),
      },
    ];
  if (wanted.length < 2) return [];
  return (workflows.data?.items ?? []).map(({ id, name, owner }) => ({
    ...{ id, group: 'Found', label: name, note: owner, icon: Workflow },
    words: [wanted],
    act: () => void navigate({ to: '/workflows/$workflowId', params: { workflowId: id }, search: {} }),
  }));
}
