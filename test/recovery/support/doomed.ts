import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CrashPoint } from '@millrace/runtime';
import { type RequestOptions, send } from '../../support/http.js';
import { IS_BUILT } from './processes.js';

/** It dies when it passes the point so many times from now on. */
export interface Doom {
  point: CrashPoint;
  times: number;
}

/** That it listens, or has understood what it is to die of. */
export type DoomedReport = { url: string } | { doomed: true };

export interface DoomedGateways {
  /** A request to a gateway that is killed by it; resolves when the process is gone. Rejects when it answers instead. */
  killByRequest(doom: Doom, path: string, options: RequestOptions): Promise<void>;
  /** Those that nothing has killed. */
  stop(): void;
}

/** Starting takes longer than dying: so many stand ready. */
const SPARES = 2;

export function startDoomedGateways(env: NodeJS.ProcessEnv): DoomedGateways {
  const started = new Set<ChildProcess>();

  function start() {
    const child = fork(fileURLToPath(new URL('doomed-gateway.js', import.meta.url)), {
      execArgv: IS_BUILT ? [] : ['--conditions=source', '--import=tsx'],
      env: { PATH: process.env['PATH'], ...env },
    });
    started.add(child);
    const exited = new Promise<NodeJS.Signals | null>((resolve) => {
      child.once('exit', (_code, signal) => {
        started.delete(child);
        resolve(signal);
      });
    });
    return { child, exited, listens: reportOf(child) };
  }

  const spares = Array.from({ length: SPARES }, start);

  return {
    async killByRequest(told, path, options) {
      spares.push(start());
      const { child, exited, listens } = spares.shift() ?? start();
      const report = await listens;
      const understood = reportOf(child);
      child.send(told);
      await understood;
      const url = 'url' in report ? report.url : '';
      const answer = await send(url, 'POST', `/api/v1${path}`, options).catch(() => undefined);
      if (answer !== undefined) throw new Error(`it answered ${String(answer.status)}: ${answer.text}`);
      if ((await exited) !== 'SIGKILL') throw new Error('it has ended by itself');
    },
    stop() {
      for (const child of started) child.kill('SIGKILL');
    },
  };
}

/** What it says next. */
function reportOf(child: ChildProcess): Promise<DoomedReport> {
  const report = new Promise<DoomedReport>((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', () => {
      reject(new Error('the gateway has ended before its time'));
    });
  });
  // A spare that fails is only missed by whoever takes it.
  report.catch(() => undefined);
  return report;
}
