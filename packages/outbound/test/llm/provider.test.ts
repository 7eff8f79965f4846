import { expect } from 'chai';
import {
  AGENT_TYPES,
  createAgentRunner,
  type AgentOutcome,
  type AgentOutput,
  type AgentRequest,
} from '../../src/index.js';
import {
  startChatServer,
  type ChatReply,
  type ChatRequest,
  type ChatServer,
} from '../support/chat-server.js';

const REQUIREMENTS = {
  requirements: [],
  actors: ['user'],
  summary: {
    total: 0,
    functional: 0,
    non_functional: 0,
    must: 0,
    should: 0,
    could: 0,
    wont: 0,
    ambiguous: 0,
    measurable: 0,
    duplicates: 0,
  },
  notes: ['none'],
};
const VALID = JSON.stringify(REQUIREMENTS);
const KEY = 'secret-key-1234567890';

const open: ChatServer[] = [];

async function setup(replies: (ChatReply | ((request: ChatRequest) => ChatReply))[]) {
  const server = await startChatServer(replies);
  open.push(server);
  const runner = createAgentRunner({
    provider: 'openai-compatible',
    model: 'small',
    providers: { 'openai-compatible': { baseUrl: server.baseUrl, apiKey: KEY } },
  });
  const run = (request: Partial<AgentRequest> = {}): Promise<AgentOutcome> =>
    runner.run({
      agentType: 'requirement_engineering',
      config: {},
      input: { text: 'It must fly.' },
      label: 'Extract',
      ...request,
    });
  return { server, run, runner };
}

function output(outcome: AgentOutcome): AgentOutput {
  if (!outcome.ok) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  return outcome.output;
}

