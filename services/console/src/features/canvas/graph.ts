import { descriptorOf, portsOf, type Edge, type Node } from '@millrace/contracts';
import type { Group, Note } from './annotations';

/** What a canvas draws. Steps and edges are those of a definition, checked or not. */
export interface CanvasGraph {
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
  readonly notes?: readonly Note[];
  readonly groups?: readonly Group[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export type Rect = Point & Size;

/** What is selected. Notes and groups are among `nodes`, by `noteKey` and `groupKey`. */
export interface Selection {
  readonly nodes: ReadonlySet<string>;
  readonly edges: ReadonlySet<string>;
}

export const NOTHING_SELECTED: Selection = { nodes: new Set(), edges: new Set() };

export const CARD: Size = { width: 264, height: 84 };
export const ERROR_PORT = 'error';

/** False where nothing has a place, or all lie on one another: the platform gives every step without a place the same. */
export function isDrawn(nodes: readonly { readonly position?: Point | undefined }[]): boolean {
  const places = new Set(nodes.flatMap(({ position: at }) => (at ? `${at.x} ${at.y}` : [])));
  return places.size >= Math.min(2, nodes.length);
}

/** No node id holds a colon. */
export const noteKey = (id: string): string => `note:${id}`;
export const groupKey = (id: string): string => `group:${id}`;
export const keyedId = (kind: 'note' | 'group', key: string): string | undefined =>
  key.startsWith(`${kind}:`) ? key.slice(kind.length + 1) : undefined;

/** What an edge is known by on a canvas: its id, or its ends and label, which are unique together. */
export const edgeKey = ({ id, source, target, label = '' }: Edge): string =>
  id ?? `${source}>${target}>${label}`;

/** The port that an edge leaves its source by; null where labels are decoration, or the label is no port. */
export function edgePort({ label }: Edge, source: Node | undefined): string | null {
  if (label === ERROR_PORT) return ERROR_PORT;
  if (source === undefined) return null;
  const ports = portsOf(source.type, source.data.config);
  if (label === undefined || label === '') return descriptorOf(source.type).defaultPort ?? null;
  return ports.includes(label) ? label : null;
}

const GROUP_PADDING = 24;
const GROUP_HEADER = 28;

/** The frame around steps at these places; undefined around nothing. */
export function frameAround(places: readonly Point[]): Rect | undefined {
  if (places.length === 0) return undefined;
  const left = Math.min(...places.map(({ x }) => x)) - GROUP_PADDING;
  const top = Math.min(...places.map(({ y }) => y)) - GROUP_PADDING - GROUP_HEADER;
  const right = Math.max(...places.map(({ x }) => x)) + CARD.width + GROUP_PADDING;
  const bottom = Math.max(...places.map(({ y }) => y)) + CARD.height + GROUP_PADDING;
  return { x: left, y: top, width: right - left, height: bottom - top };
}
