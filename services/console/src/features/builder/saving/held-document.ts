import type { JsonObject } from '@millrace/contracts';
import { toJson, type BuilderDocument } from '../document/document';
import { dispatch, useBuilder } from '../store';

/** The document of one workflow. What is last saved of it must be its own, also when the store shows another by then. */
export interface HeldDocument {
  json(): JsonObject;
  replace(document: BuilderDocument): void;
  /** Told of every change. */
  onChange(listener: () => void): void;
  /** From now on it stays as it is. */
  release(): void;
}

/** Of the workflow that the store has just opened. */
export function holdDocument(workflowId: string): HeldDocument {
  let { document } = useBuilder.getState();
  let made: { of: BuilderDocument; json: JsonObject } | undefined;
  const isShown = (): boolean => useBuilder.getState().workflowId === workflowId;
  const listeners = new Set<() => void>();
  const release = useBuilder.subscribe((state) => {
    if (state.workflowId !== workflowId || state.document === document) return;
    document = state.document;
    for (const listener of listeners) listener();
  });
  return {
    json() {
      if (made?.of !== document) made = { of: document, json: toJson(document) };
      return made.json;
    },
    replace(next) {
      if (isShown()) dispatch({ type: 'replace', document: next });
      else document = next;
    },
    onChange: (listener) => void listeners.add(listener),
    release,
  };
}
