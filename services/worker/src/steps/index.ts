import type { StepKind } from '@millrace/contracts';
import { type AgentRunner, createToolbox, type GuardedHttp, type McpClients } from '@millrace/outbound';
import type { CodeRunner } from '@millrace/sandbox';
import { codeForAgents, createAgentStep } from './agent.js';
import { approvalStep } from './approval.js';
import { createCodeStep } from './code.js';
import { conditionStep } from './condition.js';
import { delayStep } from './delay.js';
import { createHttpRequestStep } from './http-request.js';
import { mapStep } from './map.js';
import { repeatStep } from './repeat.js';
import { setStep } from './set.js';
import { subWorkflowStep } from './sub-workflow.js';
import { switchStep } from './switch.js';
import { transformStep } from './transform.js';
import type {
  LoopImplementation,
  SleepImplementation,
  StepImplementation,
  WaitImplementation,
} from './types.js';
import { waitForEventStep } from './wait-for-event.js';

export type AnyStepImplementation =
  | ({ readonly does: 'run' } & StepImplementation)
  | ({ readonly does: 'sleep' } & SleepImplementation)
  | ({ readonly does: 'wait' } & WaitImplementation)
  | ({ readonly does: 'loop' } & LoopImplementation);

/** One implementation per kind; the compiler finds a missing one. */
export type StepImplementations = Readonly<Record<StepKind, AnyStepImplementation>>;

export function createSteps(tools: {
  http: GuardedHttp;
  agents: AgentRunner;
  code: CodeRunner;
  mcp?: McpClients;
  /** Of the tool `http` of agents. */
  agentHttpMethods?: readonly string[];
}): StepImplementations {
  const toolbox = createToolbox({
    http: tools.http,
    httpMethods: tools.agentHttpMethods,
    code: codeForAgents(tools.code),
    mcp: tools.mcp,
  });
  return {
    agent: { does: 'run', ...createAgentStep(tools.agents, toolbox) },
    approval: { does: 'wait', ...approvalStep },
    code: { does: 'run', ...createCodeStep(tools.code) },
    condition: { does: 'run', ...conditionStep },
    delay: { does: 'sleep', ...delayStep },
    http_request: { does: 'run', ...createHttpRequestStep(tools.http) },
    map: { does: 'loop', ...mapStep },
    repeat: { does: 'loop', ...repeatStep },
    set: { does: 'run', ...setStep },
    sub_workflow: { does: 'wait', ...subWorkflowStep },
    switch: { does: 'run', ...switchStep },
    transform: { does: 'run', ...transformStep },
    wait_for_event: { does: 'wait', ...waitForEventStep },
  };
}
