import { bodyOf, type GraphDefinition, type VersionResource } from '@millrace/contracts';

/** What the definition says of a step that the log does not. */
export interface StepPlace {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  /** The step whose body it is in; null at the top level. */
  readonly within: string | null;
  /** The steps of its own body; none without one. */
  readonly body: readonly string[];
  readonly maxAttempts: number;
  /** The steps at its incoming edges. */
  readonly sources: readonly string[];
  /** Belongs to the workflow's `on_failure`. */
  readonly isHandler: boolean;
}

/** Every step of a version by its id, those in bodies too, in the order of the definition. */
export type Structure = ReadonlyMap<string, StepPlace>;

export function structureOf(version: Pick<VersionResource, 'nodes' | 'edges' | 'on_failure'>): Structure {
  const places = new Map<string, StepPlace>();
  addGraph(places, version, { within: null, isHandler: false });
  if (version.on_failure) addGraph(places, version.on_failure, { within: null, isHandler: true });
  return places;
}

function addGraph(
  places: Map<string, StepPlace>,
  { nodes, edges }: GraphDefinition,
  place: Pick<StepPlace, 'within' | 'isHandler'>,
): void {
  const sources = new Map<string, string[]>();
  for (const { source, target } of edges) sources.set(target, [...(sources.get(target) ?? []), source]);
  for (const node of nodes) {
    const body = bodyOf(node);
    places.set(node.id, {
      ...place,
      id: node.id,
      name: node.data.label ?? node.id,
      kind: node.type,
      body: body?.nodes.map(({ id }) => id) ?? [],
      maxAttempts: node.data.retry?.max_attempts ?? 1,
      sources: sources.get(node.id) ?? [],
    });
    if (body) addGraph(places, body, { within: node.id, isHandler: place.isHandler });
  }
}
