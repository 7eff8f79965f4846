import type { StepKind } from '@millrace/contracts';
import type { AgentRunner, GuardedHttp } from '@millrace/outbound';
import type { CodeRunner } from '@millrace/sandbox';
import { createAgentStep } from './agent.js';
import { createCodeStep } from './code.js';
import { conditionStep } from './condition.js';
import { delayStep } from './delay.js';
import { createHttpRequestStep } from './http-request.js';
import { setStep } from './set.js';
import { transformStep } from './transform.js';
import type { SleepImplementation, StepImplementation } from './types.js';

export type AnyStepImplementation =
  ({ readonly does: 'run' } & StepImplementation) | ({ readonly does: 'sleep' } & SleepImplementation);

/** One implementation per kind; the compiler finds a missing one. */
export type StepImplementations = Readonly<Record<StepKind, AnyStepImplementation>>;

export function createSteps(tools: {
  http: GuardedHttp;
  agents: AgentRunner;
  code: CodeRunner;
}): StepImplementations {
  return {
    agent: { does: 'run', ...createAgentStep(tools.agents) },
    code: { does: 'run', ...createCodeStep(tools.code) },
    condition: { does: 'run', ...conditionStep },
    delay: { does: 'sleep', ...delayStep },
    http_request: { does: 'run', ...createHttpRequestStep(tools.http) },
    set: { does: 'run', ...setStep },
    transform: { does: 'run', ...transformStep },
  };
}
