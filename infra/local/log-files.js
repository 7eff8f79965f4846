/** Log files under the data folder, kept from growing without end. */
import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';

const rotateAbove = 20 * 1024 * 1024;

/**
 * Opens `logs/<name>.log` for appending; a large one becomes `<name>.log.1` first.
 * @param {string} dataFolder
 * @param {string} name
 * @returns {{file: string, fd: number, size: number}} `size` is where this run's text begins
 */
export function openLog(dataFolder, name) {
  const folder = path.join(dataFolder, 'logs');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name}.log`);
  if (existsSync(file) && statSync(file).size > rotateAbove) renameSync(file, `${file}.1`);
  const fd = openSync(file, 'a', 0o640);
  return { file, fd, size: statSync(file).size };
}

/**
 * What was written to a file after a position, at most the last 4 KiB.
 * @param {string} file
 * @param {number} start
 */
export function textSince(file, start) {
  if (!existsSync(file)) return '';
  const end = statSync(file).size;
  const from = Math.max(start, end - 4096);
  const buffer = Buffer.alloc(Math.max(0, end - from));
  const fd = openSync(file, 'r');
  try {
    readSync(fd, buffer, 0, buffer.length, from);
  } finally {
    closeSync(fd);
  }
  return buffer.toString('utf8').trim();
}
