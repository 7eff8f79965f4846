/** Several providers at once: which one a name means, and that each is spoken to in its own protocol. */
import { expect } from 'chai';
import { createAgentRunner, type LlmSettings } from '../../src/index.js';
import { createModels } from '../../src/llm/models.js';
import { OFFLINE_SETTINGS } from '../../src/llm/settings.js';
import {
  type AnthropicServer,
  type MessageReply,
  startAnthropicServer,
} from '../support/anthropic-server.js';
import { answers, echo, errorOf, modelSuite, outputOf, requirements } from '../support/models.js';

const compatible = { baseUrl: 'http://127.0.0.1:9/v1' };

describe('providers', () => {
  describe('names', () => {
    const resolve = (name: string, settings: Partial<LlmSettings>) =>
      createModels({ ...OFFLINE_SETTINGS, ...settings }).resolve(name);
    const openai = { provider: 'openai-compatible', providers: { 'openai-compatible': compatible } } as const;
    const both = { ...openai, providers: { ...openai.providers, anthropic: { ...compatible, apiKey: 'k' } } };

    for (const [name, settings, provider, model] of [
      ['small', openai, 'openai-compatible', 'small'],
      ['openai-compatible/small', openai, 'openai-compatible', 'small'],
      ['openai-compatible/org/small', openai, 'openai-compatible', 'org/small'],
      ['org/small', openai, 'openai-compatible', 'org/small'],
      ['anthropic/large', openai, 'openai-compatible', 'anthropic/large'],
      ['anthropic/large', both, 'anthropic', 'large'],
      ['offline', both, 'offline', 'offline'],
      ['small', {}, 'offline', 'offline'],
    ] as const) {
      it(`${name} means ${provider} ${model}`, () => {
        expect(resolve(name, settings)).to.deep.equal({ provider, model });
      });
    }

    it('of a provider that is not configured say which setting is missing', () => {
      expect(() => resolve('anthropic/large', {})).to.throw(/ANTHROPIC_API_KEY/);
      expect(() => resolve('ollama/small', openai)).to.throw(/OLLAMA_BASE_URL/);
    });
  });

  describe('ollama', () => {
    const setup = modelSuite();

    it('is asked without a key, at its compatible endpoint', async () => {
      const { llm, run } = await setup([answers()], ({ baseUrl }) => ({
        provider: 'ollama',
        model: 'small',
        providers: { ollama: { baseUrl: baseUrl.replace(/\/v1$/, '') } },
      }));

      const outcome = await run();

      expect(outputOf(outcome)).to.include({ provider: 'ollama', model: 'small' });
      const [request] = await llm.requests();
      expect(request?.headers).to.not.have.property('authorization');
    });
  });

  describe('anthropic', () => {
    let server: AnthropicServer | undefined;
    afterEach(() => server?.close());

    async function setup(replies: readonly MessageReply[]) {
      const started = await startAnthropicServer(replies);
      server = started;
      const runner = createAgentRunner({
        provider: 'anthropic',
        model: 'claude-test',
        providers: { anthropic: { baseUrl: started.origin, apiKey: 'key-of-tests' } },
        prices: { 'anthropic/claude-test': { input: 3, output: 15 } },
      });
      const tokens: string[] = [];
      const base = { agentType: 'requirement_engineering', input: {}, label: 'x', tools: [echo] } as const;
      return {
        server: started,
        tokens,
        run: (config = {}, streams = true) =>
          runner.run({ ...base, config, ...(streams && { onToken: (text: string) => tokens.push(text) }) }),
      };
    }

    for (const streams of [true, false]) {
      it(`answers ${streams ? 'in a stream' : 'at once'}`, async () => {
        const {
          server: claude,
          run,
          tokens,
        } = await setup([{ text: JSON.stringify(requirements('claude')) }]);

        const output = outputOf(await run({}, streams));

        expect(output).to.deep.include({ actors: ['claude'], provider: 'anthropic', model: 'claude-test' });
        expect(output.usage).to.include({ input_tokens: 30, output_tokens: 12, cost_usd: 0.00027 });
        expect(claude.seen[0]?.path).to.equal('/v1/messages');
        expect(claude.seen[0]?.headers['x-api-key']).to.equal('key-of-tests');
        if (streams) expect(tokens.join('')).to.contain('claude');
      });
    }

    it('calls tools in a loop', async () => {
      const { server: claude, run } = await setup([
        { call: { name: 'echo', input: { text: 'height' } } },
        { text: JSON.stringify(requirements('claude')) },
      ]);

      const output = outputOf(await run({ reasoning_pattern: 'react' }));

      expect(output['actors']).to.deep.equal(['claude']);
      const [, second] = claude.requests;
      expect(JSON.stringify(second?.messages)).to.contain('tool_result').and.contain('height');
    });

    it('repairs after a loop without offering tools', async () => {
      const { server: claude, run } = await setup([
        { call: { name: 'echo', input: { text: 'height' } } },
        { text: 'Well.' },
        { text: JSON.stringify(requirements('repaired')) },
      ]);

      const output = outputOf(await run({ reasoning_pattern: 'react' }));

      expect(output['actors']).to.deep.equal(['repaired']);
      expect(JSON.stringify(claude.requests[2]?.messages)).to.not.contain('tool_use');
    });

    for (const [status, error, code] of [
      [401, 'invalid x-api-key', 'provider_unauthorized'],
      [429, 'rate limited', 'provider_rate_limited'],
      [529, 'Overloaded', 'provider_unavailable'],
      [404, 'model: claude-test', 'provider_model_unknown'],
      [400, 'prompt is too long: 210000 tokens > 200000 maximum', 'provider_context_length'],
      [400, 'Your credit balance is too low', 'provider_quota_exceeded'],
      [413, 'request too large', 'provider_context_length'],
    ] as const) {
      it(`that answers ${String(status)} ${error} is ${code}`, async () => {
        const { run } = await setup([{ status, error }]);
        expect(errorOf(await run()).code).to.equal(code);
      });
    }
  });
});
