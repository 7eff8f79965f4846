import { createHash } from 'node:crypto';
import type { ExecutionError } from '@millrace/contracts';
import { errorFingerprint } from '@millrace/engine';

/** 32 hexadecimal digits, equal for failures of one cause (rule F1 of the engine). */
export function fingerprintOf(workflowId: string, error: ExecutionError): string {
  return createHash('sha256').update(errorFingerprint(workflowId, error)).digest('hex').slice(0, 32);
}
