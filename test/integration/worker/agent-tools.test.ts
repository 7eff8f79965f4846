import { expect } from 'chai';
import { killAll, type ServiceProcess, spawnService } from '../../recovery/support/processes.js';
import { type GatewayUnderTest, startGateway } from '../../support/platform.js';
import { eventually } from '../../support/poll.js';
import { type LlmServer, startLlmServer } from '../../support/servers/llm.js';
import { type McpHttpTestServer, startMcpHttpServer, stdioServer } from '../../support/servers/mcp.js';

/** A worker process, a model, and tools: two servers of them, one a program and one over HTTP. All of it is real. */
describe('an agent with tools', function () {
  this.timeout(90_000);

  let gateway: GatewayUnderTest;
  let llm: LlmServer;
  let far: McpHttpTestServer;
  let worker: ServiceProcess;
  let workflowId: string;

  before(async () => {
    [gateway, llm, far] = await Promise.all([startGateway(), startLlmServer(), startMcpHttpServer()]);
    const tools = ['mcp:near', 'mcp:far/word_count', 'context', 'code'];
    const output_schema = {
      type: 'object',
      properties: { answer: { type: 'string' } },
      required: ['answer'],
    };
    const config = { reasoning_pattern: 'react', tools, output_schema };
    workflowId = await gateway.createWorkflow({
      definition: {
        name: 'Tools',
        nodes: [
          { id: 'facts', type: 'set', data: { config: { values: { river: 'Elbe' } } } },
          { id: 'ask', type: 'agent', data: { agent_type: 'planning', config } },
        ],
        edges: [{ source: 'facts', target: 'ask' }],
      },
    });
    worker = await startWorker();
  });
  afterEach(() => llm.reset());
  after(async () => {
    await killAll();
    await Promise.all([llm.stop(), far.stop()]);
    await gateway.stop();
  });

  async function startWorker(): Promise<ServiceProcess> {
    const given = Object.entries(gateway.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    const started = spawnService('worker', {
      ...Object.fromEntries(given),
      LLM_BASE_URL: llm.baseUrl,
      LLM_MODEL: 'test-model',
      DRAIN_SECONDS: '8',
      TOKEN_OF_FAR: 'far-token',
      MCP_SERVERS: JSON.stringify({
        near: stdioServer([], { tools: ['add', 'process_id', 'slow'] }),
        far: { transport: 'http', url: far.url, headers: { Authorization: 'Bearer ${TOKEN_OF_FAR}' } },
      }),
    });
    await started.said('the worker has joined');
    return started;
  }

  async function run(): Promise<{ status: unknown; step: unknown }> {
    const id = await gateway.execute(workflowId, { topic: 'rivers' });
    return eventually(
      async () => {
        const { body } = await gateway.request('GET', `/workflows/executions/${id}`, {
          token: gateway.admin.token,
        });
        const status = body.at('status');
        expect(status).to.be.oneOf(['completed', 'failed']);
        return { status, step: status === 'failed' ? body.at('error') : body.at('result') };
      },
      { timeoutMs: 60_000 },
    );
  }

  /** What tools answered, in the words the model was given. */
  async function observations(): Promise<Set<string>> {
    const messages = (await llm.requests()).flatMap(({ body }) => body.messages);
    return new Set(messages.flatMap(({ role, content }) => (role === 'tool' ? [String(content)] : [])));
  }

  const alive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  async function processOfServer(): Promise<number> {
    await llm.script(
      { when: { tool_results: 0 }, tool_calls: [{ name: 'near__process_id' }] },
      { json: { answer: 'known' }, times: 'always' },
    );
    expect(await run()).to.include({ status: 'completed' });
    const [answer = ''] = await observations();
    const pid = Number(JSON.parse(answer));
    expect(alive(pid)).to.equal(true);
    return pid;
  }

  it('calls every kind of them, and works with what they answer', async () => {
    await llm.script(
      {
        when: { tool_results: 0 },
        tool_calls: [
          { name: 'near__add', arguments: { a: 2, b: 40 } },
          { name: 'far__word_count', arguments: { text: 'one two three' } },
        ],
      },
      {
        when: { tool_results: 2 },
        tool_calls: [
          { name: 'context', arguments: { path: 'steps.facts.output.river' } },
          { name: 'code', arguments: { source: 'return input.map((n) => n * n);', input: [3, 4] } },
          { name: 'near__nothing', arguments: {} },
        ],
      },
      { when: { tool_results: 5 }, content: 'I know enough.' },
      { json: { answer: 'forty-two' }, times: 'always' },
    );
    const { status, step } = await run();
    const seen = [...(await observations())];
    expect(status, JSON.stringify(step)).to.equal('completed');
    expect(JSON.stringify(step)).to.contain('forty-two');
    expect(seen).to.include.members([
      '{"sum":42}',
      '"3"',
      '{"value":"Elbe"}',
      '{"result":[9,16],"printed":[]}',
    ]);
    expect(seen.find((words) => words.includes('tool_unknown'))).to.contain(
      'There is no tool "near__nothing"',
    );
    expect(await far.headers()).to.include({ authorization: 'Bearer far-token' });
  });

  it('is told which tools it may use, and no others', async () => {
    await llm.script({ json: { answer: 'none needed' }, times: 'always' });
    await run();
    const [first] = await llm.requests();
    const names = first?.body.tools?.map((tool) => tool.function.name);
    expect(names).to.have.members([
      ...['near__add', 'near__process_id', 'near__slow'],
      ...['far__word_count', 'context', 'code'],
    ]);
  });

  it('fails its step where a server refuses what it is sent', async () => {
    await llm.script({
      tool_calls: [{ name: 'far__word_count', arguments: { text: 'one' } }],
      times: 'always',
    });
    await far.refuse(401);
    const { status, step } = await run();
    await far.refuse();
    expect(status).to.equal('failed');
    expect(step).to.include({ code: 'mcp_unavailable', step_id: 'ask', fault: 'platform', retryable: false });
  });

  it('leaves no server behind when its worker stops', async () => {
    const pid = await processOfServer();
    worker.kill('SIGTERM');
    expect(await worker.exited).to.equal(0);
    expect(alive(pid)).to.equal(false);
    worker = await startWorker();
  });

  it('leaves no server behind when its worker is killed', async () => {
    const pid = await processOfServer();
    worker.kill('SIGKILL');
    await worker.exited;
    await eventually(() => expect(alive(pid)).to.equal(false));
    worker = await startWorker();
  });
});
