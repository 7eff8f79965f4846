import { createWorkflowRequest, type WorkflowSummary } from '@millrace/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '@/api/client';
import { toast, toastError } from '@/components/toast';

export interface WorkflowActions {
  /** An empty one, opened in the builder. */
  create(name: string): Promise<void>;
  duplicate(workflow: WorkflowSummary): Promise<void>;
  archive(workflow: WorkflowSummary, archived: boolean): Promise<void>;
  /** With Undo in a toast. */
  remove(workflow: WorkflowSummary): Promise<void>;
  restore(workflow: WorkflowSummary): Promise<void>;
}

/** What can be done to a workflow from a list. Failures are told in a toast. */
export function useWorkflowActions(): WorkflowActions {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const renew = (): Promise<void> => queries.invalidateQueries({ queryKey: ['workflows'] });
  const open = (workflowId: string): Promise<void> =>
    navigate({ to: '/workflows/$workflowId', params: { workflowId }, search: {} });
  const tried = async (what: string, act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      toastError(what, error);
    }
    await renew();
  };

  const restore: WorkflowActions['restore'] = (workflow) =>
    tried(`Could not restore ${workflow.name}`, async () => {
      await api.workflows.restore(workflow.id);
      toast({ title: `${workflow.name} is back` });
    });

  return {
    create: (name) =>
      tried('Could not create a workflow', async () => {
        const { id } = await api.workflows.createDraft({ name });
        await open(id);
      }),
    duplicate: (workflow) =>
      tried(`Could not duplicate ${workflow.name}`, async () => {
        const full = await api.workflows.get(workflow.id);
        const name = `${full.name.slice(0, 192)} (copy)`;
        const fields = Object.keys(createWorkflowRequest.shape);
        const content = Object.fromEntries(Object.entries(full).filter(([key]) => fields.includes(key)));
        const { id: _id, owner: _owner, ...definition } = createWorkflowRequest.parse({ ...content, name });
        const copy = await api.workflows.create(definition);
        await open(copy.id);
      }),
    archive: (workflow, archived) =>
      tried(`Could not ${archived ? 'archive' : 'activate'} ${workflow.name}`, async () => {
        await api.workflows.patch(workflow.id, { status: archived ? 'archived' : 'active' });
        toast({
          title: `${workflow.name} is ${archived ? 'archived: it takes no new executions' : 'active again'}`,
        });
      }),
    remove: (workflow) =>
      tried(`Could not delete ${workflow.name}`, async () => {
        await api.workflows.delete(workflow.id);
        toast({
          title: `${workflow.name} is deleted`,
          description: 'Executions that run come to their end, and the history stays.',
          action: { label: 'Undo', onSelect: () => void restore(workflow) },
          durationMs: 10_000,
        });
      }),
    restore,
  };
}
