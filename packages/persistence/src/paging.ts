import { isUuid } from './caller.js';

export interface PageRequest {
  /** Rows wanted, 1 to 1,000. */
  limit: number;
  /** `nextCursor` of the page before; the first page without. */
  cursor?: string | undefined;
}

export interface Page<T> {
  items: T[];
  /** Given when there are more rows: pass it to get them. Opaque; stays valid when rows come and go. */
  nextCursor?: string;
}

/** The cursor is not one that a page was answered with. The caller's mistake. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';

  constructor() {
    super('The cursor is not one that this list has given out');
  }
}

/** Checks a cursor that is the UUID of the last row. Throws InvalidCursorError. */
export function uuidCursor(cursor: string | undefined): string | undefined {
  if (cursor !== undefined && !isUuid(cursor)) throw new InvalidCursorError();
  return cursor;
}

/** Rows to ask the database for: one more than wanted, which tells whether there is a next page. */
export function fetchSize(request: PageRequest): number {
  if (!Number.isInteger(request.limit) || request.limit < 1 || request.limit > 1_000) {
    throw new RangeError('a page has 1 to 1,000 rows');
  }
  return request.limit + 1;
}

/** Makes the page out of `fetchSize` rows. `keyOf` names a row's cursor. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  request: PageRequest,
  keyOf: (row: Row) => string,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, request.limit);
  const last = shown.at(-1);
  const items = shown.map(toItem);
  return rows.length > request.limit && last !== undefined ? { items, nextCursor: keyOf(last) } : { items };
}
