import type { ExecutionError, Fault } from '@millrace/contracts';
import type { ToolFailure } from './types.js';

/** Every way a tool or the choice of tools can fail. Those of the HTTP tool are the codes of the guarded client. */
export type ToolErrorCode =
  | 'tool_unknown'
  | 'tool_unavailable'
  | 'tool_input_invalid'
  | 'tool_failed'
  | 'method_not_allowed'
  | 'path_not_found'
  | 'mcp_unavailable'
  | 'mcp_timeout'
  | 'mcp_invalid_response'
  | 'aborted';

export function toolError(
  code: ToolErrorCode,
  message: string,
  { fault = 'workflow', retryable = false }: { fault?: Fault; retryable?: boolean } = {},
): ExecutionError {
  return { code, message, fault, retryable };
}

/** What the model is told; it may try something else. */
export function refused(code: ToolErrorCode, message: string, fault: Fault = 'workflow'): ToolFailure {
  return { ok: false, error: toolError(code, message, { fault }) };
}

export const aborted = (): ToolFailure => refused('aborted', 'The call was cancelled');
