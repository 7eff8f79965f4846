import type { JsonValue } from '@millrace/contracts';
import { pointerOf, type JsonPath } from './path';

/** Members of a container that are shown without being parted into groups of so many. */
export const GROUP_SIZE = 1_000;

/** One line of the tree: a value, or a group of the members of a very large container. */
export interface JsonRow {
  readonly id: string;
  readonly depth: number;
  /** Undefined for the value as a whole. */
  readonly name: string | number | undefined;
  readonly path: JsonPath;
  readonly value: JsonValue;
  /** Of a group: which members it holds, the end not included. */
  readonly group: { readonly from: number; readonly to: number } | undefined;
  readonly expandable: boolean;
  readonly open: boolean;
}

/** Whether a container is open; `undefined` leaves it to the default. */
export type OpenState = ReadonlyMap<string, boolean>;

type Container = JsonValue[] | Record<string, JsonValue>;

/** Null for a primitive, else the number of members. */
export function sizeOf(value: JsonValue): number | null {
  if (typeof value !== 'object' || value === null) return null;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

/** The lines to show. Costs what is open, not what is there. */
export function rowsOf(value: JsonValue, open: OpenState): JsonRow[] {
  const rows: JsonRow[] = [];
  addValue(rows, { value, name: undefined, path: [], depth: 0 }, open);
  return rows;
}

interface Placed {
  readonly value: JsonValue;
  readonly name: string | number | undefined;
  readonly path: JsonPath;
  readonly depth: number;
}

function addValue(rows: JsonRow[], { value, name, path, depth }: Placed, open: OpenState): void {
  const id = pointerOf(path);
  const size = sizeOf(value);
  const expandable = size !== null && size > 0;
  const isOpen = expandable && (open.get(id) ?? isOpenAtFirst(depth, size));
  rows.push({ id, depth, name, path, value, group: undefined, expandable, open: isOpen });
  if (isOpen && typeof value === 'object' && value !== null) {
    addMembers(rows, value, { path, depth: depth + 1, from: 0, to: size }, open);
  }
}

function isOpenAtFirst(depth: number, size: number): boolean {
  return depth === 0 || (depth === 1 && size <= 20);
}

interface Span {
  readonly path: JsonPath;
  readonly depth: number;
  readonly from: number;
  readonly to: number;
}

function addMembers(rows: JsonRow[], container: Container, span: Span, open: OpenState): void {
  const { path, depth, from, to } = span;
  if (to - from > GROUP_SIZE) {
    for (const group of groupsOf(from, to)) addGroup(rows, container, { path, depth, ...group }, open);
    return;
  }
  if (Array.isArray(container)) {
    container.slice(from, to).forEach((value, offset) => {
      const name = from + offset;
      addValue(rows, { value, name, path: [...path, name], depth }, open);
    });
    return;
  }
  for (const name of Object.keys(container).slice(from, to)) {
    addValue(rows, { value: container[name] ?? null, name, path: [...path, name], depth }, open);
  }
}

function addGroup(rows: JsonRow[], container: Container, span: Span, open: OpenState): void {
  const { path, depth, from, to } = span;
  const id = groupId(path, { from, to });
  const isOpen = open.get(id) ?? false;
  rows.push({
    ...{ id, depth, path, name: undefined, value: container },
    ...{ group: { from, to }, expandable: true, open: isOpen },
  });
  if (isOpen) addMembers(rows, container, { path, depth: depth + 1, from, to }, open);
}

/** At most `GROUP_SIZE` groups, each of a power of it. */
function groupsOf(from: number, to: number): { from: number; to: number }[] {
  let size = GROUP_SIZE;
  while ((to - from) / size > GROUP_SIZE) size *= GROUP_SIZE;
  const groups: { from: number; to: number }[] = [];
  for (let start = from; start < to; start += size) {
    groups.push({ from: start, to: Math.min(to, start + size) });
  }
  return groups;
}

function groupId(path: JsonPath, { from, to }: { from: number; to: number }): string {
  return `${pointerOf(path)}#${from}-${to}`;
}

/** The containers and groups that have to be open for the value at a path to be seen. */
export function idsAround(value: JsonValue, path: JsonPath): string[] {
  const ids: string[] = [];
  let current: JsonValue = value;
  path.forEach((part, depth) => {
    if (typeof current !== 'object' || current === null) return;
    const around = path.slice(0, depth);
    ids.push(pointerOf(around));
    const index = Array.isArray(current) ? Number(part) : Object.keys(current).indexOf(String(part));
    let span = { from: 0, to: sizeOf(current) ?? 0 };
    while (span.to - span.from > GROUP_SIZE) {
      const found = groupsOf(span.from, span.to).find(({ from, to }) => index >= from && index < to);
      if (found === undefined) return;
      ids.push(groupId(around, found));
      span = found;
    }
    current = (Array.isArray(current) ? current[Number(part)] : current[String(part)]) ?? null;
  });
  return ids;
}
