import type { ChildProcess } from 'node:child_process';
import { type ProcessRestrictions, startProcess } from './process.js';

export interface ProcessPoolOptions {
  /** Of a script that calls `serveIsolated`; see `siblingScript`. */
  script: URL;
  /** At most so many at once; they are started when first needed. */
  processes: number;
  /** Of one process's heap. */
  maxHeapMb: number;
  /** A process that has answered so often, or whose memory has grown so far, is replaced; none without it. */
  recycle?: { afterRuns: number; aboveRssMb: number };
  /** What takes from the processes that they do not need; see `ProcessRestrictions`. */
  restrictions?: ProcessRestrictions;
}

export interface RunOptions {
  /** From the moment a process that has started is given the request, and all of its text. */
  timeoutMs: number;
  signal?: AbortSignal;
  /** Goes with the request, cut anywhere. One piece is sent in each turn of the event loop: others do not wait for all. */
  text?: readonly string[];
  /** Gets what the handler notes while it works, in order, before the answer. It must not throw. */
  onNote?(note: unknown): void;
}

/** Outcomes are values. After anything but `answered` the process was killed and is replaced when needed. */
export type IsolatedResult<Answer> =
  /** `text` where the handler sent some: its pieces, in order. */
  | { readonly kind: 'answered'; readonly answer: Answer; readonly text?: readonly string[] }
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

/** What a child says. `rss` are bytes; after its last answer it is replaced. */
export type Message<Answer> =
  | { kind: 'ready' }
  | { kind: 'note'; note: unknown }
  | { kind: 'text'; piece: string }
  | { kind: 'answer'; answer: Answer; isLast: boolean; rss: number };

/** What a child is told. */
export type Order<Request> = { piece: string } | { request: Request };

/** What starting a process may take on a machine that is busy. */
const START_MS = 30_000;

interface Task<Request, Answer> {
  request: Request;
  options: RunOptions;
  /** Its text is on its way; the request comes after it. */
  isBeingSent: boolean;
  /** Listens to the signal: takes the task out of the queue, or ends the process that works on it. */
  abort(): void;
  resolve(result: IsolatedResult<Answer>): void;
}

interface Child<Request, Answer> {
  process: ChildProcess;
  isReady: boolean;
  runs: number;
  task: Task<Request, Answer> | undefined;
  /** What has come of the answer to `task`. */
  text: string[];
  timer: NodeJS.Timeout | undefined;
}

