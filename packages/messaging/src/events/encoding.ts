import type { EventFrame, TransientFrame } from '@millrace/contracts';
import type { CommittedRange, ControlHint, Wakeup } from './port.js';

/** What a payload holds, decoded; several kinds never share one payload. */
export type Decoded =
  | { kind: 'committed'; ranges: CommittedRange[] }
  | { kind: 'transient'; frames: TransientFrame[] }
  | { kind: 'control'; hints: ControlHint[] }
  | { kind: 'wakeup'; wakeups: Wakeup[] };

export type PayloadKind = Decoded['kind'];

export function encodeRange(range: CommittedRange, withFrames: boolean): string {
  const head = JSON.stringify({
    workflow_id: range.workflowId,
    execution_id: range.executionId,
    from_seq: range.fromSeq,
    to_seq: range.toSeq,
    terminal: range.terminal,
  });
  const texts = withFrames
    ? (range.frameTexts ?? range.frames?.map((frame) => JSON.stringify(frame)))
    : undefined;
  return texts === undefined ? head : `${head.slice(0, -1)},"frames":[${texts.join(',')}]}`;
}

export function encodeControl(hint: ControlHint): string {
  return JSON.stringify({ worker_id: hint.workerId, execution_id: hint.executionId, kind: hint.kind });
}

export function encodeWakeup(wakeup: Wakeup): string {
  return JSON.stringify({ wake_at: wakeup.wakeAt.toISOString() });
}

/** Room for what `pack` puts around the items. */
export const PACK_OVERHEAD_BYTES = 48;

/**
 * Puts encoded items, in order, into as few payloads as fit; an item that is too large by itself gets its own payload
 * and is the caller's to prevent. Payloads are numbered because Postgres delivers equal ones of one statement once.
 */
export function pack(kind: PayloadKind, items: readonly string[], maxBytes: number): string[] {
  const room = maxBytes - PACK_OVERHEAD_BYTES;
  const payloads: string[] = [];
  let group: string[] = [];
  let bytes = 0;
  const flush = (): void => {
    if (group.length > 0)
      payloads.push(`{"kind":"${kind}","part":${String(payloads.length)},"items":[${group.join(',')}]}`);
    group = [];
    bytes = 0;
  };
  for (const item of items) {
    const size = Buffer.byteLength(item) + 1;
    if (bytes + size > room) flush();
    group.push(item);
    bytes += size;
  }
  flush();
  return payloads;
}

/** Undefined for what is not a payload of ours; items of a wrong shape are left out. */
export function unpack(payload: string): Decoded | undefined {
  const body = parse(payload);
  if (!isRecord(body) || !Array.isArray(body['items'])) return undefined;
  const items: unknown[] = body['items'];
  switch (body['kind']) {
    case 'committed':
      return { kind: 'committed', ranges: items.flatMap(toRange) };
    case 'transient':
      return { kind: 'transient', frames: items.filter(isTransientFrame) };
    case 'control':
      return { kind: 'control', hints: items.flatMap(toControl) };
    case 'wakeup':
      return { kind: 'wakeup', wakeups: items.flatMap(toWakeup) };
    default:
      return undefined;
  }
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toRange(item: unknown): CommittedRange[] {
  if (!isRecord(item)) return [];
  const { workflow_id, execution_id, from_seq, to_seq, terminal, frames } = item;
  if (typeof workflow_id !== 'string' || typeof execution_id !== 'string') return [];
  if (typeof from_seq !== 'number' || typeof to_seq !== 'number' || typeof terminal !== 'boolean') return [];
  return [
    {
      workflowId: workflow_id,
      executionId: execution_id,
      fromSeq: from_seq,
      toSeq: to_seq,
      terminal,
      ...(Array.isArray(frames) && frames.every(isEventFrame) ? { frames } : {}),
    },
  ];
}

// The frames were checked against their schemas when they were written; here it matters only that they are frames.
function isEventFrame(item: unknown): item is EventFrame {
  return isFrame(item) && typeof item['seq'] === 'number';
}

function isTransientFrame(item: unknown): item is TransientFrame {
  return isFrame(item) && (item['type'] === 'progress' || item['type'] === 'log' || item['type'] === 'token');
}

function isFrame(item: unknown): item is Record<string, unknown> {
  return (
    isRecord(item) &&
    typeof item['type'] === 'string' &&
    typeof item['execution_id'] === 'string' &&
    typeof item['workflow_id'] === 'string' &&
    isRecord(item['data'])
  );
}

function toControl(item: unknown): ControlHint[] {
  if (!isRecord(item)) return [];
  const { worker_id, execution_id, kind } = item;
  if (typeof execution_id !== 'string' || kind !== 'signal') return [];
  return [
    { executionId: execution_id, kind, ...(typeof worker_id === 'string' ? { workerId: worker_id } : {}) },
  ];
}

function toWakeup(item: unknown): Wakeup[] {
  if (!isRecord(item) || typeof item['wake_at'] !== 'string') return [];
  const wakeAt = new Date(item['wake_at']);
  return Number.isNaN(wakeAt.getTime()) ? [] : [{ wakeAt }];
}
