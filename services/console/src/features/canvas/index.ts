/**
 * The canvas: how a workflow is drawn in the builder, the live execution and the comparison of versions.
 *
 *     const [run] = useState(createRunStatus);          // an execution: fed by frames, applied once an animation frame
 *     run.replace(steps); run.change('load', { status: 'running', attempt: 1, startedAtMs });
 *     <GraphCanvas label="Execution of Weather report" mode="view" graph={version} run={run}
 *       selection={selection} onSelect={setSelection} onOpen={open} hasMinimap />
 *
 * - `graph` is `{nodes, edges}` of a definition (an edge without an id is known by `edgeKey(edge)`), with
 *   `notes` and `groups` from `annotationsOf(definition.ui)`. A new object means a new drawing: keep it stable.
 * - `run` is apart from the graph: a change of a step redraws its card, the edges at it and nothing else.
 * - `marks` colours steps and edges of two versions: added, removed, changed.
 * - `ref` takes a `CanvasHandle`: fit, zoom, reveal, focus, write a note, coordinates.
 * - `identityOf` and `identityOfNode` give icon, colour and title of a kind; `titleOf`, `subtitleOf` the words of a
 *   card; `Chip` its mark. They are light and for every list that names steps (import those files, not this one,
 *   where React Flow is not wanted).
 * - `tidy(graph)` lays out in a worker; `usePlaced(graph)` does so where a workflow was never drawn.
 */
export { annotationsOf, type Annotations, type Group, type Note } from './annotations';
export type { CanvasMode } from './canvas-context';
export type { CanvasHandle } from './canvas-handle';
export { Chip } from './chip';
export { subtitleOf, titleOf } from './describe';
export type { Mark } from './flow-types';
export {
  CARD,
  edgeKey,
  edgePort,
  ERROR_PORT,
  groupKey,
  keyedId,
  noteKey,
  NOTHING_SELECTED,
  type CanvasGraph,
  type Point,
  type Rect,
  type Selection,
  type Size,
} from './graph';
export { GraphCanvas, type CanvasTarget, type GraphCanvasProps } from './graph-canvas';
export { identityOf, identityOfNode, type Identity } from './identity';
export {
  createRunStatus,
  edgeRun,
  NEVER_RAN,
  useEdgeRun,
  useStepRun,
  type EdgeRun,
  type RunStatus,
  type StepRun,
} from './run-status';
export { tidy } from './tidy';
export type { Moves } from './use-gesture';
export { usePlaced } from './use-placed';