export function createProcessPool<Request, Answer>(
  options: ProcessPoolOptions,
): ProcessPool<Request, Answer> {
  const children = new Set<Child<Request, Answer>>();
  const queue: Task<Request, Answer>[] = [];
  let isStopped = false;

  function settle(child: Child<Request, Answer>, result: IsolatedResult<Answer>): void {
    const { task } = child;
    clearTimeout(child.timer);
    child.task = undefined;
    // Idle ones do not keep this process alive.
    child.process.unref();
    child.process.channel?.unref();
    if (task !== undefined) finish(task, result);
  }

  function finish(task: Task<Request, Answer>, result: IsolatedResult<Answer>): void {
    task.options.signal?.removeEventListener('abort', task.abort);
    task.resolve(result);
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
      runs: 0,
      task: undefined,
      text: [],
      timer: undefined,
    };
    child.process.on('message', (message: Message<Answer>) => {
      hear(child, message);
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

  function hear(child: Child<Request, Answer>, message: Message<Answer>): void {
    switch (message.kind) {
      case 'ready':
        child.isReady = true;
        if (child.task?.isBeingSent === false) limitTime(child, child.task.options.timeoutMs);
        return;
      case 'note':
        child.task?.options.onNote?.(message.note);
        return;
      case 'text':
        if (child.task !== undefined) child.text.push(message.piece);
        return;
      case 'answer': {
        child.runs += 1;
        const { text } = child;
        child.text = [];
        const answered = {
          kind: 'answered',
          answer: message.answer,
          ...(text.length > 0 && { text }),
        } as const;
        if (message.isLast || isWorn(child, message.rss)) replace(child, answered);
        else settle(child, answered);
        pump();
      }
    }
  }

  function isWorn({ runs }: Child<Request, Answer>, rss: number): boolean {
    const { recycle } = options;
    return recycle !== undefined && (runs >= recycle.afterRuns || rss > recycle.aboveRssMb * 1_048_576);
  }

  /** The successor starts at once, so that whoever comes next does not wait for it. */
  function replace(child: Child<Request, Answer>, result: IsolatedResult<Answer>): void {
    if (!isStopped) settle(spawn(), { kind: 'aborted' });
    discard(child, result);
  }

  function limitTime(child: Child<Request, Answer>, timeoutMs: number): void {
    clearTimeout(child.timer);
    child.timer = setTimeout(() => {
      discard(child, { kind: 'timeout' });
    }, timeoutMs);
  }

  function assign(child: Child<Request, Answer>, task: Task<Request, Answer>): void {
    child.task = task;
    child.process.ref();
    child.process.channel?.ref();
    const { timeoutMs, text } = task.options;
    task.isBeingSent = text !== undefined;
    limitTime(child, child.isReady && text === undefined ? timeoutMs : START_MS);
    if (text === undefined) tell(child, { request: task.request });
    else void tellAll(child, task, text);
  }

  function tell(child: Child<Request, Answer>, order: Order<Request>): void {
    try {
      child.process.send(order);
    } catch (error) {
      discard(child, { kind: 'died', message: error instanceof Error ? error.message : String(error) });
    }
  }

  async function tellAll(
    child: Child<Request, Answer>,
    task: Task<Request, Answer>,
    text: readonly string[],
  ): Promise<void> {
    for (const piece of text) {
      tell(child, { piece });
      await new Promise(setImmediate);
      // It may have died or been ended meanwhile.
      if (child.task !== task) return;
    }
    task.isBeingSent = false;
    if (child.isReady) limitTime(child, task.options.timeoutMs);
    tell(child, { request: task.request });
  }

  function abort(task: Task<Request, Answer>): void {
    const position = queue.indexOf(task);
    if (position >= 0) {
      queue.splice(position, 1);
      finish(task, { kind: 'aborted' });
      return;
    }
    const child = [...children].find((busy) => busy.task === task);
    if (child !== undefined) discard(child, { kind: 'aborted' });
  }

  function pump(): void {
    while (queue.length > 0 && !isStopped) {
      const idle = idleChild();
      if (idle === undefined && children.size >= options.processes) return;
      const task = queue.shift();
      if (task === undefined) return;
      assign(idle ?? spawn(), task);
    }
  }

  /** One that has started before one that still starts. */
  function idleChild(): Child<Request, Answer> | undefined {
    const idle = [...children].filter((child) => child.task === undefined);
    return idle.find((child) => child.isReady) ?? idle[0];
  }

  return {
    run(request, run) {
      if (isStopped || run.signal?.aborted === true) return Promise.resolve({ kind: 'aborted' });
      return new Promise((resolve) => {
        const task: Task<Request, Answer> = {
          ...{ request, options: run, resolve, isBeingSent: false },
          abort() {
            abort(task);
          },
        };
        run.signal?.addEventListener('abort', task.abort);
        queue.push(task);
        pump();
      });
    },
    async stop() {
      isStopped = true;
      for (const task of queue.splice(0)) finish(task, { kind: 'aborted' });
      await Promise.all(
        [...children].map((child) => {
          const gone = new Promise((resolve) => child.process.once('exit', resolve));
          discard(child, { kind: 'aborted' });
          // Idle, it keeps this process alive no more: nobody would be there to see it end.
          child.process.ref();
          return gone;
        }),
      );
    },
  };
}

/** A script beside the calling module: `./child` is child.js when built, child.ts when the sources run. */
export function siblingScript(name: string, moduleUrl: string): URL {
  const extension = /\.[a-z]+$/.exec(moduleUrl)?.[0] ?? '.js';
  return new URL(`${name}${extension}`, moduleUrl);
}
