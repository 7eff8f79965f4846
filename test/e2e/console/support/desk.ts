import {
  definition,
  type Definition,
  type DefinitionInput,
  type JsonObject,
  type WorkflowResource,
} from '@millrace/contracts';
import type { ContextOptions, Visit } from './browser.js';
import { builderOn, DESK, type Builder } from './builder.js';
import { consolePlatform } from './platform.js';
import { useWindows, type OpenWindow } from './windows.js';

export interface Desk {
  /** A browser of its own, signed in as the administrator, wide, and without animations to wait for. */
  window: OpenWindow;
  /** A published workflow and a window with its builder. */
  open(definition: DefinitionInput, options?: ContextOptions): Promise<Opened>;
  /** What the platform has of what is drawn. */
  draft(workflowId: string): Promise<JsonObject>;
}

export interface Opened {
  readonly workflow: WorkflowResource;
  readonly builder: Builder;
  readonly visit: Visit;
}

/** For a suite about the builder: starts the platform before it, and closes every window after each test. */
export function useDesk(): Desk {
  const window = useWindows({ as: 'admin', viewport: DESK, reducedMotion: true });
  return {
    window,
    async open(definition, options) {
      const { api } = await consolePlatform();
      const workflow = await api.admin.workflows.create(definition);
      const opened = await window(`/workflows/${workflow.id}`, options);
      return { workflow, visit: opened, builder: await builderOn(opened.page) };
    },
    async draft(workflowId) {
      const { api } = await consolePlatform();
      return (await api.admin.workflows.getDraft(workflowId)).definition;
    },
  };
}

/** A draft that is a definition: the builder writes every default into it. */
export const definitionIn = (draft: JsonObject): Definition => definition.parse(draft);