describe('OpenAI-compatible agents', () => {
  afterEach(async () => {
    for (const server of open.splice(0)) await server.close();
  });

  it('asks for the enforced schema and gives the result with provider, model and usage', async () => {
    const { server, run, runner } = await setup([{ content: VALID }]);

    const result = output(await run());

    expect(runner.provider).to.equal('openai-compatible');
    expect(result).to.deep.equal({
      ...REQUIREMENTS,
      provider: 'openai-compatible',
      model: 'small',
      usage: { input_tokens: 11, output_tokens: 7, total_tokens: 18 },
    });
    expect(server.seen[0]).to.deep.include({ method: 'POST', path: '/v1/chat/completions' });
    expect(server.seen[0]?.headers.authorization).to.equal(`Bearer ${KEY}`);
    expect(server.requests[0]?.response_format?.type).to.equal('json_schema');
    expect(JSON.stringify(server.requests[0]?.response_format)).to.contain('duplicate_of');
    expect(server.requests[0]?.messages.at(-1)?.content).to.contain('It must fly.');
  });

  it('passes configuration on: model, temperature, max_tokens, instructions and own keys', async () => {
    const { server, run } = await setup([{ content: VALID }]);

    await run({
      config: {
        model: 'big',
        temperature: 0.3,
        max_tokens: 99,
        instructions: 'Be brief.',
        max_requirements: 5,
      },
    });

    const [first] = server.requests;
    expect(first).to.include({ model: 'big', temperature: 0.3, max_tokens: 99 });
    const system = first?.messages[0]?.content ?? '';
    expect(system).to.contain('Be brief.').and.contain('"max_requirements":5');
  });

  it('has a prompt and a JSON schema of its own for each of the 7 agent types', async () => {
    const { server, run } = await setup([{ status: 400, error: 'no' }]);

    for (const agentType of AGENT_TYPES) await run({ agentType });

    const prompts = new Set(server.requests.map((request) => request.messages[0]?.content));
    expect(prompts.size).to.equal(AGENT_TYPES.length);
    for (const request of server.requests)
      expect(request.response_format?.json_schema?.schema).to.have.property('additionalProperties', false);
  });

  for (const [name, content] of [
    ['a code fence', `Here it is:\n\`\`\`json\n${VALID}\n\`\`\``],
    ['thoughts before it', `<think>{ hmm }</think>${VALID}`],
  ] as const) {
    it(`reads an answer with ${name}`, async () => {
      const { server, run } = await setup([{ content }]);
      expect(output(await run())).to.include({ model: 'small' });
      expect(server.requests).to.have.length(1);
    });
  }

  it('repairs once with the validation error and adds up the usage', async () => {
    const { server, run } = await setup([{ content: '{"requirements": "many"}' }, { content: VALID }]);

    const result = output(await run());

    expect(result.usage).to.deep.equal({ input_tokens: 22, output_tokens: 14, total_tokens: 36 });
    const repair = server.requests[1]?.messages ?? [];
    expect(repair.map(({ role }) => role)).to.deep.equal(['system', 'user', 'assistant', 'user']);
    expect(repair.at(-1)?.content).to.match(/requirements: .*array/);
  });

  it('fails clearly after the second invalid answer', async () => {
    const { server, run } = await setup([{ content: 'Sorry, I cannot.' }]);
    const outcome = await run();
    expect(outcome).to.have.nested.property('error.code', 'agent_output_invalid');
    expect(server.requests).to.have.length(2);
  });

  it('does not repair an answer that the token limit cut', async () => {
    const { server, run } = await setup([{ content: '{"requirements": [', finishReason: 'length' }]);
    const outcome = await run();
    expect(outcome)
      .to.have.nested.property('error.message')
      .that.matches(/max_tokens/);
    expect(server.requests).to.have.length(1);
  });

  it('streams tokens in order', async () => {
    const { server, run } = await setup([{ content: VALID }]);
    const tokens: string[] = [];

    const result = output(await run({ onToken: (text) => tokens.push(text) }));

    expect(server.requests[0]?.stream).to.equal(true);
    expect(tokens.length).to.be.greaterThan(2);
    expect(tokens.join('')).to.equal(VALID);
    expect(result.usage).to.deep.equal({ input_tokens: 11, output_tokens: 7, total_tokens: 18 });
  });

  it('falls back to plain JSON mode for servers that refuse schemas, and remembers it', async () => {
    const { server, run } = await setup([
      { status: 400, error: 'response_format json_schema is not supported' },
      { content: VALID },
    ]);

    output(await run());
    output(await run());

    expect(server.requests.map((request) => request.response_format?.type)).to.deep.equal([
      'json_schema',
      'json_object',
      'json_object',
    ]);
  });

  for (const [status, code, retryable] of [
    [401, 'provider_unauthorized', false],
    [403, 'provider_unauthorized', false],
    [404, 'provider_rejected', false],
    [400, 'provider_rejected', false],
    [429, 'provider_rate_limited', true],
    [500, 'provider_unavailable', true],
    [503, 'provider_unavailable', true],
  ] as const) {
    for (const streams of [false, true]) {
      it(`turns ${String(status)} into ${code}${streams ? ' while streaming' : ''} and shows no key`, async () => {
        const { server, run } = await setup([
          { status, error: `Incorrect API key provided: ${KEY}, also sk-abcdef12345` },
        ]);

        const outcome = await run(streams ? { onToken: () => undefined } : {});

        expect(outcome).to.have.nested.property('error.code', code);
        expect(outcome).to.have.nested.property('error.retryable', retryable);
        expect(JSON.stringify(outcome)).to.not.contain(KEY).and.not.contain('abcdef12345');
        expect(server.requests).to.have.length(1);
      });
    }
  }

  for (const streams of [false, true]) {
    it(`aborts${streams ? ' while streaming' : ''}`, async () => {
      const abort = new AbortController();
      const { run } = await setup([
        () => {
          abort.abort();
          return { silent: true };
        },
      ]);
      const outcome = await run({ signal: abort.signal, ...(streams ? { onToken: () => undefined } : {}) });
      expect(outcome).to.have.nested.property('error.code', 'aborted');
    });

    it(`times out${streams ? ' while streaming' : ''}`, async () => {
      const { run } = await setup([{ silent: true }]);
      const outcome = await run({ timeoutMs: 50, ...(streams ? { onToken: () => undefined } : {}) });
      expect(outcome).to.have.nested.property('error.code', 'timeout');
      expect(outcome).to.have.nested.property('error.retryable', true);
    });
  }

  it('says that a service cannot be reached', async () => {
    const { server, run } = await setup([{}]);
    await server.close();
    const outcome = await run();
    expect(outcome).to.have.nested.property('error.code', 'provider_unavailable');
    expect(outcome).to.have.nested.property('error.retryable', true);
  });

  it('says that no model is configured', async () => {
    const server = await startChatServer([{}]);
    open.push(server);
    const runner = createAgentRunner({
      provider: 'openai-compatible',
      providers: { 'openai-compatible': { baseUrl: server.baseUrl } },
    });
    const outcome = await runner.run({ agentType: 'planning', config: {}, input: {}, label: 'x' });
    expect(outcome)
      .to.have.nested.property('error.message')
      .that.matches(/LLM_MODEL/);
  });

  it('refuses a base URL that is none', () => {
    expect(() =>
      createAgentRunner({ providers: { 'openai-compatible': { baseUrl: 'localhost:11434' } } }),
    ).to.throw(RangeError);
  });
});
