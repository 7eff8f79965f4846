import { jsonObject } from '@millrace/contracts';
import * as z from 'zod';
import type { Unsaved } from './saver';

/**
 * Edits that the platform does not have yet, by workflow, in the browser's own database: a crash, a closed tab or a night
 * without network loses nothing. A browser that refuses its database leaves the page working without this net.
 */
const DATABASE = 'millrace';
const STORE = 'unsaved';

const unsaved = z.object({
  mine: jsonObject,
  base: z.object({ definition: jsonObject, revision: z.int() }),
});

let opened: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB cannot be opened'));
  });
  return opened;
}

async function run<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const store = (await database()).transaction(STORE, mode).objectStore(STORE);
  return new Promise((resolve, reject) => {
    const request = act(store);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
  });
}

/** One person's edits are not another's, who signs in at the same browser. */
const keyOf = (username: string, workflowId: string): string => `${username}/${workflowId}`;

export async function readCopy(username: string, workflowId: string): Promise<Unsaved | undefined> {
  try {
    const found = await run<unknown>('readonly', (store) => store.get(keyOf(username, workflowId)));
    const read = unsaved.safeParse(found);
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

/** `undefined` takes it away. */
export async function writeCopy(
  username: string,
  workflowId: string,
  copy: Unsaved | undefined,
): Promise<void> {
  const key = keyOf(username, workflowId);
  try {
    if (copy === undefined) await run('readwrite', (store) => store.delete(key));
    else await run('readwrite', (store) => store.put(copy, key));
  } catch {
    // The edit is still on the page and on its way to the platform.
  }
}
