import { failure, success } from '../agents/outcome.js';
import { AGENT_OUTPUTS } from '../agents/outputs.js';
import type { AgentErrorCode, AgentOutcome, AgentRequest } from '../agents/types.js';
import { agentError } from '../llm/errors.js';
import { OutboundFailure } from '../outcome.js';
import { runOffline } from './provider.js';

/** A request without its functions: what can be sent to a thread. */
export type OfflineRequest = Pick<AgentRequest, 'agentType' | 'config' | 'input' | 'label'>;

const OFFLINE_CODES: readonly AgentErrorCode[] = ['input_invalid', 'dependency_cycle'];

/** Does the work here and now, however long it takes. Never throws. */
export function runOfflineAgent({ agentType, config, input, label }: OfflineRequest): AgentOutcome {
  try {
    const checked = AGENT_OUTPUTS[agentType].safeParse(runOffline(agentType, { config, input, label }));
    if (checked.success) return success(checked.data, 'offline', null, null);
    const where = checked.error.issues[0]?.path.map(String).join('.') ?? '';
    return failure(
      agentError('internal', `The offline ${agentType} agent gave a result of the wrong shape at ${where}`),
    );
  } catch (error) {
    const code =
      error instanceof OutboundFailure
        ? OFFLINE_CODES.find((known) => known === error.error.code)
        : undefined;
    if (error instanceof OutboundFailure && code) return failure(agentError(code, error.error.message));
    const message = error instanceof Error ? error.message : String(error);
    return failure(agentError('internal', `The offline ${agentType} agent failed: ${message}`));
  }
}
