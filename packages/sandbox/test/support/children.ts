import { execFileSync } from 'node:child_process';

/** Ids of the processes that this one has started, directly, and that are still there. */
export function childProcesses(): number[] {
  return execFileSync('ps', ['-A', '-o', 'ppid=,pid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([parent, , stat = '', ...args]) =>
        Number(parent) === process.pid && !stat.startsWith('Z') && args.join(' ').includes('runner/main'),
    )
    .map(([, pid]) => Number(pid));
}
