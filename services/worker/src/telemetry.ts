import { type JsonObject, type JsonValue, type TransientFrame, toExecutionId } from '@millrace/contracts';
import type { EventBus } from '@millrace/messaging';
import type { Queryable, StoredLogLine } from '@millrace/persistence';
import { writeLogLines } from '@millrace/persistence';
import type { Logger } from '@millrace/service-kit';

/** A step's log keeps so much per attempt; what comes later is counted in its last line. */
export const MAX_LINES_PER_ATTEMPT = 1_000;
export const MAX_LINE_LENGTH = 8_000;
/** Frames and lines are sent together after at most this long. */
const FLUSH_MS = 50;
/** While the store is away, no more than this waits; the rest is dropped, for it is not the truth. */
const MAX_PENDING = 10_000;
/** Frames, and lines, that are sent at once: so many, and of so many UTF-16 units together. */
const MAX_SENT = 200;
const MAX_SENT_LENGTH = 200_000;

export interface Telemetry {
  frame(frame: Omit<TransientFrame, 'timestamp'>): void;
  line(line: StoredLogLine, workflowId: string): void;
  stop(): Promise<void>;
}

/** Progress, log lines and tokens of all running steps, sent in batches beside the log of events. */
export function createTelemetry(db: Queryable, events: EventBus, log: Logger): Telemetry {
  let frames: TransientFrame[] = [];
  let lines: StoredLogLine[] = [];
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    const [sentFrames, sentLines] = [frames, lines];
    frames = [];
    lines = [];
    const report = (error: unknown): void => {
      log.debug({ err: error }, 'transient frames or log lines were lost');
    };
    // Full of long lines, all of them at once would be felt by everything else this process does.
    while (sentFrames.length > 0 || sentLines.length > 0) {
      const someFrames = takeSome(sentFrames, ({ data }) => lengthOf(data['message'] ?? data['text']));
      const someLines = takeSome(sentLines, ({ message }) => message.length);
      await Promise.all([
        someFrames.length > 0 ? events.publishTransient(someFrames).catch(report) : undefined,
        someLines.length > 0 ? writeLogLines(db, someLines).catch(report) : undefined,
      ]);
    }
  }

  function schedule(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      flushing = flushing.then(flush);
    }, FLUSH_MS);
  }

  function frame(transient: Omit<TransientFrame, 'timestamp'>): void {
    if (frames.length >= MAX_PENDING) return;
    frames.push({ ...transient, timestamp: new Date().toISOString() });
    schedule();
  }

  return {
    frame,
    line(line, workflowId) {
      if (lines.length >= MAX_PENDING) return;
      lines.push(line);
      const data: JsonObject = {
        step_id: line.step_id,
        ...(line.iteration !== undefined && { iteration: line.iteration }),
        attempt: line.attempt,
        line: line.line,
        level: line.level,
        message: line.message,
      };
      frame({ type: 'log', execution_id: toExecutionId(line.executionId), workflow_id: workflowId, data });
    },
    async stop() {
      clearTimeout(timer);
      await flushing;
      await flush();
    },
  };
}

/** Takes the first of them out, as many as may be sent at once. */
function takeSome<T>(waiting: T[], length: (item: T) => number): T[] {
  let total = 0;
  const end = waiting.findIndex((item, index) => {
    total += length(item);
    return index >= MAX_SENT || (index > 0 && total > MAX_SENT_LENGTH);
  });
  return waiting.splice(0, end === -1 ? waiting.length : end);
}

function lengthOf(text: JsonValue | undefined): number {
  return typeof text === 'string' ? text.length : 0;
}
