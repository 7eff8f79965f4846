import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { McpStdioServer } from '@millrace/contracts';
import {
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  ReadBuffer,
  serializeMessage,
  type Transport,
} from '@modelcontextprotocol/client';
import { getDefaultEnvironment } from '@modelcontextprotocol/client/stdio';
import {
  MAX_MESSAGE_BYTES,
  MAX_UNANSWERED_BYTES,
  MAX_UNANSWERED_MESSAGES,
  MAX_UNREAD_BYTES,
  STOP_GRACE_MS,
} from './limits.js';
import { createLineLog } from './line-log.js';
import { signalGroup, startGroup } from './process-group.js';
import type { Loss, TransportHooks } from './transport.js';

const LAST_WORDS_MS = 200;
/** Messages that are read before everything else gets its turn. */
const SLICE = 8;
/** Larger than a chunk of a pipe, so that the limit is one of messages and not of reads. */
const BUFFER_BYTES = MAX_MESSAGE_BYTES + 131_072;

/**
 * A server that is a program, over its standard input and output. Instead of the SDK's own because the whole process
 * group ends with it, what the server may send without answering is bounded, and its log is, too.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  private child: ChildProcessWithoutNullStreams | undefined;
  private exited: Promise<unknown> = Promise.resolve();
  private readonly buffer = new ReadBuffer({ maxBufferSize: BUFFER_BYTES });
  private unanswered = { bytes: 0, messages: 0 };
  private isClosed = false;
  private isFinished = false;

  constructor(
    private readonly server: McpStdioServer,
    private readonly hooks: TransportHooks,
  ) {}

  /** Of the program, which is the head of its process group. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  async start(): Promise<void> {
    const { command, args, cwd, env } = this.server;
    const child = startGroup({ command, args, cwd, env: { ...getDefaultEnvironment(), ...env } });
    this.child = child;
    const ended = new Promise<void>((resolve) => {
      child.once('exit', (code, signal) => {
        resolve();
        const loss: Loss = { kind: 'gone', message: `ended with ${signal ?? `code ${String(code)}`}` };
        // Its last words may still be in the pipe, and a helper outside the group may keep that open for ever.
        const lose = (): void => {
          clearTimeout(timer);
          this.lose(loss);
        };
        const timer = setTimeout(lose, LAST_WORDS_MS);
        child.once('close', lose);
      });
      child.once('error', () => {
        resolve();
      });
    });
    this.exited = ended;
    child.stdin.on('error', (error) => this.onerror?.(error));
    child.stdout.on('data', (chunk: Buffer) => {
      this.receive(chunk);
    });
    const lines = createLineLog((line) => {
      this.hooks.onPrinted(line);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      lines.push(chunk);
    });
    child.stderr.once('end', () => {
      lines.end();
    });
    await once(child, 'spawn');
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.child?.stdin;
    if (this.isClosed || !stdin?.writable) throw new Error('The server has ended');
    if (stdin.writableLength > MAX_UNREAD_BYTES) {
      this.lose({ kind: 'gone', message: 'does not read what it is sent' });
      throw new Error('The server does not read');
    }
    // Not waited for: the request's own time limit is for a server that does not read.
    stdin.write(serializeMessage(message));
    return Promise.resolve();
  }

  /** Ends its input, then asks, then kills; nothing of its process group is left. */
  async close(): Promise<void> {
    this.isClosed = true;
    const { child } = this;
    if (child === undefined) return;
    const isGone = async (): Promise<boolean> =>
      Promise.race([this.exited.then(() => true), pause(STOP_GRACE_MS, false, { ref: false })]);
    child.stdin.end();
    if (!(await isGone())) {
      signalGroup(child, 'SIGTERM');
      if (!(await isGone())) signalGroup(child, 'SIGKILL');
    }
    await this.exited;
    this.finish(child);
  }

  private receive(chunk: Buffer): void {
    if (this.isClosed) return;
    this.unanswered.bytes += chunk.length;
    try {
      this.buffer.append(chunk);
    } catch {
      this.lose({ kind: 'too_large', message: `sent a message of more than ${MAX_MESSAGE_BYTES} bytes` });
      return;
    }
    this.deliver();
  }

  /** Reads what has come, a slice at a time: thousands of small messages fit into one chunk of a pipe. */
  private deliver(): void {
    for (let read = 0; read < SLICE; read += 1) {
      if (this.isClosed) return;
      const hasMore = this.deliverOne();
      const { bytes, messages } = this.unanswered;
      if (bytes > MAX_UNANSWERED_BYTES || messages > MAX_UNANSWERED_MESSAGES) {
        this.lose({
          kind: 'flooded',
          message: `sent ${messages} messages (${bytes} bytes) without an answer`,
        });
        return;
      }
      if (!hasMore) {
        this.child?.stdout.resume();
        return;
      }
    }
    this.child?.stdout.pause();
    setImmediate(() => {
      this.deliver();
    });
  }

  private deliverOne(): boolean {
    try {
      const message = this.buffer.readMessage();
      if (message === null) return false;
      const isAnswer = isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message);
      if (isAnswer) this.unanswered = { bytes: 0, messages: 0 };
      else this.unanswered.messages += 1;
      this.onmessage?.(message);
    } catch (error) {
      // JSON that is no message of the protocol, or one that nobody could follow.
      this.unanswered.messages += 1;
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
    return true;
  }

  private lose(loss: Loss): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.hooks.onLost(loss);
    if (this.child === undefined) return;
    signalGroup(this.child, 'SIGKILL');
    this.finish(this.child);
  }

  private finish(child: ChildProcessWithoutNullStreams): void {
    if (this.isFinished) return;
    this.isFinished = true;
    this.buffer.clear();
    // A helper outside the group may hold the other ends.
    child.stdin.destroy();
    child.stdout.destroy();
    child.stderr.destroy();
    this.onclose?.();
  }
}
