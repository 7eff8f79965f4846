import type { Node } from '@millrace/contracts';
import type { Group, Note } from '@/features/canvas/annotations';
import type { Point } from '@/features/canvas/graph';
import type { BuilderDocument, StepEdge } from './document';
import type { Scope } from './scope';

/** Members to set; one that is undefined is taken away. */
export type Change<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What the workflow is beyond its graph. */
export type WorkflowFields = Pick<
  BuilderDocument,
  'name' | 'description' | 'parameters_schema' | 'timeout_seconds' | 'budget' | 'metadata'
>;

/**
 * Everything that can be done to the document, as data. Step ids are unique in the document and say by themselves where
 * the step is; edges are known within their graph. `typing` joins a command with those of the same kind just before it, so
 * that a word is one step of undo and not five.
 */
export type Command =
  /** Ids must be new in the document (see ids.ts, fragment.ts). Edges to steps that are not there are left out. */
  | { type: 'add'; scope: Scope; nodes: readonly Node[]; edges: readonly StepEdge[] }
  /** Steps with the edges at them, and edges. Steps also leave their groups. */
  | { type: 'remove'; scope: Scope; nodes: readonly string[]; edges: readonly string[] }
  /** New places of steps by id, and of notes by `noteKey`. */
  | { type: 'move'; scope: Scope; moves: ReadonlyMap<string, Point> }
  | { type: 'update_step'; id: string; change: Change<Node['data']>; typing?: boolean }
  /** Gives a step another id: in its edges and groups, and in expressions that refer to it as `steps.<id>`. */
  | { type: 'rename_step'; id: string; to: string }
  /** An empty label is none. */
  | { type: 'label_edge'; scope: Scope; id: string; label: string; typing?: boolean }
  | { type: 'update_workflow'; change: Change<WorkflowFields>; typing?: boolean }
  /** An empty graph to fill, or none any more. */
  | { type: 'set_on_failure'; enabled: boolean }
  | { type: 'put_note'; note: Note; typing?: boolean }
  | { type: 'put_group'; group: Group; typing?: boolean }
  | { type: 'remove_annotations'; notes: readonly string[]; groups: readonly string[] }
  /** All of it, as after a restored version or a resolved conflict. */
  | { type: 'replace'; document: BuilderDocument }
  /** Several as one step of undo. */
  | { type: 'batch'; commands: readonly Command[] };
