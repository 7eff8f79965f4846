import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { AGENT_OUTPUTS, AGENT_TYPES, createAgentRunner } from '../../src/index.js';
import { runOfflineAgent } from '../../src/offline/run.js';
import { parseJson } from '../../src/json.js';
import { work } from '../support/offline.js';
import { LENDING } from '../support/samples.js';

describe('agent runner', () => {
  it('works offline without a base URL', () => {
    expect(createAgentRunner().provider).to.equal('offline');
  });

  for (const agentType of AGENT_TYPES) {
    it(`${agentType} gives a valid, repeatable, labelled result for any JSON`, () => {
      fc.assert(
        fc.property(fc.jsonValue({ maxDepth: 4 }), fc.string(), (value, label) => {
          const input = parseJson(JSON.stringify(value));
          const first = runOfflineAgent({ agentType, config: {}, input, label });
          const second = runOfflineAgent({ agentType, config: {}, input, label });
          if (!first.ok) {
            expect(['input_invalid', 'dependency_cycle']).to.include(first.error.code, first.error.message);
            return;
          }
          expect(second).to.deep.equal(first);
          const { provider, model, usage, ...result } = first.output;
          expect([provider, model, usage]).to.deep.equal(['offline', null, null]);
          expect(AGENT_OUTPUTS[agentType].safeParse(result).success).to.equal(true);
        }),
        { numRuns: 60 },
      );
    });
  }

  it('works aside, in a process that goes when the runner closes', async () => {
    const runner = createAgentRunner();

    const outcome = await runner.run({
      agentType: 'planning',
      config: {},
      input: { objective: 'Ship it' },
      label: 'x',
    });
    await runner.close();

    expect(outcome).to.have.nested.property('output.provider', 'offline');
    const late = await runner.run({ agentType: 'planning', config: {}, input: {}, label: 'x' });
    expect(late).to.have.nested.property('error.code', 'aborted');
  });

  it('refuses an unknown agent type and an aborted signal', async () => {
    const runner = createAgentRunner();
    const request = { config: {}, input: null, label: 'x' };
    const agentType: string = 'poetry';
    const unknown = await runner.run({ ...request, agentType: agentType as 'planning' });
    const aborted = await runner.run({ ...request, agentType: 'planning', signal: AbortSignal.abort() });
    expect(unknown).to.have.nested.property('error.code', 'unknown_agent');
    expect(aborted).to.have.nested.property('error.code', 'aborted');
  });

  it('stays quick on hostile sizes', async () => {
    const text = `${'a '.repeat(200_000)}. ${'As a x, I want '.repeat(5_000)}${'- must '.repeat(20_000)}${'('.repeat(20_000)}`;
    for (const agentType of AGENT_TYPES)
      work(agentType, { text, code: text, files: [{ path: 'a.ts', content: text }] });
  }).timeout(60_000);

  it('passes the development pipeline from agent to agent', async () => {
    const parameters = { specification: LENDING, package_json: { name: 'a', scripts: { test: 'mocha' } } };
    const requirements = work('requirement_engineering', parameters);
    const plan = work('planning', { ...parameters, requirements: { ...requirements } });
    const code = work('code_generation', {
      ...parameters,
      requirements: { ...requirements },
      plan: { ...plan },
    });
    const tests = work('testing', { ...parameters, code: { ...code } });
    const review = work('code_review', { ...parameters, code: { ...code } });
    const pipeline = work('ci_cd', { ...parameters, tests: { ...tests }, review: { ...review } });
    const schedule = work('program_manager', {
      ...parameters,
      plan: { ...plan },
      pipeline: { ...pipeline },
    });

    expect(tests.targets.map(({ name }) => name)).to.include.members(code.functions.map(({ name }) => name));
    expect(review.metrics.map(({ path }) => path)).to.deep.equal(code.files.map(({ path }) => path));
    expect(review.summary.errors).to.equal(0);
    expect(pipeline.stages.map(({ id }) => id)).to.deep.equal(['install', 'test']);
    expect(schedule.tasks.map(({ id }) => id)).to.deep.equal(plan.tasks.map(({ id }) => id));
  });

  it('keeps a file per agent type', () => {
    const files = readdirSync(new URL('../../src/offline', import.meta.url));
    for (const agentType of AGENT_TYPES) expect(files).to.include(`${agentType.replaceAll('_', '-')}.ts`);
  });
});
