/** A WebSocket on a workflow's stream that notes when each frame arrived. */
import { WebSocket } from 'ws';
import type { WallClock } from './clock.js';

export interface ArrivedFrame {
  readonly type: string;
  readonly executionId: string;
  /** Milliseconds since 1970: when the event's transaction began, by the database's clock. */
  readonly at: number;
  readonly arrivedAt: number;
}

export interface Watcher {
  /** Every event frame so far, in order of arrival. */
  readonly frames: readonly ArrivedFrame[];
  /** Resolves when a frame of this type of this execution is there. */
  arrival(executionId: string, type: string): Promise<ArrivedFrame>;
  close(): void;
}

const ARRIVES_WITHIN_MS = 30_000;

/** Resolves when the stream has said `connected`: nothing submitted after that is missed. */
export async function openWatcher(
  streamUrl: string,
  apiKey: string,
  workflowId: string,
  clock: WallClock,
): Promise<Watcher> {
  const socket = new WebSocket(`${streamUrl}/api/v1/ws/executions/${workflowId}`, {
    headers: { authorization: `Bearer ${apiKey}` },
    perMessageDeflate: false,
  });
  const frames: ArrivedFrame[] = [];
  const first = new Map<string, ArrivedFrame>();
  const waiting = new Map<string, (frame: ArrivedFrame) => void>();

  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      reject(new Error(`the stream refused the watcher: ${response.statusCode ?? 0}`));
    });
    socket.on('message', (data: Buffer) => {
      const arrivedAt = clock.now();
      const frame: unknown = JSON.parse(data.toString());
      if (typeof frame !== 'object' || frame === null || !('type' in frame)) return;
      if (frame.type === 'connected') resolve();
      if (!('execution_id' in frame) || !('timestamp' in frame)) return;
      const executionId = String(frame.execution_id);
      note({ type: String(frame.type), executionId, at: Date.parse(String(frame.timestamp)), arrivedAt });
    });
  });

  function note(frame: ArrivedFrame): void {
    frames.push(frame);
    const key = `${frame.executionId} ${frame.type}`;
    if (first.has(key)) return;
    first.set(key, frame);
    waiting.get(key)?.(frame);
    waiting.delete(key);
  }

  return {
    frames,
    arrival(executionId, type) {
      const key = `${executionId} ${type}`;
      const found = first.get(key);
      if (found) return Promise.resolve(found);
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          reject(new Error(`no ${type} frame of ${executionId} within ${ARRIVES_WITHIN_MS} ms`));
        }, ARRIVES_WITHIN_MS);
        waiting.set(key, (frame) => {
          clearTimeout(late);
          resolve(frame);
        });
      });
    },
    close: () => socket.terminate(),
  };
}
