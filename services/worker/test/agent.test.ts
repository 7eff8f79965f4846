import type { JsonObject, JsonValue } from '@millrace/contracts';
import type { AgentOutcome, AgentRequest, AgentRunner, AgentTool, Toolbox } from '@millrace/outbound';
import { expect } from 'chai';
import { createAgentStep } from '../src/steps/agent.js';
import type { StepContext, StepSecrets } from '../src/steps/types.js';
import { planOf } from './support/claim.js';

const PLACEHOLDER = '[placeholder]';
const VALUE = 'a-real-value';

function replace<T extends JsonValue>(value: T, from: string, to: string): T {
  return JSON.parse(JSON.stringify(value).replaceAll(from, to)) as T;
}

const secrets: StepSecrets = {
  reveal: (value) => replace(value, PLACEHOLDER, VALUE),
  redact: (value) => replace(value, VALUE, '[secret:token]'),
};

const done: AgentOutcome = {
  ok: true,
  usage: { input_tokens: 3, output_tokens: 4, total_tokens: 7, cost_usd: 0.5 },
  output: { provider: 'p', model: 'm', usage: null },
};

/** The step on a runner that keeps what it was asked, and on a tool that repeats what it was given. */
function setup(config: JsonObject, outcome: AgentOutcome = done) {
  const [step] = planOf(['a']).steps;
  if (step === undefined) throw new Error('no step');
  const asked: AgentRequest[] = [];
  const given: JsonValue[] = [];
  const frames: [string, JsonObject | undefined][] = [];
  const agents: AgentRunner = {
    provider: 'offline',
    run(request) {
      asked.push(request);
      return Promise.resolve(outcome);
    },
    close: () => Promise.resolve(),
  };
  const repeat: AgentTool = {
    ...{ name: 'http', description: '', inputSchema: {} },
    run(input) {
      given.push(input);
      const fails = JSON.stringify(input).includes('fail');
      const error = {
        code: 'tool_failed',
        message: `refused ${VALUE}`,
        fault: 'remote',
        retryable: false,
      } as const;
      return Promise.resolve(fails ? { ok: false, error } : { ok: true, output: { echo: input } });
    },
  };
  const wanted: (readonly string[])[] = [];
  const toolbox: Toolbox = {
    forStep(names) {
      wanted.push(names);
      return Promise.resolve({ ok: true, tools: [repeat] });
    },
  };
  const context: StepContext = {
    ...{
      config,
      input: {},
      secrets,
      attempt: 1,
      iteration: null,
      idempotencyKey: 'k',
      now: 0,
      random: () => 0,
    },
    step: { ...step, kind: 'agent', agentType: 'planning' },
    scope: { parameters: {}, steps: {}, execution: EXECUTION },
    signal: new AbortController().signal,
    budget: BUDGET,
    evaluate: () => ({ ok: true, value: null }),
    log: () => undefined,
    progress: () => undefined,
    token: (text, source) => frames.push([text, source]),
  };
  const run = () => createAgentStep(agents, toolbox).run(context);
  return { run, asked, given, frames, wanted };
}

const BUDGET = { left: () => Promise.resolve({ tokens: 100 }), spend: () => Promise.resolve() };
const EXECUTION = {
  ...{ id: 'e', workflow_id: 'w', workflow_name: 'w', workflow_version: 1, root_id: 'e' },
  ...{ owner: 'o', submitted_by: 'o', created_at: '2026-01-01T00:00:00Z' },
};
const use = { signal: new AbortController().signal, log: () => undefined };

describe('the agent step', () => {
  it('reveals secrets to tools alone, and hides them in what tools answer', async () => {
    const { run, asked, given } = setup({ tools: ['http'], instructions: `Use ${PLACEHOLDER}` });
    await run();
    const tool = asked[0]?.tools?.[0];

    const answer = await tool?.run({ token: PLACEHOLDER }, use);
    const failure = await tool?.run({ token: 'fail' }, use);

    expect(asked[0]?.config['instructions']).to.equal(`Use ${PLACEHOLDER}`);
    expect(given[0]).to.deep.equal({ token: VALUE });
    const shown = JSON.stringify([answer, failure]);
    expect(shown).to.contain('[secret:token]').and.not.contain(VALUE);
  });

  it('hands on the budget, the usage, and whose tokens they are', async () => {
    const { run, asked, frames } = setup({});

    const outcome = await run();
    asked[0]?.onToken?.('hi', { phase: 'critique', participant: 'order', round: 1 });

    expect(asked[0]?.budget).to.equal(BUDGET);
    expect(outcome).to.deep.include({ usage: { input_tokens: 3, output_tokens: 4, cost_usd: 0.5 } });
    expect(frames).to.deep.equal([['hi', { phase: 'critique', participant: 'order', round: 1 }]]);
  });

  it('says what a failure has used', async () => {
    const error = { code: 'budget_exceeded', message: 'm', fault: 'workflow', retryable: false } as const;
    const { run } = setup({}, { ok: false, error, usage: done.usage });
    expect(await run()).to.deep.equal({
      ok: false,
      error,
      usage: { input_tokens: 3, output_tokens: 4, cost_usd: 0.5 },
    });
  });

  it('gives a loop without tools those of its type, and one with tools no others', async () => {
    const byType = setup({ reasoning_pattern: 'react' });
    const own = setup({ reasoning_pattern: 'react', tools: ['http'] });
    const none = setup({});
    for (const { run } of [byType, own, none]) await run();
    expect([byType, own, none].map(({ wanted }) => wanted[0])).to.deep.equal([['context'], ['http'], []]);
  });

  it('refuses what templates made of its configuration', async () => {
    const { run, asked } = setup({ model: '', rounds: 2 });
    const outcome = await run();
    expect(outcome).to.have.nested.property('error.code', 'configuration_invalid');
    expect(asked).to.have.length(0);
  });
});
