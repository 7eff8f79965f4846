import type { Place } from './keyring.js';

/** A secret's value opens in its own row, for its owner, under its name. */
export function placeOfSecret(row: { id: string; ownerId: string; name: string }): Place {
  return ['secret', row.id, row.ownerId, row.name];
}
