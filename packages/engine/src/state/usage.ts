import type { Usage } from '@millrace/contracts';
import type { ExecutionState } from './state.js';

/** Counts what model calls consumed, in this execution or in a child, towards the budget (rule B1). */
export function addUsage({ usage }: ExecutionState, more: Usage | undefined): void {
  if (more === undefined) return;
  usage.input_tokens += more.input_tokens;
  usage.output_tokens += more.output_tokens;
  if (more.cost_usd !== undefined) usage.cost_usd = (usage.cost_usd ?? 0) + more.cost_usd;
}
