import type { ServerResponse } from 'node:http';
import type { McpServer } from '@millrace/contracts';
import { expect } from 'chai';
import { type McpHttpTestServer, startMcpHttpServer } from '../../../../test/support/servers/mcp.js';
import { type Handler, startServer } from '../support/server.js';
import { failureOf, outputOf, setup, stopAll, stopLater } from './support.js';

const remote = (url: string, more: Partial<Extract<McpServer, { transport: 'http' }>> = {}): McpServer => ({
  ...{ transport: 'http', url, headers: {}, timeout_seconds: 20 },
  ...more,
});

describe('tools of an MCP server over HTTP', () => {
  let server: McpHttpTestServer;
  before(async () => {
    server = await startMcpHttpServer();
  });
  beforeEach(async () => {
    await server.refuse();
    await server.forgetSessions();
  });
  afterEach(stopAll);
  after(() => server.stop());

  it('are listed and called in one session, which ends with the platform', async () => {
    const bench = setup({ far: remote(server.url) });
    const [add, count] = await bench.select('mcp:far/add', 'mcp:far/word_count');
    const sum = await bench.call(add, { a: 1, b: 2 });
    const words = await bench.call(count, { text: 'one two three' });
    const during = await server.sessions();
    await bench.stop();
    expect([outputOf(sum), outputOf(words)]).to.deep.equal([{ sum: 3 }, '3']);
    expect([during, await server.sessions()]).to.deep.equal([1, 0]);
  });

  it('are asked for with the headers of the configuration', async () => {
    const headers = { Authorization: 'Bearer ${TOKEN_OF_TEST}' };
    const bench = setup({ far: remote(server.url, { headers }) }, { env: { TOKEN_OF_TEST: 'abc' } });
    await bench.select('mcp:far/add');
    expect(await server.headers()).to.include({ authorization: 'Bearer abc' });
  });

  it('come back with a new session after the old one was forgotten', async () => {
    const bench = setup({ far: remote(server.url) });
    const [echo] = await bench.select('mcp:far/echo');
    await server.forgetSessions();
    const outcome = await bench.call(echo, { text: 'still here' });
    expect(outputOf(outcome)).to.equal('still here');
  });

  it('answer a failure of theirs as something to observe', async () => {
    const bench = setup({ far: remote(server.url) });
    const [fail] = await bench.select('mcp:far/fail');
    expect(failureOf(await bench.call(fail))).to.include({ code: 'tool_failed', endsStep: false });
  });

  it('fail the step while the server is down, and work again afterwards', async () => {
    const bench = setup({ far: remote(server.url) });
    const [echo] = await bench.select('mcp:far/echo');
    await server.refuse(503);
    const down = failureOf(await bench.call(echo, { text: 'x' }));
    await server.refuse();
    const up = await bench.call(echo, { text: 'x' });
    expect(down).to.include({ code: 'mcp_unavailable', endsStep: true, retryable: true });
    expect(down.message).to.contain('status 503');
    expect(outputOf(up)).to.equal('x');
  });

  it('tell wrong credentials from a server that is down', async () => {
    await server.refuse(401);
    const error = await setup({ far: remote(server.url) }).refusal('mcp:far');
    expect(error).to.include({ code: 'mcp_unavailable', retryable: false, fault: 'platform' });
  });

  it('answer texts beyond the limit not at all', async () => {
    const bench = setup({ far: remote(server.url) });
    const [huge, echo] = await bench.select('mcp:far/huge', 'mcp:far/echo');
    const error = failureOf(await bench.call(huge, { bytes: 3_000_000 }));
    expect(error).to.include({ code: 'mcp_invalid_response', endsStep: false });
    expect(outputOf(await bench.call(echo, { text: 'x' }))).to.equal('x');
  });

  it('are given up after their time, and the session lives on', async () => {
    const bench = setup({ far: remote(server.url, { timeout_seconds: 1 }) });
    const [slow] = await bench.select('mcp:far/slow');
    const late = failureOf(await bench.call(slow, { ms: 60_000 }));
    expect(late).to.include({ code: 'mcp_timeout', endsStep: false });
    expect(await server.sessions()).to.equal(1);
  });

  it('stop when the step is cancelled', async () => {
    const bench = setup({ far: remote(server.url) });
    const [slow] = await bench.select('mcp:far/slow');
    const cancel = new AbortController();
    const call = bench.call(slow, { ms: 60_000 }, cancel.signal);
    setImmediate(() => cancel.abort());
    expect(failureOf(await call)).to.include({ code: 'aborted' });
  });

  it('say that the address is wrong', async () => {
    const error = await setup({ far: remote(`${server.origin}/elsewhere`) }).refusal('mcp:far');
    expect(error).to.include({ code: 'mcp_unavailable', retryable: false });
    expect(error.message).to.contain('status 404');
  });

  it('say that nobody listens', async () => {
    const error = await setup({ far: remote('http://127.0.0.1:9/mcp') }).refusal('mcp:far');
    expect(error).to.include({ code: 'mcp_unavailable', retryable: true });
    expect(error.message).to.contain('"far" cannot be used');
  });
});

