import { createConnection, type Socket } from 'node:net';
import { toExecutionId } from '@millrace/contracts';
import { DEFAULT_STREAM_SETTINGS } from '@millrace/stream';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { eventually } from '../../support/poll.js';
import { upTo } from './support/client.js';
import { type StreamNode, type StreamPlatform, startPlatform } from './support/nodes.js';

const ONE = { nodes: [{ id: 'a', type: 'set', data: { config: { values: { n: 1 } } } }], edges: [] };

async function metric(node: StreamNode, name: string): Promise<number> {
  const text = await node.stream.metrics.registry.metrics();
  const line = text.split('\n').find((candidate) => candidate.startsWith(name));
  return Number(line?.split(' ').at(-1) ?? Number.NaN);
}

/** A client that takes part in the handshake and then never reads. */
function deafClient(node: StreamNode, id: string, token: string): Promise<Socket> {
  const { hostname, port } = new URL(node.url);
  return new Promise((resolve, reject) => {
    const socket = createConnection(Number(port), hostname, () => {
      socket.write(
        [
          `GET /api/v1/ws/executions/${id} HTTP/1.1`,
          `Host: ${hostname}:${port}`,
          'Connection: Upgrade',
          'Upgrade: websocket',
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
          `Authorization: Bearer ${token}`,
          ...['', ''],
        ].join('\r\n'),
      );
    });
    socket.once('data', () => {
      socket.pause();
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

describe('stream sockets', function () {
  this.timeout(30_000);
  let platform: StreamPlatform;
  let workflowId: string;

  before(async () => {
    platform = await startPlatform();
    workflowId = await platform.engine.createWorkflow(ONE);
  });
  after(() => platform?.stop());

  /** Puts an execution with a log of `count` events of `bytes` each into the database, and tells the bus. */
  async function commitBulk(count: number, bytes: number): Promise<string> {
    const executionId = await platform.engine.submit(workflowId);
    const { pool, messaging } = platform.engine;
    await pool.query(
      `INSERT INTO execution_events (execution_id, seq, type, at, data)
       SELECT $1, seq, 'step_started', now(), json_build_object('step_id', 'a', 'input', repeat('x', $3))
       FROM generate_series(2, $2) AS seq`,
      [executionId, count, bytes],
    );
    await pool.query('UPDATE execution_state SET last_seq = $2 WHERE execution_id = $1', [
      executionId,
      count,
    ]);
    await messaging.events.publishCommitted([
      { workflowId, executionId, fromSeq: 2, toSeq: count, terminal: false },
    ]);
    return executionId;
  }

  async function finish(): Promise<{ executionId: string; id: string; length: number }> {
    const executionId = await platform.engine.submit(workflowId);
    const worker = await platform.engine.startWorker();
    const log = await platform.engine.finished(executionId);
    await worker.stop();
    return { executionId, id: toExecutionId(executionId), length: log.length };
  }

  describe('frames of the client', () => {
    it('answers ping, and what it does not understand with an error, and goes on', async () => {
      const node = await platform.startNode();
      const client = node.connect(workflowId);
      await client.connected();

      client.send('ping');
      client.send('{"type":');
      client.send({ type: 'dance' });
      client.send({ type: 'resume', execution_id: 'exec_nonsense', last_seq: 0 });
      client.send({ type: 'resume', execution_id: 7 });
      client.send({ type: 'resume', since: 'yesterday' });
      client.send('[1]');
      client.socket.send(Buffer.from([1, 2, 3]));
      client.send('ping');

      await eventually(() => expect(client.frames).to.have.lengthOf(10));
      const types = client.frames.map((frame) => frame.at('type'));
      expect(types.slice(0, 2)).to.deep.equal(['connected', 'pong']);
      expect(types.filter((type) => type === 'error')).to.have.lengthOf(7);
      const details = client.frames.flatMap((frame) => frame.at('detail') ?? []);
      expect(details.join('\n')).to.include('exec_nonsense is not on this stream').and.include('last_seq');
      expect(client.socket.readyState).to.equal(WebSocket.OPEN);
    });

    it('complains at a bounded rate', async () => {
      const node = await platform.startNode();
      const client = node.connect(workflowId);
      await client.connected();

      for (let index = 0; index < 100; index += 1) client.send('nonsense');
      client.send('ping');
      await client.frame('pong');

      expect(client.frames.filter((frame) => frame.at('type') === 'error').length).to.be.within(1, 20);
    });

    it('closes on a message that is too large', async () => {
      const node = await platform.startNode();
      const client = node.connect(workflowId);
      await client.connected();

      client.send('x'.repeat(DEFAULT_STREAM_SETTINGS.maxPayloadBytes + 1));

      expect((await client.closed()).code).to.equal(1009);
    });

    it('resumes on request, and says when a place is beyond the log', async () => {
      const node = await platform.startNode();
      const executionId = await commitBulk(5, 10);
      const id = toExecutionId(executionId);
      const client = node.connect(id);
      await client.connected();

      client.send({ type: 'resume', execution_id: id, last_seq: 99 });
      expect((await client.frame('error')).text('detail'))
        .to.include('beyond the log')
        .and.include('ends at 5');
      client.send({ type: 'resume', execution_id: id, last_seq: 2 });

      await eventually(() => expect(client.seqs().get(id)).to.deep.equal([3, 4, 5]));
    });
  });

  describe('finished executions', () => {
    it('says the end at once where it is followed live', async () => {
      const node = await platform.startNode();
      const { id, length } = await finish();

      const client = node.connect(id);
      const { code } = await client.closed();

      expect(client.frames.map((frame) => frame.at('type'))).to.deep.equal(['connected', 'end']);
      expect(client.frames.at(-1)?.value).to.include({
        execution_id: id,
        status: 'completed',
        last_seq: length,
      });
      expect(code).to.equal(1000);
    });

    it('replays what was missed, then says the end', async () => {
      const node = await platform.startNode();
      const { id, length } = await finish();

      const whole = node.connect(id, { query: { last_seq: '0' } });
      const rest = node.connect(id, { query: { last_seq: String(length) } });
      const beyond = node.connect(id, { query: { last_seq: String(length + 1) } });
      const closes = await Promise.all([whole.closed(), rest.closed(), beyond.closed()]);

      expect(whole.seqs().get(id)).to.deep.equal(upTo(length));
      expect(whole.frames.at(-1)?.at('type')).to.equal('end');
      expect(rest.frames.map((frame) => frame.at('type'))).to.deep.equal(['connected', 'end']);
      expect(beyond.frames.map((frame) => frame.at('type'))).to.deep.equal(['connected', 'error', 'end']);
      expect(closes.map(({ code }) => code)).to.deep.equal([1000, 1000, 1000]);
    });

    it('replays one on the stream of its workflow, which goes on', async () => {
      const node = await platform.startNode();
      const { id, length } = await finish();
      const client = node.connect(workflowId, { query: { execution_id: id, last_seq: '1' } });

      await eventually(() => expect(client.seqs().get(id)).to.deep.equal(upTo(length, 2)));
      client.send('ping');

      await client.frame('pong');
    });

    it('answers a resume of a workflow with a snapshot and the logs it does not have', async () => {
      const node = await platform.startNode();
      const { id, length } = await finish();
      const client = node.connect(workflowId);
      await client.connected();

      client.send({ type: 'resume', since: '2001-01-01T00:00:00Z', executions: {} });
      const snapshot = await client.frame('snapshot');

      expect(snapshot.list('executions').map((one) => one.at('execution_id'))).to.include(id);
      await eventually(() => expect(client.seqs().get(id)).to.deep.equal(upTo(length)));
    });
  });

  describe('slow clients', () => {
    const settings = { softLimitBytes: 256 * 1_024, hardLimitBytes: 2 * 1_024 * 1_024, slowGraceMs: 500 };

    it('closes one that does not read with 4008 and the hint to resume', async () => {
      const node = await platform.startNode({ settings });
      const socket = await deafClient(node, workflowId, platform.ownerToken);
      await eventually(() => expect(node.stream.size).to.equal(1));

      const id = toExecutionId(await commitBulk(2_500, 20_000));
      await eventually(async () => {
        expect(await metric(node, 'millrace_stream_slow_clients_total')).to.equal(1);
      });

      let tail = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        tail = Buffer.concat([tail, chunk]).subarray(-100);
      });
      socket.resume();
      await eventually(() => expect(tail.toString('latin1')).to.include('resume from the last seq'));
      const reason = tail.indexOf('Too slow');
      expect(tail.readUInt16BE(reason - 2)).to.equal(4008);
      socket.destroy();
      const again = node.connect(workflowId, { query: { execution_id: id, last_seq: '0' } });
      await eventually(() => expect(again.seqs().get(id)).to.deep.equal(upTo(2_500)));
    });

    it('denies it transient frames first', async () => {
      const node = await platform.startNode({
        settings: { ...settings, hardLimitBytes: 64 * 1_024 * 1_024 },
      });
      const socket = await deafClient(node, workflowId, platform.ownerToken);
      await eventually(() => expect(node.stream.size).to.equal(1));
      const executionId = await commitBulk(400, 40_000);
      const frame = {
        type: 'token' as const,
        execution_id: toExecutionId(executionId),
        workflow_id: workflowId,
        timestamp: new Date().toISOString(),
        data: { text: 'x' },
      };

      await eventually(async () => {
        await platform.engine.messaging.events.publishTransient([frame]);
        expect(await metric(node, 'millrace_stream_frames_denied_total')).to.be.greaterThan(0);
      });
      socket.destroy();
    });

    it('lets the past wait for a reader that is merely slow', async () => {
      const node = await platform.startNode({ settings });
      const executionId = await commitBulk(300, 40_000);
      const id = toExecutionId(executionId);
      const client = node.connect(id, { query: { last_seq: '0' } });
      await client.connected();
      client.socket.pause();
      await eventually(() => expect(client.socket.isPaused).to.equal(true));
      client.socket.resume();

      await eventually(() => expect(client.seqs().get(id)).to.deep.equal(upTo(300)), { timeoutMs: 20_000 });
      expect(client.socket.readyState).to.equal(WebSocket.OPEN);
    });
  });

  describe('rights', () => {
    it('closes with 4401 when the token expires', async () => {
      const node = await platform.startNode();
      const client = node.connect(workflowId, { token: platform.token(platform.engine.owner.id, 1) });
      await client.connected();

      const { code, reason } = await client.closed();

      expect(code).to.equal(4401);
      expect(reason).to.include('resume');
    });

    it('goes on with a new token of the same user only', async () => {
      const node = await platform.startNode();
      const other = await platform.createUser('other');
      const short = platform.token(platform.engine.owner.id, 2);
      const client = node.connect(workflowId, { token: short });
      const control = node.connect(workflowId, { token: short });
      await Promise.all([client.connected(), control.connected()]);

      control.send({ type: 'auth', token: other.token });
      control.send({ type: 'auth', token: 'nonsense' });
      client.send({ type: 'auth', token: platform.token(platform.engine.owner.id) });

      expect((await control.closed()).code).to.equal(4401);
      const details = control.frames.flatMap((frame) => frame.at('detail') ?? []);
      expect(details).to.have.members([
        'auth: The token is of another user',
        'auth: Could not validate credentials',
      ]);
      client.send('ping');
      await client.frame('pong');
      expect(client.frames.map((frame) => frame.at('type'))).to.deep.equal(['connected', 'pong']);
    });

    it('closes with 4403 what may no longer be followed', async () => {
      const node = await platform.startNode({ settings: { recheckMs: 50 } });
      const { pool, owner, createWorkflow, submit } = platform.engine;
      const heir = await platform.createUser('heir');
      const [given, deleted, kept] = [
        await createWorkflow(ONE),
        await createWorkflow(ONE),
        await createWorkflow(ONE),
      ];
      const history = toExecutionId(await submit(deleted));
      const clients = {
        given: node.connect(given),
        deleted: node.connect(deleted),
        history: node.connect(history),
        kept: node.connect(kept),
      };
      await Promise.all(Object.values(clients).map((client) => client.connected()));

      await pool.query('UPDATE workflows SET owner_id = $2 WHERE id = $1', [given, heir.id]);
      await pool.query('UPDATE workflows SET deleted_at = now() WHERE id = $1', [deleted]);

      expect(await clients.given.closed()).to.deep.equal({ code: 4403, reason: 'Access was withdrawn' });
      expect((await clients.deleted.closed()).code).to.equal(4403);
      clients.history.send('ping');
      clients.kept.send('ping');
      await Promise.all([clients.history.frame('pong'), clients.kept.frame('pong')]);
      expect(owner.id).not.to.equal(heir.id);
    });

    it('closes with 4403 when the account loses its scope or is disabled', async () => {
      const { pool } = platform.engine;
      const admin = ['workflow:read' as const, 'platform:admin' as const];
      const [one, two] = [
        await platform.createUser('fallen', admin),
        await platform.createUser('gone', admin),
      ];
      const node = await platform.startNode({ settings: { recheckMs: 50, accountCacheSeconds: 0.1 } });
      const clients = [one, two].map(({ token }) => node.connect(workflowId, { token }));
      await Promise.all(clients.map((client) => client.connected()));

      await pool.query("UPDATE users SET scopes = '{platform:admin}' WHERE id = $1", [one.id]);
      await pool.query('UPDATE users SET disabled = true WHERE id = $1', [two.id]);

      const ends = await Promise.all(clients.map((client) => client.closed()));
      expect(ends).to.deep.equal([
        { code: 4403, reason: "Operation requires 'workflow:read' scope" },
        { code: 4403, reason: 'This account is disabled' },
      ]);
    });
  });

  describe('life and death', () => {
    it('drops who does not answer pings, and keeps who does', async () => {
      const node = await platform.startNode({ settings: { heartbeatMs: 100 } });
      const client = node.connect(workflowId);
      await client.connected();
      let pings = 0;
      client.socket.on('ping', () => (pings += 1));
      await deafClient(node, workflowId, platform.ownerToken);
      await eventually(() => expect(node.stream.size).to.equal(2));

      await eventually(() => expect(node.stream.size).to.equal(1));
      await eventually(() => expect(pings).to.be.greaterThan(3));

      expect(client.socket.readyState).to.equal(WebSocket.OPEN);
    });

    it('stops with 1001 and the hint to come again, and drops who does not listen', async () => {
      const node = await platform.startNode({ settings: { stopMs: 200 } });
      const client = node.connect(workflowId);
      await client.connected();
      const deaf = await deafClient(node, workflowId, platform.ownerToken);
      await eventually(() => expect(node.stream.size).to.equal(2));

      await node.stream.stop();

      const { code, reason } = await client.closed();
      expect(code).to.equal(1001);
      expect(reason).to.include('reconnect and resume');
      expect(node.stream.size).to.equal(0);
      expect((await node.connect(workflowId).refused()).status).to.equal(503);
      deaf.destroy();
    });

    it('tells its metrics', async () => {
      const node = await platform.startNode();
      const client = node.connect(workflowId);
      await client.connected();
      const { id, length } = await finish();
      await eventually(() => expect(client.seqs().get(id)).to.deep.equal(upTo(length)));

      expect(await metric(node, 'millrace_stream_connections')).to.equal(1);
      expect(await metric(node, 'millrace_stream_frames_sent_total{kind="event"')).to.be.at.least(length);
      expect(await metric(node, 'millrace_stream_commit_to_frame_seconds_count')).to.be.at.least(length);
    });
  });
});
