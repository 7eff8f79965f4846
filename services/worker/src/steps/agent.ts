import { AGENT_CONFIGURATIONS } from '@millrace/contracts';
import {
  type CodeRunner as AgentCodeRunner,
  type AgentOutcome,
  type AgentRunner,
  type AgentTool,
  type AgentUsage,
  recall,
  type Toolbox,
  toolNamesOf,
} from '@millrace/outbound';
import type { PlanStep } from '@millrace/engine';
import type { CodeRunner } from '@millrace/sandbox';
import {
  type StepContext,
  type StepImplementation,
  type StepOutcome,
  stepFailed,
  type StepSecrets,
} from './types.js';

type AgentType = NonNullable<PlanStep['agentType']>;

export function createAgentStep(agents: AgentRunner, toolbox: Toolbox): StepImplementation {
  return {
    async run(context) {
      const { step, config } = context;
      if (step.agentType === null) return misconfigured('an agent needs an agent_type');
      // Templates are filled in by now, so what was fine when it was saved may not be.
      const checked = AGENT_CONFIGURATIONS[step.agentType].safeParse(config);
      if (!checked.success) {
        const problems = checked.error.issues.map(
          ({ path, message }) => `${path.join('.') || 'config'}: ${message}`,
        );
        return misconfigured(problems.slice(0, 10).join('; '));
      }
      const names = toolNamesOf(step.agentType, checked.data);
      const { scope, signal } = context;
      const selected = await toolbox.forStep(names, { scope, signal });
      if (!selected.ok) return stepFailed(selected.error);
      const { memory } = checked.data;
      const recollection = memory && recall(scope.steps, memory);
      return toOutcome(await ask(agents, step.agentType, context, { tools: selected.tools, recollection }));
    },
  };
}

function misconfigured(message: string): StepOutcome {
  return stepFailed({ code: 'configuration_invalid', message, fault: 'workflow', retryable: false });
}

function ask(
  agents: AgentRunner,
  agentType: AgentType,
  { step, config, input, signal, token, log, secrets, budget }: StepContext,
  {
    tools,
    recollection,
  }: { tools: readonly AgentTool[]; recollection: ReturnType<typeof recall> | undefined },
): Promise<AgentOutcome> {
  return agents.run({
    ...{ agentType, config, input, signal, log, recollection, budget },
    label: step.name,
    tools: tools.map((tool) => revealing(tool, secrets)),
    onToken: (text, source) => {
      token(text, { ...source });
    },
  });
}

/** A model sees placeholders; what it passes on to a tool becomes the secret there, and nowhere before. */
function revealing(tool: AgentTool, secrets: StepSecrets): AgentTool {
  return {
    ...tool,
    async run(input, context) {
      const outcome = await tool.run(secrets.reveal(input), context);
      if (outcome.ok) return { ok: true, output: secrets.redact(outcome.output) };
      const message = secrets.redact(outcome.error.message);
      return { ...outcome, error: { ...outcome.error, message } };
    },
  };
}

function toOutcome(outcome: AgentOutcome): StepOutcome {
  const usage = outcome.usage === null ? undefined : toUsage(outcome.usage);
  if (!outcome.ok) return { ok: false, error: outcome.error, ...(usage && { usage }) };
  return { ok: true, output: outcome.output, ...(usage && { usage }) };
}

function toUsage({ input_tokens, output_tokens, cost_usd }: AgentUsage) {
  return { input_tokens, output_tokens, ...(cost_usd !== undefined && { cost_usd }) };
}

/** The sandbox of code steps, for code that a model wrote. Its clock and its numbers are those of the moment. */
export function codeForAgents(code: CodeRunner): AgentCodeRunner {
  return { run: (request) => code.run({ ...request, now: Date.now(), seed: Math.random() }) };
}
