import { apply } from './apply';
import type { Command } from './command';
import type { BuilderDocument } from './document';

/** The document with what it was before and what was undone. Saving has no part in it and clears nothing. */
export interface History {
  readonly document: BuilderDocument;
  readonly past: readonly BuilderDocument[];
  readonly future: readonly BuilderDocument[];
  /** What is being typed: more of the same soon after joins the last entry. */
  readonly typing: { readonly key: string; readonly atMs: number } | null;
}

const MOST_ENTRIES = 500;
/** A pause this long ends an entry of typing. */
const TYPING_PAUSE_MS = 1_200;

export const startOf = (document: BuilderDocument): History => ({
  document,
  past: [],
  future: [],
  typing: null,
});

/** One entry for each command, but typing is joined. A command that changes nothing leaves no entry. */
export function execute(history: History, command: Command, nowMs: number): History {
  const document = apply(history.document, command);
  if (document === history.document) return history;
  const key = typingKey(command);
  const { typing, past } = history;
  const joins = key !== undefined && typing?.key === key && nowMs - typing.atMs < TYPING_PAUSE_MS;
  return {
    document,
    past: joins ? past : [...past, history.document].slice(-MOST_ENTRIES),
    future: [],
    typing: key === undefined ? null : { key, atMs: nowMs },
  };
}

export function undo(history: History): History {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return {
    document: before,
    past: history.past.slice(0, -1),
    future: [history.document, ...history.future],
    typing: null,
  };
}

export function redo(history: History): History {
  const [after, ...future] = history.future;
  if (after === undefined) return history;
  return { document: after, past: [...history.past, history.document], future, typing: null };
}

/** Commands with the same key write the same field. */
function typingKey(command: Command): string | undefined {
  if (!('typing' in command) || !command.typing) return undefined;
  switch (command.type) {
    case 'update_step':
      return `step/${command.id}/${Object.keys(command.change).join()}`;
    case 'label_edge':
      return `edge/${command.scope.join('/')}/${command.id}`;
    case 'update_workflow':
      return `workflow/${Object.keys(command.change).join()}`;
    case 'put_note':
      return `note/${command.note.id}`;
    case 'put_group':
      return `group/${command.group.id}`;
  }
}
