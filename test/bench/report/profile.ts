/** Where a recorded process spent its time: the functions with the largest self time of a .cpuprofile. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number };
}

interface Profile {
  nodes: ProfileNode[];
  samples: number[];
  timeDeltas: number[];
}

export interface SelfTime {
  /** `function file:line`. */
  readonly where: string;
  /** Of the time the process was busy, 0 to 1. */
  readonly share: number;
}

const TOP = 15;

/** Waiting, and loading modules at the start. */
const NOT_WORK = /^\((idle|root)\)$|node:internal\/modules\//;

/** Node's flags to record one process at its end; several processes of a name each write their own file. */
export function recordingFlags(folder: string, name: string): string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${path.join(folder, name)}`];
}

/** The largest profile below `folder/name`, summed up. Empty when there is none. */
export function topSelfTimes(folder: string, name: string): SelfTime[] {
  const place = path.join(folder, name);
  const texts = readdirSync(place).map((file) => readFileSync(path.join(place, file), 'utf8'));
  const largest = texts.sort((a, b) => b.length - a.length)[0];
  if (largest === undefined) return [];
  const profile: unknown = JSON.parse(largest);
  if (!isProfile(profile)) throw new Error(`${place} holds no CPU profile`);
  return summarize(profile);
}

function isProfile(value: unknown): value is Profile {
  return typeof value === 'object' && value !== null && 'samples' in value && 'timeDeltas' in value;
}

function summarize({ nodes, samples, timeDeltas }: Profile): SelfTime[] {
  const names = new Map(nodes.map((node) => [node.id, nameOf(node)]));
  const times = new Map<string, number>();
  let busy = 0;
  samples.forEach((id, index) => {
    const name = names.get(id) ?? '(unknown)';
    if (NOT_WORK.test(name)) return;
    const time = timeDeltas[index] ?? 0;
    busy += time;
    times.set(name, (times.get(name) ?? 0) + time);
  });
  return [...times]
    .map(([where, time]) => ({ where, share: time / busy }))
    .sort((a, b) => b.share - a.share)
    .slice(0, TOP);
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  if (url === '') return functionName;
  const file = url.replace(/^.*\/(node_modules|packages|services)\//, '').replace('file://', '');
  return `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`;
}
