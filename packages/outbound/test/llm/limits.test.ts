/** Budgets, fallbacks, aborts and errors against a model server in a process of its own. */
import { expect } from 'chai';
import type { SharedBudget } from '../../src/agents/types.js';
import { FAULTS } from '../../../../test/support/servers/llm.js';
import { eventually } from '../../../../test/support/poll.js';
import { answers, echo, errorOf, modelSuite, outputOf, turn } from '../support/models.js';

const ENOUGH = 100_000;

/** So many tokens, of which others use some after each call. */
function sharedBudget(tokens: number, { othersUse = 0 } = {}): { budget: SharedBudget; spent: number[] } {
  const spent: number[] = [];
  const used = (): number => spent.reduce((sum, each) => sum + each + othersUse, 0);
  const budget: SharedBudget = {
    left: () => Promise.resolve({ tokens: Math.max(0, tokens - used()) }),
    spend: (each) => {
      spent.push(each.tokens);
      return Promise.resolve();
    },
  };
  return { budget, spent };
}

describe('limits of agents', () => {
  const setup = modelSuite();

  describe('budgets', () => {
    it('refuse a prompt that is longer than they allow, before it is sent', async () => {
      const { run, llm } = await setup([answers()]);

      const outcome = await run({ budget: { max_tokens: 20 } });

      expect(errorOf(outcome)).to.include({ code: 'budget_exceeded', fault: 'workflow', retryable: false });
      expect(errorOf(outcome).details).to.deep.equal({ used: null, limit: { tokens: 20 } });
      expect(await llm.requests()).to.have.length(0);
    });

    it('bound the answer, and stop a loop between two calls', async () => {
      const usage = { prompt_tokens: 2_900, completion_tokens: 50 };
      const { run, llm } = await setup([{ tool_calls: [{ name: 'echo' }], usage, times: 'always' }]);

      const outcome = await run(
        { reasoning_pattern: 'react', budget: { max_tokens: 6_000 } },
        { tools: [echo] },
      );

      expect(errorOf(outcome).code).to.equal('budget_exceeded');
      expect(outcome.usage?.total_tokens).to.equal(5_900);
      expect(errorOf(outcome).details).to.deep.include({ limit: { tokens: 6_000 } });
      const requests = await llm.requests();
      expect(requests).to.have.length(2);
      expect(requests[0]?.body.max_tokens).to.be.within(1, 6_000);
      expect(requests[1]?.body.max_tokens).to.be.within(1, 3_050);
    });

    it('fail a step whose one call used more', async () => {
      const { run } = await setup([{ ...answers(), usage: { prompt_tokens: ENOUGH, completion_tokens: 1 } }]);
      const outcome = await run({ budget: { max_tokens: ENOUGH } });
      expect(errorOf(outcome).code).to.equal('budget_exceeded');
      expect(outcome.usage?.input_tokens).to.equal(ENOUGH);
    });

    it('stop a stream that runs past them', async () => {
      const { run, llm } = await setup([
        { content: 'la '.repeat(40_000), chunk_size: 600, chunk_delay_ms: 2 },
      ]);

      const outcome = await run({ budget: { max_tokens: 4_000 } });

      expect(errorOf(outcome).code).to.equal('budget_exceeded');
      expect(outcome.usage).to.include({ estimated: true });
      await eventually(async () => {
        expect((await llm.requests())[0]?.completed).to.equal(false);
      });
    });

    it('count money by the prices of the operator', async () => {
      const prices = { 'test-model': { input: 1_000, output: 10_000 } };
      const { run } = await setup([answers(), answers()], { prices });

      const priced = await run();
      const spent = await run({ budget: { max_cost_usd: 0.05 } });

      expect(priced.usage).to.include({ cost_usd: 0.081 });
      expect(outputOf(priced).usage).to.include({ cost_usd: 0.081 });
      expect(errorOf(spent).code).to.equal('budget_exceeded');
    });

    it('in money need a price', async () => {
      const { run } = await setup([answers()]);
      const error = errorOf(await run({ budget: { max_cost_usd: 1 } }));
      expect(error).to.include({ code: 'configuration_invalid' });
      expect(error.message).to.contain('LLM_PRICES');
    });

    it('of the execution have a code of their own', async () => {
      const { run } = await setup([answers()]);
      const { budget } = sharedBudget(5);
      const error = errorOf(await run({ budget: { max_tokens: ENOUGH } }, { budget }));
      expect(error.code).to.equal('execution_budget_exceeded');
    });

    it('of the execution are asked before each call and told after it, for others spend as well', async () => {
      const usage = { prompt_tokens: 1_000, completion_tokens: 50 };
      const { run, llm } = await setup([{ tool_calls: [{ name: 'echo' }], usage, times: 'always' }]);
      const { budget, spent } = sharedBudget(10_000, { othersUse: 4_000 });

      const outcome = await run({ reasoning_pattern: 'react' }, { tools: [echo], budget });

      expect(errorOf(outcome).code).to.equal('execution_budget_exceeded');
      expect(spent).to.deep.equal([1_050, 1_050]);
      expect(outcome.usage?.total_tokens).to.equal(2_100);
      const [first, second] = await llm.requests();
      expect(first?.body.max_tokens).to.be.within(1, 10_000);
      expect(second?.body.max_tokens).to.be.within(1, 4_950);
    });
  });

  describe('fallbacks', () => {
    for (const [name, reply] of Object.entries({
      'are rate limited': FAULTS.rateLimited(3),
      'are away': FAULTS.serverError(503),
      'have too small a context': FAULTS.contextLength(),
      'are unknown': {
        fault: {
          type: 'status',
          status: 404,
          code: 'model_not_found',
          message: 'The model `x` does not exist',
        },
      } as const,
    })) {
      it(`take over where models ${name}`, async () => {
        const { run, lines } = await setup([{ when: { model: 'test-model' }, ...reply }, answers('b')]);

        const output = outputOf(await run({ fallback_models: ['fallback-model'] }));

        expect(output).to.include({ provider: 'openai-compatible', model: 'fallback-model' });
        expect(output['fallbacks']).to.be.an('array').with.length(1);
        expect(lines.map(({ message }) => message).join()).to.contain('model_failed');
      });
    }

    it('are not for keys that are refused', async () => {
      const { run, llm } = await setup([FAULTS.unauthorized(), answers()]);
      const error = errorOf(await run({ fallback_models: ['fallback-model'] }));
      expect(error).to.include({ code: 'provider_unauthorized', retryable: false, fault: 'platform' });
      expect(await llm.requests()).to.have.length(1);
    });

    it('of the operator hold where the step names none, down to the rules', async () => {
      const { run } = await setup([{ ...FAULTS.serverError(500), times: 'always' }], {
        fallbackModels: ['fallback-model', 'offline'],
      });

      const output = outputOf(await run({}, { input: { text: 'It must fly within 2 seconds.' } }));

      expect(output).to.include({ provider: 'offline', model: null });
      expect(output['fallbacks']).to.have.length(2);
      expect(JSON.stringify(output['requirements'])).to.contain('It must fly');
    });

    it('stay with the model that answers', async () => {
      const { run, llm } = await setup([FAULTS.serverError(500), { content: 'Thoughts.' }, answers()]);

      await run({ reasoning_pattern: 'chain_of_thought', fallback_models: ['fallback-model'] });

      const models = (await llm.requests()).map(({ body }) => body.model);
      expect(models).to.deep.equal(['test-model', 'fallback-model', 'fallback-model']);
    });

    it('give the last error when none is left', async () => {
      const { run } = await setup([FAULTS.serverError(500), FAULTS.rateLimited(7)]);
      const error = errorOf(await run({ fallback_models: ['fallback-model'] }));
      expect(error).to.include({ code: 'provider_rate_limited', retryable: true });
      expect(error.details).to.deep.equal({ retry_after_seconds: 7 });
    });
  });

  describe('errors', () => {
    for (const [code, reply] of Object.entries({
      provider_context_length: FAULTS.contextLength(),
      provider_unauthorized: FAULTS.unauthorized(),
      provider_rate_limited: FAULTS.rateLimited(1),
      provider_content_filter: { content: '', finish_reason: 'content_filter' },
      provider_unavailable: {
        content: 'Half an answer',
        chunk_size: 2,
        fault: { type: 'cut', after_chunks: 2 },
      },
    } as const)) {
      it(`are ${code}`, async () => {
        const { run } = await setup([reply]);
        expect(errorOf(await run()).code).to.equal(code);
      });
    }

    it('name the variable of a provider that is not configured', async () => {
      const { run } = await setup([]);
      const error = errorOf(await run({ model: 'ollama/small' }));
      expect(error).to.include({ code: 'provider_not_configured', fault: 'platform' });
      expect(error.message).to.contain('OLLAMA_BASE_URL');
    });

    it('refuse a configuration that became wrong when it was filled in', async () => {
      const { run } = await setup([]);
      const error = errorOf(await run({ temperature: 'hot', surprise: true }));
      expect(error.code).to.equal('configuration_invalid');
      expect(error.message).to.contain('temperature').and.contain('surprise');
    });
  });

  describe('aborts', () => {
    it('end a stream at once', async () => {
      const abort = new AbortController();
      const { run, llm } = await setup([{ content: 'abc', chunk_size: 1, fault: { type: 'stall' } }]);

      const error = errorOf(
        await run(
          {},
          {
            signal: abort.signal,
            onToken: () => {
              abort.abort();
            },
          },
        ),
      );

      expect(error.code).to.equal('aborted');
      await eventually(async () => {
        expect((await llm.requests())[0]?.completed).to.equal(false);
      });
    });

    it('end a council whose participants are all asked at once', async () => {
      const abort = new AbortController();
      const { run } = await setup([
        { content: 'Draft.' },
        { content: 'abc', chunk_size: 1, fault: { type: 'stall' }, times: 'always' },
      ]);
      const error = errorOf(
        await run(
          { reasoning_pattern: 'raise' },
          {
            signal: abort.signal,
            onToken: (_text, { phase }) => {
              if (phase === 'critique') abort.abort();
            },
          },
        ),
      );
      expect(error.code).to.equal('aborted');
    });

    it('reach the tools', async () => {
      const abort = new AbortController();
      const slow = {
        ...echo,
        run: (_input: unknown, { signal }: { signal: AbortSignal }) => {
          abort.abort();
          expect(signal.aborted).to.equal(true);
          return echo.run(null, { signal, log: () => undefined });
        },
      };
      const { run } = await setup([{ tool_calls: [{ name: 'echo' }] }]);
      const outcome = await run({ reasoning_pattern: 'react' }, { tools: [slow], signal: abort.signal });
      expect(errorOf(outcome).code).to.equal('aborted');
    });

    it('come after a time for each call', async () => {
      const { run } = await setup([{ fault: { type: 'hang' } }]);
      expect(errorOf(await run({}, { timeoutMs: 60 }))).to.include({ code: 'timeout', retryable: true });
    });
  });

  describe('hostile answers', () => {
    for (const [name, content] of [
      ['thoughts without an end', `</think>${'<think>'.repeat(100_000)}`],
      ['fences', '```\n'.repeat(100_001)],
      ['blank lines after a fence', `\`\`\`${' \n'.repeat(200_000)}`],
      ['braces', '{'.repeat(400_000)],
      ['nested lists', `{"actors": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ] as const) {
      it(`of ${name} are invalid, and no more`, async () => {
        const { run } = await setup([{ content, chunk_size: 50_000, times: 2 }]);
        expect(errorOf(await run()).code).to.equal('agent_output_invalid');
      });
    }

    it('without an end are left', async () => {
      const { run } = await setup([{ content: 'x'.repeat(3_000_000), chunk_size: 100_000 }]);
      const error = errorOf(await run());
      expect(error.code).to.equal('agent_output_invalid');
      expect(error.message).to.contain('longer than');
    });

    it('that nest the input of a tool are invalid', async () => {
      const deep = `{"text": ${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
      const { run } = await setup([{ tool_calls: [{ name: 'echo', arguments: deep }], chunk_size: 50_000 }]);
      const outcome = await run({ reasoning_pattern: 'react' }, { tools: [echo] });
      expect(errorOf(outcome).code).to.equal('agent_output_invalid');
    });
  });

  it('remember earlier turns in order, and record their own', async () => {
    const { run, llm } = await setup([answers('later')]);
    const recollection = { history: [turn('one', '{"a":1}'), turn('two', '{"b":2}')], position: 3 };

    const output = outputOf(await run({ memory: { key: 'talk' } }, { recollection }));

    const [request] = await llm.requests();
    const roles = request?.body.messages.map(({ role }) => role);
    expect(roles).to.deep.equal(['system', 'user', 'assistant', 'user', 'assistant', 'user']);
    expect(request?.body.messages[3]?.content).to.equal('two');
    expect(output['conversation']).to.deep.include({ key: 'talk', position: 3 });
    expect(JSON.stringify(output['conversation'])).to.contain('It must fly.').and.contain('later');
  });

  it('estimate what a service does not count', async () => {
    const { run } = await setup([{ ...answers(), usage: null }]);
    const outcome = await run();
    expect(outcome.usage).to.include({ estimated: true });
    expect(outcome.usage?.total_tokens).to.be.greaterThan(100);
  });
});
