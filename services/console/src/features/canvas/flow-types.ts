import type { Edge, Node } from '@millrace/contracts';
import type { Group, Note } from './annotations';
import type { FlowEdge, FlowNode } from './rf';

/** How two versions differ in a step or an edge. */
export type Mark = 'added' | 'removed' | 'changed';

export interface CardData extends Record<string, unknown> {
  readonly node: Node;
  /** What is wrong with the step, in words; empty when nothing is. */
  readonly problems: readonly string[];
  readonly hasBreakpoint: boolean;
  readonly mark: Mark | undefined;
}

export interface StepEdgeData extends Record<string, unknown> {
  readonly edge: Edge;
  /** The port that it selects; null where it is always followed. */
  readonly port: string | null;
  readonly mark: Mark | undefined;
}

export type CardNode = FlowNode<CardData, 'step'>;
export type NoteNode = FlowNode<{ readonly note: Note }, 'note'>;
export type GroupNode = FlowNode<{ readonly group: Group }, 'group'>;
export type AnyNode = CardNode | NoteNode | GroupNode;
export type StepFlowEdge = FlowEdge<StepEdgeData, 'step'>;
