import { type ExecutionResource, isTerminal, type TerminalStatus } from '@millrace/contracts';
import type { ExecutionRecord } from '@millrace/persistence';
import { toExecutionResource } from '@millrace/runtime';
import { signStandardWebhook } from '@millrace/service-kit';

export interface CallbackMessage {
  /** The same in every attempt, and for every execution another one. */
  id: string;
  status: TerminalStatus;
  body: string;
}

/** The same text in every attempt. Undefined while the execution has not ended. */
export function messageOf(record: ExecutionRecord): CallbackMessage | undefined {
  const { status, completedAt } = record;
  if (!isTerminal(status) || completedAt === null) return undefined;
  const data: ExecutionResource = toExecutionResource(record);
  const body = JSON.stringify({ type: `execution.${status}`, timestamp: completedAt.toISOString(), data });
  return { id: data.execution_id, status, body };
}

/** The headers of Standard Webhooks; one signature for each key, so that receivers can change theirs in their own time. */
export function signatureHeaders(
  { id, body }: CallbackMessage,
  keys: readonly Buffer[],
  nowMs: number,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const signatures = keys.map((key) => signStandardWebhook(key, { id, timestamp, body }));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
