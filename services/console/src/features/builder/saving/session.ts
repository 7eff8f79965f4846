import { ApiProblem } from '@millrace/client';
import type { JsonObject, WorkflowResource } from '@millrace/contracts';
import { api } from '@/api/client';
import { definitionIn } from '@/features/transfer/definition-in';
import { toJson, type BuilderDocument } from '../document/document';
import { readDocument } from '../document/read';
import { openDocument } from '../store';
import { holdDocument } from './held-document';
import { readCopy, writeCopy } from './local-copy';
import { isSame } from './merge';
import { createSaver, type Known, type Saver } from './saver';

/** A workflow that is open in the builder, and its way back to the platform. */
export interface BuilderSession {
  readonly workflow: WorkflowResource;
  readonly saver: Saver;
  stop(): void;
}

/** The document in a definition. Throws where no canvas could show it. */
function documentOf(definition: JsonObject): BuilderDocument {
  const read = readDocument(definition);
  if (read.ok) return read.document;
  throw new Error(`The draft cannot be shown: ${read.reason}`);
}

/** What is being edited: the draft, or where there is none what is published. As the builder writes it itself. */
async function readKnown(workflowId: string): Promise<Known & { readonly workflow: WorkflowResource }> {
  const [workflow, draft] = await Promise.all([
    api.workflows.get(workflowId),
    api.workflows.getDraft(workflowId).catch((error: unknown) => {
      if (error instanceof ApiProblem && error.status === 404) return undefined;
      throw error;
    }),
  ]);
  const definition = toJson(documentOf(draft?.definition ?? definitionIn(workflow)));
  return { workflow, definition, revision: draft?.revision ?? workflow.revision };
}

/**
 * Opens a workflow in the builder's store and begins to save what changes there. An edit that this browser kept from
 * before is taken up again. Throws where the workflow cannot be read, and the signal's reason on abort.
 */
export async function openSession(
  workflowId: string,
  username: string,
  readOnlyReason: string | undefined,
  signal: AbortSignal,
): Promise<BuilderSession> {
  const { workflow, ...known } = await readKnown(workflowId);
  const kept = readOnlyReason === undefined ? await readCopy(username, workflowId) : undefined;
  const copy = kept && !isSame(kept.mine, kept.base.definition) ? kept : undefined;
  // The page may show another workflow by now, and somebody may be typing there.
  signal.throwIfAborted();
  openDocument(workflowId, documentOf(known.definition), readOnlyReason);
  const held = holdDocument(workflowId);

  const saver = createSaver(copy?.base ?? known, {
    current: held.json,
    replace: (definition) => held.replace(documentOf(definition)),
    read: () => readKnown(workflowId),
    write: async (definition, revision) =>
      (await api.workflows.saveDraft(workflowId, definition, { ifMatch: revision })).revision,
    keep: (unsaved) => void writeCopy(username, workflowId, unsaved),
    schedule: (run, delayMs) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  });
  if (readOnlyReason !== undefined) {
    held.release();
    return { workflow, saver, stop: () => saver.stop() };
  }

  held.onChange(() => saver.changed());
  const refresh = (): void => {
    if (document.visibilityState === 'visible') saver.refresh().catch(() => undefined);
  };
  const online = (): void => void saver.flush();
  document.addEventListener('visibilitychange', refresh);
  window.addEventListener('focus', refresh);
  window.addEventListener('online', online);
  if (copy !== undefined) held.replace(documentOf(copy.mine));

  return {
    workflow,
    saver,
    stop() {
      held.release();
      document.removeEventListener('visibilitychange', refresh);
      window.removeEventListener('focus', refresh);
      window.removeEventListener('online', online);
      void saver.flush().finally(() => saver.stop());
    },
  };
}
