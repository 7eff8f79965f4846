/**
 * Reads many keys with one query: those asked for while the query before is under way go together into the next. A key
 * that was asked for twice is read once. Nothing is remembered: every answer is read after it was asked for.
 */
export function createBatchLoader<V>(
  read: (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>,
): (key: string) => Promise<V | undefined> {
  interface Batch {
    readonly keys: Set<string>;
    readonly rows: Promise<ReadonlyMap<string, V>>;
  }
  let open: Batch | undefined;
  let before: Promise<unknown> = Promise.resolve();

  function openBatch(): Batch {
    const keys = new Set<string>();
    const rows = before.then(() => {
      open = undefined;
      return read([...keys]);
    });
    before = rows.catch(() => undefined);
    return { keys, rows };
  }

  return async (key) => {
    open ??= openBatch();
    open.keys.add(key);
    return (await open.rows).get(key);
  };
}
