import {
  eventType,
  isTerminal,
  serverFrame,
  type EventFrame,
  type ServerFrame,
  type TransientFrame,
} from '@millrace/contracts';
import { ProtocolError, parseJson } from '../errors.js';

const EVENT_TYPES: ReadonlySet<string> = new Set(eventType.options);
const TRANSIENT_TYPES: ReadonlySet<string> = new Set(['progress', 'log', 'token']);
const CONTROL_TYPES: ReadonlySet<string> = new Set(['connected', 'pong', 'error', 'snapshot', 'end']);

export function isEventFrame(frame: ServerFrame): frame is EventFrame {
  return EVENT_TYPES.has(frame.type);
}

export function isTransientFrame(frame: ServerFrame): frame is TransientFrame {
  return TRANSIENT_TYPES.has(frame.type);
}

/** True for the last event of an execution. */
export function isTerminalFrame(frame: EventFrame): boolean {
  return isTerminal(frame.type);
}

/**
 * Reads one message. undefined for a type this client does not know (a newer server's) and for what is no frame at all.
 * With `validate` a known type must match its schema, or a ProtocolError is thrown; without, only what resuming depends
 * on is looked at.
 */
export function parseFrame(text: string, validate: boolean): ServerFrame | undefined {
  const value = parseJson(text);
  if (!isKnownFrame(value)) return undefined;
  if (validate) {
    const checked = serverFrame.safeParse(value);
    if (!checked.success)
      throw new ProtocolError(`a "${value.type}" frame is against the contract: ${text.slice(0, 300)}`);
  }
  return value;
}

function isKnownFrame(value: unknown): value is ServerFrame {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  const { type } = value;
  if (typeof type !== 'string') return false;
  if (CONTROL_TYPES.has(type)) return true;
  if (!('execution_id' in value) || typeof value.execution_id !== 'string') return false;
  if (TRANSIENT_TYPES.has(type)) return true;
  return EVENT_TYPES.has(type) && 'seq' in value && Number.isSafeInteger(value.seq);
}
