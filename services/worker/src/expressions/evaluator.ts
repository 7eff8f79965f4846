import { Worker } from 'node:worker_threads';
import { compileJsonata, type Evaluated } from '@millrace/engine';
import type { ThreadAnswer, ThreadRequest } from './thread.js';

export interface Evaluation {
  expression: string;
  scope: object;
  now: number;
  /** From 0 to below 1: what `$random()` is drawn from. */
  seed: number;
  signal: AbortSignal;
}

export interface Evaluator {
  /** Plain paths are answered at once; anything else runs in a thread and is ended after `timeoutMs`. */
  evaluate(evaluation: Evaluation): Evaluated | Promise<Evaluated>;
  stop(): Promise<void>;
}

export interface EvaluatorOptions {
  threads: number;
  timeoutMs: number;
  /** Of one thread's heap. */
  maxHeapMb: number;
}

interface Task {
  evaluation: Evaluation;
  resolve(result: Evaluated): void;
}

interface Thread {
  worker: Worker;
  task: Task | undefined;
  timer: NodeJS.Timeout | undefined;
}

function failure(code: string, message: string): Evaluated {
  return { ok: false, error: { code, message, fault: 'workflow', retryable: false } };
}

/**
 * Expressions that may block (regular expressions, sorting, functions over large arrays) run in threads of their own, so
 * that one workflow's expression cannot stop the others' heartbeats. A thread that runs over its time is terminated and
 * replaced; only its own expression fails.
 */
export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const threads = new Set<Thread>();
  const queue: Task[] = [];
  let stopped = false;

  function settle(thread: Thread, result: Evaluated): void {
    clearTimeout(thread.timer);
    const { task } = thread;
    thread.task = undefined;
    task?.resolve(result);
  }

  function discard(thread: Thread, result: Evaluated): void {
    threads.delete(thread);
    settle(thread, result);
    void thread.worker.terminate();
    pump();
  }

  function spawn(): Thread {
    const worker = new Worker(new URL('./thread.js', import.meta.url), {
      name: 'expressions',
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: options.maxHeapMb },
    });
    worker.unref();
    const thread: Thread = { worker, task: undefined, timer: undefined };
    worker.on('message', (answer: ThreadAnswer) => {
      settle(thread, answer.result);
      pump();
    });
    worker.on('error', (error) => {
      const outOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      discard(
        thread,
        failure(
          outOfMemory ? 'expression_limit' : 'expression_failed',
          outOfMemory
            ? `The expression needs more than ${String(options.maxHeapMb)} MB of memory`
            : `The expression failed: ${error.message}`,
        ),
      );
    });
    threads.add(thread);
    return thread;
  }

  function assign(thread: Thread, task: Task): void {
    const { expression, scope, now, seed, signal } = task.evaluation;
    if (signal.aborted) {
      task.resolve(failure('aborted', 'The step was stopped'));
      return;
    }
    thread.task = task;
    thread.timer = setTimeout(() => {
      const seconds = String(options.timeoutMs / 1_000);
      discard(thread, failure('expression_limit', `The expression ran longer than ${seconds} seconds`));
    }, options.timeoutMs);
    const request: ThreadRequest = { expression, scope, now, seed };
    try {
      thread.worker.postMessage(request);
    } catch (error) {
      settle(thread, failure('expression_failed', error instanceof Error ? error.message : String(error)));
    }
  }

  function pump(): void {
    while (queue.length > 0 && !stopped) {
      const idle = [...threads].find((thread) => thread.task === undefined);
      if (idle === undefined && threads.size >= options.threads) return;
      const task = queue.shift();
      if (task !== undefined) assign(idle ?? spawn(), task);
    }
  }

  return {
    evaluate(evaluation) {
      const compiled = compileJsonata(evaluation.expression);
      if (!compiled.ok) return failure('expression_invalid', `JSONata: ${compiled.message}`);
      if (!compiled.value.needsThread) return compiled.value.evaluateSync(evaluation.scope);
      if (stopped) return failure('aborted', 'The worker is stopping');
      return new Promise((resolve) => {
        queue.push({ evaluation, resolve });
        pump();
      });
    },
    async stop() {
      stopped = true;
      for (const task of queue.splice(0)) task.resolve(failure('aborted', 'The worker is stopping'));
      await Promise.all(
        [...threads].map((thread) => {
          settle(thread, failure('aborted', 'The worker is stopping'));
          return thread.worker.terminate();
        }),
      );
      threads.clear();
    },
  };
}
