import type { AgentRunner } from '@millrace/outbound';
import { type StepImplementation, stepFailed } from './types.js';

export function createAgentStep(agents: AgentRunner): StepImplementation {
  return {
    async run({ step, config, input, signal, token, log }) {
      if (step.agentType === null) {
        return stepFailed({
          code: 'configuration_invalid',
          message: 'an agent needs an agent_type',
          fault: 'workflow',
          retryable: false,
        });
      }
      const outcome = await agents.run({
        agentType: step.agentType,
        config,
        input,
        label: step.name,
        signal,
        onToken: token,
      });
      if (!outcome.ok) return stepFailed(outcome.error);
      const { usage } = outcome.output;
      if (usage) log('info', `used ${JSON.stringify(usage)} tokens`);
      return { ok: true, output: outcome.output };
    },
  };
}
