/**
 * The guardian: a tiny process beside a launcher that outlives its violent death.
 *
 * It is told over stdin, one JSON object a line, whom to watch. The system closes that pipe when the launcher ends, in
 * whatever way (kill -9 included); then the guardian stops what is still alive, in rising rank, and removes folders.
 * A launcher that ended properly has made it forget everything before.
 *
 * Messages: `{"watch": {pid, rank, signal, graceMs}}`, `{"forget": pid}`, `{"folder": path}`, `{"forgetFolder": path}`.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { isAlive, signalIfAlive, waitUntil } from './processes.js';

/** @typedef {{pid: number, rank: number, signal: NodeJS.Signals, graceMs: number}} Watched */

/** @type {Map<number, Watched>} */
const watched = new Map();
/** @type {Set<string>} */
const folders = new Set();

// The terminal's Ctrl-C and hang-up are the launcher's business.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.watch) watched.set(message.watch.pid, message.watch);
  if (message.forget) watched.delete(message.forget);
  if (message.folder) folders.add(message.folder);
  if (message.forgetFolder) folders.delete(message.forgetFolder);
}

const ranks = [...new Set([...watched.values()].map((one) => one.rank))].sort((a, b) => a - b);
for (const rank of ranks) {
  await Promise.all([...watched.values()].filter((one) => one.rank === rank).map(end));
}
for (const folder of folders) rmSync(folder, { recursive: true, force: true });

/** @param {Watched} one */
async function end({ pid, signal, graceMs }) {
  signalIfAlive(pid, signal);
  if (await waitUntil(() => !isAlive(pid), graceMs)) return;
  signalIfAlive(-pid, 'SIGKILL');
  await waitUntil(() => !isAlive(pid), 5_000);
}
