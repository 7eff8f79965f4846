import { createConnection } from 'node:net';
import { toExecutionId } from '@millrace/contracts';
import { generateApiKey } from '@millrace/service-kit';
import { expect } from 'chai';
import { eventually } from '../../support/poll.js';
import type { ClientOptions, Refusal } from './support/client.js';
import { type StreamNode, type StreamPlatform, startPlatform } from './support/nodes.js';

const ONE = { nodes: [{ id: 'a', type: 'set', data: { config: { values: { n: 1 } } } }], edges: [] };
const FORWARDED = { 'x-forwarded-host': 'console.example.com', origin: 'https://console.example.com' };

/** Sends a request as it is and answers with everything that comes back. */
function raw(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = createConnection(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

describe('stream admission', () => {
  let platform: StreamPlatform;
  let node: StreamNode;
  let workflowId: string;
  let executionId: string;

  before(async () => {
    platform = await startPlatform();
    node = await platform.startNode();
    workflowId = await platform.engine.createWorkflow(ONE);
    executionId = toExecutionId(await platform.engine.submit(workflowId));
  });
  after(() => platform?.stop());

  function refusal(id: string, options?: ClientOptions): Promise<Refusal> {
    return node.connect(id, options).refused();
  }
  async function expectRefusal(
    given: Promise<Refusal>,
    status: number,
    detail: string | RegExp,
  ): Promise<Refusal> {
    const answer = await given;
    expect(answer.status, JSON.stringify(answer.body.value)).to.equal(status);
    expect(answer.headers['content-type']).to.equal('application/problem+json');
    expect(answer.body.number('status')).to.equal(status);
    if (typeof detail === 'string') expect(answer.body.text('detail')).to.equal(detail);
    else expect(answer.body.text('detail')).to.match(detail);
    return answer;
  }

  it('refuses with 401 before the upgrade', async () => {
    const answer = await expectRefusal(refusal(workflowId, { token: null }), 401, 'Not authenticated');
    expect(answer.headers['www-authenticate']).to.equal('Bearer');
    const bad = 'Could not validate credentials';
    await expectRefusal(refusal(workflowId, { token: 'nonsense' }), 401, bad);
    await expectRefusal(
      refusal(workflowId, { token: platform.token(platform.engine.owner.id, -5) }),
      401,
      bad,
    );
    await expectRefusal(refusal(workflowId, { token: null, query: { ticket: 'nonsense' } }), 401, bad);
    await expectRefusal(refusal('unknown', { token: null }), 401, 'Not authenticated');
  });

  it('refuses a token in the address, with words', async () => {
    for (const name of ['token', 'access_token', 'jwt', 'api_key', 'Authorization']) {
      const options = { token: null, query: { [name]: platform.ownerToken } };
      await expectRefusal(refusal(workflowId, options), 401, /does not belong in an address.*tickets/);
    }
  });

  it('refuses without the scope, before it looks for anything', async () => {
    const { token } = await platform.createUser('scopeless', ['workflow:execute']);
    await expectRefusal(refusal(workflowId, { token }), 403, "Operation requires 'workflow:read' scope");
    await expectRefusal(refusal('unknown', { token }), 403, "Operation requires 'workflow:read' scope");
  });

  it('refuses a disabled account', async () => {
    const { id, token } = await platform.createUser('disabled');
    await platform.engine.pool.query('UPDATE users SET disabled = true WHERE id = $1', [id]);
    await expectRefusal(refusal(workflowId, { token }), 403, 'This account is disabled');
  });

  it('tells foreign from unknown', async () => {
    const { token } = await platform.createUser('foreign');
    const nobody = 'exec_01936d5e-8f00-7abc-8def-0123456789ab';
    await expectRefusal(refusal(workflowId, { token }), 403, 'Access denied to this workflow');
    await expectRefusal(refusal(executionId, { token }), 403, 'Access denied to this execution');
    await expectRefusal(refusal('wf_unknown', { token }), 404, 'Workflow wf_unknown not found');
    await expectRefusal(refusal(nobody, { token }), 404, `Execution ${nobody} not found`);
    await expectRefusal(refusal('exec_nonsense'), 404, 'Execution exec_nonsense not found');
    await expectRefusal(refusal('a%00b'), 404, /^Workflow a\0b not found$/);
    await expectRefusal(refusal(`w${'x'.repeat(300)}`), 404, /^Workflow wx{99}… not found$/);
  });

  it('lets admins follow everything', async () => {
    const { token } = await platform.createUser('boss', ['workflow:read', 'platform:admin']);
    expect((await node.connect(workflowId, { token }).connected()).text('workflow_id')).to.equal(workflowId);
    expect((await node.connect(executionId, { token }).connected()).text('execution_id')).to.equal(
      executionId,
    );
  });

  it('greets with connected, by header, subprotocol and API key', async () => {
    const byHeader = await node.connect(`${workflowId}/`).connected();
    expect(byHeader.value).to.include({ type: 'connected', workflow_id: workflowId });
    expect(byHeader.at('execution_id')).to.equal(undefined);

    const protocols = ['bearer', platform.ownerToken];
    const bySubprotocol = node.connect(executionId, { token: null, protocols });
    expect((await bySubprotocol.connected()).value).to.include({ execution_id: executionId });
    expect(bySubprotocol.socket.protocol).to.equal('bearer');

    const key = generateApiKey();
    await platform.engine.pool.query(
      'INSERT INTO api_keys (user_id, name, key_hash, prefix, scopes) VALUES ($1, $2, $3, $4, $5)',
      [platform.engine.owner.id, 'test', key.hash, key.prefix, ['workflow:read']],
    );
    await node.connect(workflowId, { token: key.key }).connected();
  });

  it('redeems a ticket once', async () => {
    const outcome = await platform.authenticator.authenticate(platform.ownerToken);
    if (outcome.kind !== 'authenticated') throw new Error(outcome.kind);
    const { ticket } = await platform.authenticator.issueTicket(outcome.principal);
    const options = { token: null, query: { ticket } };

    await node.connect(workflowId, options).connected();

    await expectRefusal(refusal(workflowId, options), 401, 'Could not validate credentials');
  });

  it('lets pages of its own host and of listed origins connect, and no others', async () => {
    const listed = await platform.startNode({ env: { CORS_ORIGINS: 'https://console.example.com' } });
    const proxied = await platform.startNode({ env: { TRUST_PROXY: 'loopback' } });

    await node.connect(workflowId, { headers: { origin: node.url } }).connected();
    await listed.connect(workflowId, { headers: { origin: 'https://console.example.com' } }).connected();
    await proxied.connect(workflowId, { headers: FORWARDED }).connected();

    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, FORWARDED]) {
      await expectRefusal(refusal(workflowId, { headers }), 403, /CORS_ORIGINS/);
    }
  });

  it('refuses positions that cannot be meant', async () => {
    for (const seq of ['-1', '1.5', 'x', '']) {
      await expectRefusal(refusal(executionId, { query: { last_seq: seq } }), 400, /whole number/);
    }
    await expectRefusal(refusal(workflowId, { query: { last_seq: '1' } }), 400, /needs execution_id/);
    await expectRefusal(refusal(workflowId, { query: { execution_id: executionId } }), 400, /needs last_seq/);
    const unknown = 'exec_01936d5e-8f00-7abc-8def-0123456789ab';
    await expectRefusal(
      refusal(workflowId, { query: { execution_id: unknown, last_seq: '1' } }),
      404,
      `Execution ${unknown} not found`,
    );
  });

  it('refuses whatever is no WebSocket', async () => {
    const path = `/api/v1/ws/executions/${workflowId}`;
    const request = (line: string, ...headers: string[]): Promise<string> =>
      raw(node.url, [`${line} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', ...headers, '', ''].join('\r\n'));
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    const version = 'Sec-WebSocket-Version: 13';
    const websocket = 'Upgrade: websocket';

    expect(await request(`GET ${path}`, 'Upgrade: h2c')).to.match(
      /^HTTP\/1\.1 426 [^]*\r\nUpgrade: websocket/,
    );
    expect(await request(`GET ${path}`, websocket, key, 'Sec-WebSocket-Version: 8')).to.match(
      /^HTTP\/1\.1 426 /,
    );
    expect(await request(`GET ${path}`, websocket, version)).to.match(/^HTTP\/1\.1 400 /);
    expect(await request(`POST ${path}`, websocket, key, version)).to.match(/^HTTP\/1\.1 405 /);
    expect(await request('GET /elsewhere', websocket, key, version)).to.match(/^HTTP\/1\.1 404 /);
    expect(await request('GET /health', 'Upgrade: h2c')).to.match(/^HTTP\/1\.1 400 /);
    expect(await request(`GET ${path}`, websocket, key, version)).to.match(/^HTTP\/1\.1 401 /);
    expect(await request(`GET /api/v1/ws/executions/%E0%A4%A`, websocket, key, version)).to.match(/ 401 /);
  });

  it('refuses a deleted workflow, and lets its executions be followed', async () => {
    const id = await platform.engine.createWorkflow(ONE);
    const running = toExecutionId(await platform.engine.submit(id));
    await platform.engine.pool.query('UPDATE workflows SET deleted_at = now() WHERE id = $1', [id]);

    await expectRefusal(refusal(id), 404, `Workflow ${id} not found`);
    await node.connect(running).connected();
  });

  it('serves so many sockets of a node and of a user, and counts them down again', async () => {
    const small = await platform.startNode({ settings: { maxSockets: 3, maxSocketsPerUser: 2 } });
    const { token } = await platform.createUser('admin2', ['workflow:read', 'platform:admin']);
    const first = small.connect(workflowId);
    await first.connected();
    await small.connect(workflowId).connected();
    const tooMany = await expectRefusal(small.connect(workflowId).refused(), 429, /2 live streams/);
    expect(tooMany.headers['retry-after']).to.equal('5');
    await small.connect(workflowId, { token }).connected();
    await expectRefusal(small.connect(workflowId, { token }).refused(), 503, /as many live streams/);

    first.terminate();

    await eventually(() => expect(small.stream.size).to.equal(2));
    await small.connect(workflowId).connected();
  });
});
