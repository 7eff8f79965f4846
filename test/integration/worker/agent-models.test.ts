/** Agents with a model, tools and memory, as parts of workflows: the model and the MCP server are processes of their own. */
import { definition, type JsonObject } from '@millrace/contracts';
import type { WorkflowMessage } from '@millrace/messaging';
import { createMcpClients, type McpClients } from '@millrace/outbound';
import { expect } from 'chai';
import { parse as parseYaml } from 'yaml';
import * as z from 'zod';
import { type Engine, startEngine } from '../../support/engine.js';
import { fencesOf, readDocument, sectionOf } from '../../support/markdown.js';
import { eventually } from '../../support/poll.js';
import { type LlmServer, startLlmServer } from '../../support/servers/llm.js';
import { stdioServer } from '../../support/servers/mcp.js';
import { at, expectSound, only, outputOf } from './support/events.js';

type Graph = Parameters<Engine['createWorkflow']>[0];
type Node = Graph['nodes'][number];

const RESULT = { objective: 'Fly', tasks: [], order: [], parallel_groups: [], total_estimate_days: 0 };
const result = (note: string): JsonObject => ({ ...RESULT, notes: [note] });
const planner = (id: string, config: JsonObject, data: object = {}): Node => ({
  id,
  type: 'agent',
  data: { agent_type: 'planning', config, ...data },
});

const noLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

