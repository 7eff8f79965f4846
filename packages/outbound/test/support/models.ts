import type { ConversationTurn, JsonObject } from '@millrace/contracts';
import { type LlmReply, type LlmServer, startLlmServer } from '../../../../test/support/servers/llm.js';
import {
  type AgentOutcome,
  type AgentOutput,
  type AgentRequest,
  type AgentTool,
  createAgentRunner,
  type LlmSettings,
  type TokenSource,
} from '../../src/index.js';

/** A valid result of `requirement_engineering`, and the actor to know it by. */
export function requirements(actor = 'user'): JsonObject {
  const numbers = ['total', 'functional', 'non_functional', 'must', 'should', 'could', 'wont'];
  const others = ['ambiguous', 'measurable', 'duplicates'];
  return {
    requirements: [],
    actors: [actor],
    summary: Object.fromEntries([...numbers, ...others].map((name) => [name, 0])),
    notes: [],
  };
}

export const answers = (actor?: string): LlmReply => ({ json: requirements(actor) });

export interface Bundle {
  readonly llm: LlmServer;
  /** Of all runs so far, in order. */
  readonly tokens: { text: string; source: TokenSource }[];
  readonly lines: { level: string; message: string }[];
  run(config?: JsonObject, more?: Partial<AgentRequest>): Promise<AgentOutcome>;
}

/** One server for a suite, and a fresh bundle for each test. */
export function modelSuite() {
  let llm: LlmServer | undefined;
  before(async () => {
    llm = await startLlmServer();
  });
  afterEach(() => llm?.reset());
  after(() => llm?.stop());
  return async (
    replies: readonly LlmReply[],
    settings: Partial<LlmSettings> | ((server: LlmServer) => Partial<LlmSettings>) = {},
  ): Promise<Bundle> => {
    if (llm === undefined) throw new Error('The model server has not started');
    const server = llm;
    await server.script(...replies);
    const runner = createAgentRunner({
      provider: 'openai-compatible',
      model: 'test-model',
      providers: { 'openai-compatible': { baseUrl: server.baseUrl, apiKey: 'key-of-tests' } },
      ...(typeof settings === 'function' ? settings(server) : settings),
    });
    const tokens: Bundle['tokens'] = [];
    const lines: Bundle['lines'] = [];
    return {
      ...{ llm: server, tokens, lines },
      async run(config = {}, more = {}) {
        const outcome = await runner.run({
          ...{
            agentType: 'requirement_engineering',
            config,
            input: { text: 'It must fly.' },
            label: 'Extract',
          },
          onToken: (text, source) => tokens.push({ text, source }),
          log: (level, message) => lines.push({ level, message }),
          ...more,
        });
        await runner.close();
        return outcome;
      },
    };
  };
}

export function outputOf(outcome: AgentOutcome): AgentOutput {
  if (!outcome.ok) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  return outcome.output;
}

export function errorOf(outcome: AgentOutcome) {
  if (outcome.ok) throw new Error(`It succeeded: ${JSON.stringify(outcome.output)}`);
  return outcome.error;
}

/** Answers what it was asked, or fails when it is asked for `boom`. */
export const echo: AgentTool = {
  name: 'echo',
  description: 'Repeats',
  inputSchema: { type: 'object', properties: { text: { type: 'string' } } },
  run: (input) =>
    Promise.resolve(
      JSON.stringify(input).includes('boom')
        ? { ok: false, error: { code: 'tool_failed', message: 'boom', fault: 'remote', retryable: false } }
        : { ok: true, output: { heard: input } },
    ),
};

export const turn = (user: string, assistant: string): ConversationTurn => ({ user, assistant });
