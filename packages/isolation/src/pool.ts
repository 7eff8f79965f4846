import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ProcessPoolOptions {
  /** Of a script that calls `serveIsolated`; see `siblingScript`. */
  script: URL;
  /** At most so many at once; they are started when first needed. */
  processes: number;
  /** Of one process's heap. */
  maxHeapMb: number;
}

export interface RunOptions {
  /** From the moment a process that has started takes the request. */
  timeoutMs: number;
  signal?: AbortSignal;
}

/** Outcomes are values. After anything but `answered` the process was killed and is replaced when needed. */
export type IsolatedResult<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'aborted' }
  /** The process died, most often of too little memory, or the request could not be sent to it. */
  | { readonly kind: 'died'; readonly message: string };

/**
 * Work that may block or eat memory runs in processes of their own: it cannot stop the heartbeats of this one, and only
 * the request at hand fails when it is killed. Rejected: worker threads, whose heap limit ends the whole process when
 * V8 runs out of memory in the wrong moment. Never rejects.
 */
export interface ProcessPool<Request, Answer> {
  run(request: Request, options: RunOptions): Promise<IsolatedResult<Answer>>;
  /** Kills every process; requests under way and waiting are `aborted`. */
  stop(): Promise<void>;
}

/** What a child says. */
export type Message<Answer> = { kind: 'ready' } | { kind: 'answer'; answer: Answer };

/** What starting a process may take on a machine that is busy. */
const START_MS = 30_000;

interface Task<Request, Answer> {
  request: Request;
  options: RunOptions;
  resolve(result: IsolatedResult<Answer>): void;
}

interface Child<Request, Answer> {
  process: ChildProcess;
  isReady: boolean;
  task: Task<Request, Answer> | undefined;
  timer: NodeJS.Timeout | undefined;
  abort: (() => void) | undefined;
}

export function createProcessPool<Request, Answer>(
  options: ProcessPoolOptions,
): ProcessPool<Request, Answer> {
  const children = new Set<Child<Request, Answer>>();
  const queue: Task<Request, Answer>[] = [];
  let isStopped = false;

  function settle(child: Child<Request, Answer>, result: IsolatedResult<Answer>): void {
    const { task, timer, abort } = child;
    clearTimeout(timer);
    if (abort !== undefined) task?.options.signal?.removeEventListener('abort', abort);
    child.task = undefined;
    child.abort = undefined;
    // Idle ones do not keep this process alive.
    child.process.unref();
    child.process.channel?.unref();
    task?.resolve(result);
  }

  function discard(child: Child<Request, Answer>, result: IsolatedResult<Answer>): void {
    children.delete(child);
    child.process.kill('SIGKILL');
    settle(child, result);
    pump();
  }

  function spawn(): Child<Request, Answer> {
    const child: Child<Request, Answer> = {
      process: startProcess(options),
      isReady: false,
      task: undefined,
      timer: undefined,
      abort: undefined,
    };
    child.process.on('message', (message: Message<Answer>) => {
      if (message.kind === 'ready') {
        child.isReady = true;
        if (child.task !== undefined) limitTime(child, child.task.options.timeoutMs);
        return;
      }
      settle(child, { kind: 'answered', answer: message.answer });
      pump();
    });
    child.process.on('error', (error) => {
      discard(child, { kind: 'died', message: error.message });
    });
    child.process.on('exit', (code, signal) => {
      discard(child, { kind: 'died', message: `its process ended with ${signal ?? String(code)}` });
    });
    children.add(child);
    return child;
  }

  function limitTime(child: Child<Request, Answer>, timeoutMs: number): void {
    clearTimeout(child.timer);
    child.timer = setTimeout(() => {
      discard(child, { kind: 'timeout' });
    }, timeoutMs);
  }

  function assign(child: Child<Request, Answer>, task: Task<Request, Answer>): void {
    const { request, options: run } = task;
    child.task = task;
    child.process.ref();
    child.process.channel?.ref();
    limitTime(child, child.isReady ? run.timeoutMs : START_MS);
    child.abort = () => {
      discard(child, { kind: 'aborted' });
    };
    run.signal?.addEventListener('abort', child.abort);
    try {
      child.process.send({ request });
    } catch (error) {
      discard(child, { kind: 'died', message: error instanceof Error ? error.message : String(error) });
    }
  }

  function pump(): void {
    while (queue.length > 0 && !isStopped) {
      const idle = [...children].find((child) => child.task === undefined);
      if (idle === undefined && children.size >= options.processes) return;
      const task = queue.shift();
      if (task === undefined) return;
      if (task.options.signal?.aborted === true) task.resolve({ kind: 'aborted' });
      else assign(idle ?? spawn(), task);
    }
  }

  return {
    run(request, run) {
      if (isStopped) return Promise.resolve({ kind: 'aborted' });
      return new Promise((resolve) => {
        queue.push({ request, options: run, resolve });
        pump();
      });
    },
    async stop() {
      isStopped = true;
      for (const task of queue.splice(0)) task.resolve({ kind: 'aborted' });
      await Promise.all(
        [...children].map((child) => {
          const gone = new Promise((resolve) => child.process.once('exit', resolve));
          discard(child, { kind: 'aborted' });
          return gone;
        }),
      );
    },
  };
}

/** Nothing of the parent's environment reaches the child; sources run through the loader the parent runs through. */
function startProcess({ script, maxHeapMb }: ProcessPoolOptions): ChildProcess {
  const loader = script.pathname.endsWith('.ts') ? ['--conditions=source', '--import=tsx'] : [];
  return fork(fileURLToPath(script), {
    execArgv: [...loader, `--max-old-space-size=${String(maxHeapMb)}`],
    env: {},
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

/** A script beside the calling module: `./child` is child.js when built, child.ts when the sources run. */
export function siblingScript(name: string, moduleUrl: string): URL {
  const extension = /\.[a-z]+$/.exec(moduleUrl)?.[0] ?? '.js';
  return new URL(`${name}${extension}`, moduleUrl);
}