describe('agents with a model', () => {
  let engine: Engine;
  let llm: LlmServer;
  let mcp: McpClients;
  before(async () => {
    llm = await startLlmServer();
    mcp = createMcpClients({ servers: { tools: stdioServer() }, env: {}, version: 'test', log: noLog });
    engine = await startEngine();
    await engine.startWorker({
      mcp,
      llm: {
        provider: 'openai-compatible',
        model: 'test-model',
        providers: { 'openai-compatible': { baseUrl: llm.baseUrl, apiKey: 'key-of-tests' } },
        prices: { 'test-model': { input: 1, output: 2 } },
      },
    });
    await engine.startScheduler();
  });
  afterEach(() => llm.reset());
  after(async () => {
    await engine.stop();
    await mcp.stop();
    await llm.stop();
  });

  async function run(graph: Graph, parameters: JsonObject = {}) {
    const events = await engine.finished(
      await engine.submit(await engine.createWorkflow(graph), parameters),
      20_000,
    );
    expectSound(events);
    return events;
  }

  it('call the sandbox, the context and a server of the operator in one loop', async () => {
    await llm.script(
      {
        content: 'What do I know?',
        tool_calls: [
          { name: 'context', arguments: { path: 'parameters.numbers' } },
          { name: 'code', arguments: { source: 'return input.reduce((a, b) => a + b);', input: [20, 22] } },
        ],
      },
      { when: { tool_results: 2 }, tool_calls: [{ name: 'tools_add', arguments: { a: 40, b: 2 } }] },
      { when: { tool_results: 3 }, json: result('42') },
    );

    const events = await run(
      { nodes: [planner('plan', { tools: ['context', 'code', 'mcp:tools/add'] })] },
      { numbers: [20, 22] },
    );

    expect(outputOf(events, 'plan')).to.deep.include({ notes: ['42'], model: 'test-model' });
    const offered = (await llm.requests())[0]?.body.tools?.map((tool) => tool.function.name) ?? [];
    expect(offered).to.have.length(3);
    const seen = JSON.stringify((await llm.requests()).at(-1)?.body.messages);
    expect(seen).to.contain('[20,22]').and.contain('{\\"result\\":42');
  });

  it('share a conversation by its key, in the order of the steps', async () => {
    const memory = { key: 'talk' };
    await llm.script(
      { json: result('first answer') },
      { json: result('second answer') },
      { json: result('alone') },
    );

    const events = await run({
      nodes: [
        planner('b', { memory }, { input: { objective: 'first question' } }),
        planner('a', { memory }, { input: { objective: 'second question' } }),
        planner('c', { memory: { key: 'other' } }, { input: {} }),
      ],
      edges: [
        { source: 'b', target: 'a' },
        { source: 'a', target: 'c' },
      ],
    });

    const [, second, alone] = await llm.requests();
    expect(second?.body.messages.map(({ role }) => role)).to.deep.equal([
      'system',
      'user',
      'assistant',
      'user',
    ]);
    expect(JSON.stringify(second?.body.messages[1])).to.contain('first question');
    expect(JSON.stringify(second?.body.messages[2])).to.contain('first answer');
    expect(alone?.body.messages).to.have.length(2);
    expect(at(only(events, 'step_completed', 'a'), 'output', 'conversation', 'position')).to.equal(2);
  });

  it('stream with their phase, and log prompts, answers and what they used', async () => {
    await llm.script({ content: 'Step by step.' }, { json: result('done') });
    const workflowId = await engine.createWorkflow({
      nodes: [planner('plan', { reasoning_pattern: 'chain_of_thought' })],
    });
    const heard: WorkflowMessage[] = [];
    const unsubscribe = await engine.messaging.events.subscribeWorkflow(workflowId, (message) => {
      heard.push(message);
    });

    const executionId = await engine.submit(workflowId, { objective: 'Fly' });
    const events = await engine.finished(executionId, 20_000);

    const usage = { input_tokens: 22, output_tokens: 14, total_tokens: 36, cost_usd: 0.00005 };
    expect(outputOf(events, 'plan')).to.deep.include({ usage });
    await eventually(async () => {
      const { rows } = await engine.pool.query<{ message: string }>(
        'SELECT message FROM step_logs WHERE execution_id = $1 ORDER BY line',
        [executionId],
      );
      const told = rows.map(({ message }) => z.looseObject({ event: z.string() }).parse(JSON.parse(message)));
      expect(told.map(({ event }) => event)).to.deep.equal(['prompt', 'answer', 'prompt', 'answer', 'usage']);
      const frames = heard.flatMap((message) => (message.kind === 'transient' ? [message.frame] : []));
      const thoughts = frames.filter(({ type, data }) => type === 'token' && data['phase'] === 'reasoning');
      expect(thoughts.map(({ data }) => data['text']).join('')).to.equal('Step by step.');
    });
    await unsubscribe();
  });

  it('end when the execution is cancelled, and the call of the model with them', async () => {
    await llm.script({ content: '{"objective"', chunk_size: 2, fault: { type: 'stall', after_chunks: 3 } });
    const executionId = await engine.submit(
      await engine.createWorkflow({ nodes: [planner('plan', {})] }),
      {},
    );
    await eventually(async () => {
      expect(await llm.requests()).to.have.length(1);
    });

    await engine.runtime.cancel({ executionId, by: engine.owner, reason: 'enough', waitMs: 0 });
    const events = await engine.finished(executionId, 20_000);

    expect(events.at(-1)?.type).to.equal('cancelled');
    await eventually(async () => {
      expect((await llm.requests())[0]?.completed).to.equal(false);
    });
  });

  it('stop at the budget of the step, and say what was used', async () => {
    await llm.script({ json: result('dear'), usage: { prompt_tokens: 90_000, completion_tokens: 10 } });

    const events = await run({ nodes: [planner('plan', { budget: { max_tokens: 50_000 } })] });

    const error = at(only(events, 'step_failed', 'plan'), 'error');
    expect(error).to.include({ code: 'budget_exceeded', fault: 'workflow', retryable: false });
    expect(at(only(events, 'step_failed', 'plan'), 'error', 'details', 'used', 'total_tokens')).to.equal(
      90_010,
    );
  });

  it('fail clearly for a server that the operator has not configured, and for templates that went wrong', async () => {
    const unknown = await run({ nodes: [planner('plan', { tools: ['mcp:nowhere'] })] });
    const wrong = await run({ nodes: [planner('plan', { model: '=parameters.model' })] }, { model: '' });

    expect(at(only(unknown, 'step_failed'), 'error', 'code')).to.equal('tool_unknown');
    expect(at(only(unknown, 'step_failed'), 'error', 'message')).to.contain('tools');
    expect(at(only(wrong, 'step_failed'), 'error', 'code')).to.equal('configuration_invalid');
    expect(at(only(wrong, 'step_failed'), 'error', 'message')).to.contain('model');
  });

  it('let the sandbox parse what offline agents review', async () => {
    const files = [
      { path: 'good.js', content: "import fs from 'fs';\nexport default class { run() { return fs; } }\n" },
      { path: 'bad.js', content: 'export const one = 1;\nexport const two = ;\n' },
    ];
    const config = { model: 'offline', reasoning_pattern: 'react' };

    const events = await run(
      { nodes: [{ id: 'review', type: 'agent', data: { agent_type: 'code_review', config } }] },
      { files },
    );

    const review = only(events, 'step_completed', 'review');
    expect(at(review, 'output', 'findings', 0)).to.deep.include({
      rule: 'does-not-parse',
      path: 'bad.js',
      line: 2,
    });
    expect(at(review, 'output', 'notes')).to.include('The sandbox parsed good.js.');
  });
});

