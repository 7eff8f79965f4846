/** The server that stands in for model providers in the tests has to speak as they do. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, Output, streamText, tool } from 'ai';
import { expect } from 'chai';
import { FAULTS, type LlmServer, startLlmServer } from '../../../../test/support/servers/llm.js';

describe('the model server of the tests', () => {
  let llm: LlmServer;
  before(async () => {
    llm = await startLlmServer();
  });
  afterEach(() => llm.reset());
  after(() => llm.stop());

  function model(name = 'test-model') {
    const provider = createOpenAICompatible({
      name: 'tests',
      baseURL: llm.baseUrl,
      apiKey: 'key-of-tests',
      includeUsage: true,
      supportsStructuredOutputs: true,
    });
    return provider.chatModel(name);
  }

  const add = tool({
    description: 'Adds',
    inputSchema: jsonSchema<{ a: number; b: number }>({
      type: 'object',
      properties: { a: { type: 'number' }, b: { type: 'number' } },
    }),
    execute: ({ a, b }) => a + b,
  });

  it('streams text in pieces and the usage at the end', async () => {
    await llm.script({ content: 'Hello from a stream of pieces', chunk_size: 5 });
    const result = streamText({ model: model(), prompt: 'hi' });
    const pieces: string[] = [];
    for await (const piece of result.textStream) pieces.push(piece);
    expect(pieces.length).to.be.greaterThan(3);
    expect(pieces.join('')).to.equal('Hello from a stream of pieces');
    expect((await result.usage).inputTokens).to.equal(11);
  });

  it('streams the calls of tools with their arguments in pieces', async () => {
    await llm.script({ tool_calls: [{ name: 'add', arguments: { a: 2, b: 40 } }], chunk_size: 3 });
    const result = streamText({ model: model(), prompt: 'add', tools: { add } });
    const calls = await result.toolCalls;
    expect(calls.map((call) => call.input)).to.deep.equal([{ a: 2, b: 40 }]);
    expect(await result.finishReason).to.equal('tool-calls');
  });

  it('answers whole requests, structured ones too, and remembers what was asked', async () => {
    await llm.script({ json: { name: 'Ada' } });
    const schema = jsonSchema<{ name: string }>({ type: 'object', properties: { name: { type: 'string' } } });
    const { output } = await generateText({
      model: model(),
      prompt: 'who',
      output: Output.object({ schema }),
    });
    expect(output).to.deep.equal({ name: 'Ada' });
    const [asked] = await llm.requests();
    expect(asked?.body.response_format?.type).to.equal('json_schema');
    expect(asked?.headers['authorization']).to.equal('Bearer key-of-tests');
    expect(asked?.completed).to.equal(true);
  });

  it('chooses the reply by what the request says', async () => {
    await llm.script(
      { when: { model: 'fallback-model' }, content: 'B' },
      { when: { contains: 'first' }, content: 'A' },
    );
    const first = await generateText({ model: model(), prompt: 'the first' });
    const second = await generateText({ model: model('fallback-model'), prompt: 'the second' });
    expect([first.text, second.text]).to.deep.equal(['A', 'B']);
  });

  for (const [name, reply, words] of [
    ['a rate limit', FAULTS.rateLimited(3), 'Rate limited'],
    ['an error of the server', FAULTS.serverError(), 'had an error'],
    ['too long a context', FAULTS.contextLength(), 'maximum context length'],
    ['nothing scripted', undefined, 'No reply is scripted'],
  ] as const) {
    it(`answers with ${name}`, async () => {
      if (reply !== undefined) await llm.script(reply);
      const outcome = await generateText({ model: model(), prompt: 'hi', maxRetries: 0 }).catch(String);
      expect(outcome).to.contain(words);
    });
  }

  for (const type of ['cut', 'malformed'] as const) {
    it(`breaks a stream that is ${type} in the middle`, async () => {
      await llm.script({
        content: 'a text of more than one chunk',
        chunk_size: 4,
        fault: { type, after_chunks: 2 },
      });
      const result = streamText({ model: model(), prompt: 'hi', maxRetries: 0, onError: () => undefined });
      const parts: string[] = [];
      const read = async (): Promise<void> => {
        for await (const part of result.fullStream) parts.push(part.type);
      };
      // A lost connection breaks the stream itself, a bad chunk is a part of it.
      await read().catch(() => parts.push('error'));
      expect(parts.filter((part) => part === 'text-delta')).to.have.length(2);
      expect(parts).to.contain('error');
    });
  }
});
