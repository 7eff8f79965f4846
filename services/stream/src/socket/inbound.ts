import { authFrame, type ClientFrame, resumeExecutionFrame, resumeWorkflowFrame } from '@millrace/contracts';
import type { RawData } from 'ws';

export type Inbound =
  { kind: 'ping' } | { kind: 'frame'; frame: ClientFrame } | { kind: 'error'; detail: string };

/** What a message of a client means. Whatever is not understood is an error with words, never an exception. */
export function readMessage(data: RawData, isBinary: boolean): Inbound {
  if (isBinary) return error('Only text frames are understood here');
  const text = textOf(data);
  if (text.trim() === 'ping') return { kind: 'ping' };
  const body = parse(text);
  if (body === undefined) return error('A frame has to be the text ping or a JSON object');
  const schema = schemaFor(body);
  if (schema === undefined) {
    return error(
      'A frame has to be of type "resume" (with execution_id and last_seq, or since and executions) or "auth"',
    );
  }
  const result = schema.safeParse(body);
  if (result.success) return { kind: 'frame', frame: result.data };
  const words = result.error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join('.') || 'frame'}: ${message}`);
  return error(`Not understood: ${words.join('; ')}`.slice(0, 500));
}

function schemaFor(body: object) {
  const type: unknown = Reflect.get(body, 'type');
  if (type === 'auth') return authFrame;
  if (type !== 'resume') return undefined;
  return 'execution_id' in body || 'last_seq' in body ? resumeExecutionFrame : resumeWorkflowFrame;
}

function parse(text: string): object | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString();
}

function error(detail: string): Inbound {
  return { kind: 'error', detail };
}