describe('the budget of an execution', () => {
  const EACH = 4_000;
  const BUDGET = 5 * EACH;
  let engine: Engine;
  let llm: LlmServer;
  before(async () => {
    llm = await startLlmServer();
    engine = await startEngine();
    await engine.startWorker({
      llm: {
        provider: 'openai-compatible',
        model: 'test-model',
        providers: { 'openai-compatible': { baseUrl: llm.baseUrl, apiKey: 'key-of-tests' } },
      },
      run: { loops: { maxItems: 100, partSize: 8, maxIterations: 2_000 } },
    });
    await engine.startScheduler();
  });
  beforeEach(() => {
    const usage = { prompt_tokens: EACH - 10, completion_tokens: 10 };
    return llm.script({ json: result('dear'), usage, times: 'always' });
  });
  afterEach(() => llm.reset());
  after(async () => {
    await engine.stop();
    await llm.stop();
  });

  it('holds for all parts of a map together while they run', async () => {
    const body = { nodes: [planner('plan', {})] };
    const config = { range: { end: 24 }, concurrency: 3, on_item_error: 'collect', body };
    const workflow = await engine.createWorkflow({
      nodes: [{ id: 'many', type: 'map', data: { config } }],
      budget: { max_tokens: BUDGET },
    });

    const execution = await engine.submit(workflow);
    const events = await engine.finished(execution, 40_000);

    const parts = events.filter(({ type }) => type === 'step_part_ended');
    expect(parts).to.have.length(3);
    const calls = (await llm.requests()).length;
    // Three run side by side, and each may be in the middle of a call when the last token is spent.
    expect(calls * EACH).to.be.within(BUDGET - EACH, BUDGET + 2 * EACH);
    const items = z.array(z.looseObject({ error: z.looseObject({ code: z.string() }).optional() }));
    const codes = items.parse(outputOf(events, 'many')).map(({ error }) => error?.code ?? 'planned');
    expect(codes.filter((code) => code === 'planned').length).to.be.within(1, calls);
    expect(new Set(codes)).to.deep.equal(new Set(['planned', 'execution_budget_exceeded']));
  });

  it('holds for a sub-workflow that it waits for, and is forgotten when it has ended', async () => {
    const twice = await engine.createWorkflow({
      nodes: [planner('first', {}), planner('second', {})],
      edges: [{ source: 'first', target: 'second' }],
    });
    const sub: Node = { id: 'sub', type: 'sub_workflow', data: { config: { workflow_id: twice } } };
    const workflow = await engine.createWorkflow({ nodes: [sub], budget: { max_tokens: EACH } });

    const events = await engine.finished(await engine.submit(workflow), 20_000);
    await engine.runtime.sweeps.deleteExpired();

    const error = at(only(events, 'step_failed', 'sub'), 'error');
    expect(error).to.deep.include({ code: 'child_failed' });
    expect(at(only(events, 'step_failed', 'sub'), 'error', 'details', 'code')).to.equal(
      'execution_budget_exceeded',
    );
    expect(await llm.requests()).to.have.length(1);
    const { rows } = await engine.pool.query('SELECT 1 FROM budgets');
    expect(rows).to.deep.equal([]);
  });
});

describe('the examples of agents', () => {
  let engine: Engine;
  before(async () => {
    engine = await startEngine();
    await engine.startWorker();
  });
  after(() => engine.stop());

  const examples = fencesOf(sectionOf(readDocument('docs/steps/agent.md'), 'Example'));
  for (const { content } of examples.filter(({ language }) => language === 'yaml')) {
    const graph = definition.parse(parseYaml(content));
    it(`${graph.name} runs offline`, async () => {
      const parameters = {
        specification: 'The system shall send a reminder. Members must be able to search books.',
        objective: '1. Gather requirements\n2. Design the schema\n3. Build the API',
      };

      const events = await engine.finished(
        await engine.submit(await engine.createWorkflow(graph), parameters),
        20_000,
      );

      expectSound(events);
      expect(events.at(-1)?.type).to.equal('completed');
      for (const { id } of graph.nodes) expect(outputOf(events, id)).to.deep.include({ provider: 'offline' });
      expect(JSON.stringify(events)).to.contain('schema');
    });
  }
});
