import { WebSocket } from 'ws';
import type { StreamMetrics } from '../metrics.js';
import type { StreamSettings } from '../settings.js';

export type OutboxLimits = Pick<StreamSettings, 'softLimitBytes' | 'hardLimitBytes' | 'slowGraceMs'>;

/**
 * What leaves through one socket, and what happens when its client does not keep up: above the soft limit transient
 * frames are denied and the past waits; above the hard limit for longer than the grace the client is given up. The grace
 * is there because a burst of one turn of the event loop says nothing of the client.
 */
export class Outbox {
  readonly #ws: WebSocket;
  readonly #limits: OutboxLimits;
  readonly #metrics: StreamMetrics;
  readonly #onTooSlow: () => void;
  #waiting: (() => void)[] = [];
  #grace: NodeJS.Timeout | undefined;

  constructor(ws: WebSocket, limits: OutboxLimits, metrics: StreamMetrics, onTooSlow: () => void) {
    this.#ws = ws;
    this.#limits = limits;
    this.#metrics = metrics;
    this.#onTooSlow = onTooSlow;
    ws.once('close', () => {
      this.#stopGrace();
      this.#release();
    });
  }

  /** Sent whatever the client's pace, until the client is given up. */
  send(frame: string | Buffer, kind: 'event' | 'control'): void {
    this.#write(frame, kind);
    this.#judge();
  }

  /** Left out for a client that is behind. */
  sendTransient(frame: string | Buffer): void {
    if (this.#isBehind()) this.#metrics.denied();
    else this.#write(frame, 'transient');
  }

  /** Undefined when there is room for more of the past. Resolves when there is, or when the socket is closed. */
  ready(): Promise<void> | undefined {
    if (this.#ws.readyState !== WebSocket.OPEN || !this.#isBehind()) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #write(frame: string | Buffer, kind: 'event' | 'transient' | 'control'): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    this.#ws.send(frame, { binary: false }, this.#onFlushed);
    this.#metrics.sent(kind);
  }

  /** Called for each frame when the system has taken it, or cannot. */
  readonly #onFlushed = (): void => {
    if (this.#isBehind()) return;
    this.#stopGrace();
    this.#release();
  };

  #isBehind(): boolean {
    return this.#ws.bufferedAmount > this.#limits.softLimitBytes;
  }

  #judge(): void {
    const { hardLimitBytes, slowGraceMs } = this.#limits;
    const { bufferedAmount } = this.#ws;
    if (bufferedAmount <= hardLimitBytes || this.#ws.readyState !== WebSocket.OPEN) return;
    if (bufferedAmount > 4 * hardLimitBytes) this.#giveUp();
    else this.#grace ??= setTimeout(() => this.#giveUp(), slowGraceMs);
  }

  #giveUp(): void {
    this.#stopGrace();
    this.#onTooSlow();
  }

  #stopGrace(): void {
    clearTimeout(this.#grace);
    this.#grace = undefined;
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
