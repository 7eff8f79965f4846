/** Where things are. Every command works from any working folder. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** @param {string[]} parts relative to the checkout */
export const inRoot = (...parts) => path.join(root, ...parts);

/**
 * The folder that holds everything this machine keeps: database, credentials, logs, tools.
 * A relative `MILLRACE_DATA` counts from the checkout, so that it means the same from everywhere.
 * @param {Record<string, string | undefined>} [env]
 */
export const dataFolderOf = (env = process.env) => path.resolve(root, env['MILLRACE_DATA'] || '.data');
