/** Files of the checkout. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Every file below a folder (or the file itself), sorted.
 * @param {string} place
 * @returns {string[]}
 */
export function filesBelow(place) {
  if (!statSync(place).isDirectory()) return [place];
  return readdirSync(place)
    .sort()
    .filter((name) => name !== 'node_modules')
    .flatMap((name) => filesBelow(path.join(place, name)));
}