interface Message {
  readonly id?: number;
  readonly method?: string;
}
const parse: (text: string) => Message = JSON.parse;

/** Shakes hands and lists one tool, then answers calls as the test says. */
function answering(onCall: (response: ServerResponse, id: number) => void): Handler {
  return (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method } = parse(request.body);
    const result = (value: object): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result: value }));
    };
    if (method === 'initialize') {
      const serverInfo = { name: 'hostile', version: '1' };
      result({ protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo });
    } else if (method === 'tools/list') result({ tools: [{ name: 'any', inputSchema: { type: 'object' } }] });
    else if (method === 'tools/call') onCall(response, id ?? 0);
    else if (id === undefined) response.writeHead(202).end();
    else {
      const error = { code: -32_601, message: 'Method not found' };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, error }));
    }
  };
}

const events = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'content-type': 'text/event-stream' });

describe('an MCP server over HTTP that misbehaves', () => {
  afterEach(stopAll);

  async function callOf(handler: Handler, seconds = 20) {
    const server = await startServer(handler);
    const bench = setup({ bad: remote(`${server.origin}/mcp`, { timeout_seconds: seconds }) });
    stopLater(() => server.close());
    const [tool] = await bench.select('mcp:bad');
    return { server, outcome: await bench.call(tool) };
  }

  it('by a stream without an end is cut off', async () => {
    const { outcome } = await callOf(
      answering((response) => {
        events(response);
        const note = JSON.stringify({
          jsonrpc: '2.0',
          method: 'notifications/message',
          params: { level: 'info', data: 'x' },
        });
        const more = (): void => {
          while (response.write(`data: ${note}\n\n`));
          response.once('drain', more);
        };
        more();
      }),
    );
    const error = failureOf(outcome);
    expect(error).to.include({ code: 'mcp_invalid_response', endsStep: false });
    expect(error.message).to.contain('more than 1048576 bytes');
  });

  it('by a stream that ends without the answer fails the step at once', async () => {
    const { outcome } = await callOf(answering((response) => events(response).end(': nothing\n\n')));
    const error = failureOf(outcome);
    expect(error).to.include({ code: 'mcp_unavailable', endsStep: true });
    expect(error.message).to.contain('before it was complete');
  });

  it('by a connection that breaks fails the step at once', async () => {
    const { outcome } = await callOf(
      answering((response) => events(response).write('data: {"jsonrpc"', () => response.destroy())),
    );
    expect(failureOf(outcome)).to.include({ code: 'mcp_unavailable', endsStep: true });
  });

  it('by breaking off for ever is asked again only so often', async () => {
    const { outcome, server } = await callOf((request, response, raw) => {
      if (request.method === 'GET') events(response).end('retry: 0\nid: 2\ndata:\n\n');
      else answering((answer) => events(answer).end('retry: 0\nid: 1\ndata:\n\n'))(request, response, raw);
    }, 2);
    expect(failureOf(outcome)).to.include({ code: 'mcp_timeout', endsStep: false });
    expect(server.seen.filter(({ method }) => method === 'GET').length).to.be.within(1, 12);
  });

  it('by silence is given up', async () => {
    const { outcome } = await callOf(
      answering(() => undefined),
      1,
    );
    expect(failureOf(outcome)).to.include({ code: 'mcp_timeout', endsStep: false });
  });

  it('by an answer that is no JSON fails the step', async () => {
    const { outcome } = await callOf(
      answering((response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc":'),
      ),
    );
    expect(failureOf(outcome).endsStep).to.equal(true);
  });

  it('by a page instead of an answer is an observation', async () => {
    const { outcome } = await callOf(
      answering((response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hi</h1>')),
    );
    expect(failureOf(outcome)).to.include({ code: 'mcp_invalid_response', endsStep: false });
  });

  it('by a redirect to somewhere else is not followed there', async () => {
    const other = await startServer((_request, response) => void response.end());
    stopLater(() => other.close());
    const server = await startServer((_request, response) => {
      response.writeHead(307, { location: `${other.origin}/steal` }).end();
    });
    stopLater(() => server.close());
    const headers = { Authorization: 'Bearer secret' };
    const error = await setup({ bad: remote(`${server.origin}/mcp`, { headers }) }).refusal('mcp:bad');
    expect(error).to.include({ code: 'mcp_unavailable' });
    expect(other.seen).to.have.length(0);
  });
});
