import { ApiProblem } from '@millrace/client';
import type { JsonObject, WorkflowResource } from '@millrace/contracts';
import { api, queryClient } from '@/api/client';
import { toJson } from '../document/document';
import { problemsOfRefusal } from '../problems/from-refusal';
import { check, setRefused } from '../problems/problems-store';
import type { Saver } from '../saving/saver';
import { useBuilder } from '../store';

export type Publication =
  | { readonly outcome: 'published'; readonly workflow: WorkflowResource }
  /** There are errors, which the list of problems shows. */
  | { readonly outcome: 'invalid'; readonly errors: number }
  /** The draft could not be saved first, or somebody has to decide about a conflict; the chip says which. */
  | { readonly outcome: 'unsaved' };

/**
 * Publishes what is on the canvas. The draft is saved before, so that what is published is what the draft was, and what
 * somebody else saved meanwhile is not lost by it. Throws what the platform or the network answers beyond problems.
 */
export async function publish(workflowId: string, saver: Saver): Promise<Publication> {
  const { document } = useBuilder.getState();
  const errors = check(document).filter(({ severity }) => severity === 'error').length;
  if (errors > 0) return { outcome: 'invalid', errors };
  for (;;) {
    await saver.flush();
    if (!saver.isSaved()) return { outcome: 'unsaved' };
    const definition = toJson(useBuilder.getState().document);
    try {
      const workflow = await send(workflowId, definition, saver);
      await queryClient.invalidateQueries({ queryKey: ['workflows'] });
      return { outcome: 'published', workflow };
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      // Somebody was faster: their changes come in, or have to be decided about, before this can be published.
      if (error.status === 412) {
        await saver.refresh();
        continue;
      }
      if (error.status !== 400 && error.status !== 422) throw error;
      const refused = problemsOfRefusal(error, useBuilder.getState().document);
      setRefused(refused);
      return { outcome: 'invalid', errors: refused.length };
    }
  }
}

async function send(workflowId: string, definition: JsonObject, saver: Saver): Promise<WorkflowResource> {
  const { revision } = saver.store.getState();
  // What is JSON here is checked there: the client's type asks for a definition.
  const workflow = await api.workflows.update(workflowId, definition as never, { ifMatch: revision });
  saver.accept({ definition, revision: workflow.revision });
  queryClient.setQueryData(['workflows', workflowId], workflow);
  return workflow;
}

/** Nothing of the draft is unpublished. */
export const isPublished = (workflow: WorkflowResource, revision: number): boolean =>
  workflow.status !== 'draft' && workflow.revision === revision;
