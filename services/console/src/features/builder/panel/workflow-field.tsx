import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { ControlProps } from '@/components/schema-form/form-context';
import { useBuilder } from '../store';
import { SuggestField } from './suggest-field';

/** The workflow that a step executes, by its id; the newest are offered with their names. */
export function WorkflowField(props: ControlProps) {
  const own = useBuilder((state) => state.workflowId);
  const workflows = useQuery({
    queryKey: ['workflows', 'names'],
    queryFn: async () => (await api.workflows.list({ limit: 200 })).items,
    staleTime: 30_000,
  });
  const suggestions = (workflows.data ?? [])
    .filter(({ id }) => id !== own)
    .map(({ id, name }) => ({ value: id, label: name }));
  return <SuggestField {...props} suggestions={suggestions} />;
}
