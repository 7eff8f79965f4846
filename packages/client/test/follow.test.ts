import { CLOSE_CODES } from '@millrace/contracts';
import { expect } from 'chai';
import {
  ApiProblem,
  ProtocolError,
  StreamRefused,
  type ConnectionState,
  type StreamFrame,
} from '../src/index.js';
import { connected, event, events, EXECUTION, OTHER, send, T0, WORKFLOW } from './support/frames.js';
import { sendJson } from './support/server.js';
import { collect, rejection, setup, type Bundle } from './support/setup.js';

const seqs = (frames: StreamFrame[]): number[] => frames.map((frame) => ('seq' in frame ? frame.seq : -1));
const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('follow', () => {
  let bundle: Bundle;
  beforeEach(async () => {
    bundle = await setup();
  });
  afterEach(() => bundle.server.stop());

  it('sends the token, asks for the whole log and ends after the terminal event', async () => {
    const { server, client } = bundle;
    server.onSocket = (socket) => send(socket, connected(), ...events(1, 4, true), event(5));

    const frames = await collect(client({ validate: true }).follow(EXECUTION));

    expect(seqs(frames)).to.deep.equal([1, 2, 3, 4]);
    expect(server.upgrades[0]?.headers.authorization).to.equal('Bearer secret-token');
    expect(server.upgrades[0]?.path).to.equal(`/api/v1/ws/executions/${EXECUTION}`);
    expect(server.upgrades[0]?.query.toString()).to.equal(`execution_id=${EXECUTION}&last_seq=0`);
  });

  it('resumes after the last seq when the socket drops mid-stream, without gap or repeat', async () => {
    const { server, client } = bundle;
    const states: ConnectionState[] = [];
    server.onSocket = (socket, request, nth) => {
      const last = Number(request.query.get('last_seq'));
      send(socket, connected(), ...events(last + 1, last + 3, nth === 4));
      if (nth < 4) setImmediate(() => socket.terminate());
    };

    const frames = await collect(client().follow(EXECUTION, { onConnection: (state) => states.push(state) }));

    const got = seqs(frames);
    expect(got).to.deep.equal(range(1, got.length));
    expect(frames.at(-1)?.type).to.equal('completed');
    expect(server.upgrades).to.have.length(4);
    expect(states.filter((state) => state.status === 'reconnecting')).to.have.length(3);
  });

  it('drops repeated and stale frames', async () => {
    const { server, client } = bundle;
    server.onSocket = (socket) =>
      send(
        socket,
        connected(),
        event(1),
        event(1),
        event(2),
        event(1),
        event(3),
        event(2),
        event(4, 'failed'),
      );

    expect(seqs(await collect(client().follow(EXECUTION)))).to.deep.equal([1, 2, 3, 4]);
  });

  it('fills a gap from the log', async () => {
    const { server, client } = bundle;
    server.onSocket = (socket) => send(socket, connected(), event(1), event(6), event(7, 'completed'));
    server.onRequest = (request, response) =>
      sendJson(response, 200, events(Number(request.query.get('after_seq')) + 1, 5));

    const frames = await collect(client().follow(EXECUTION));

    expect(seqs(frames)).to.deep.equal(range(1, 7));
    expect(server.requests.map((request) => request.query.get('after_seq'))).to.deep.equal(['1']);
  });

  it('reconnects when the log cannot fill the gap yet', async () => {
    const { server, client } = bundle;
    server.onRequest = (_request, response) => sendJson(response, 200, []);
    server.onSocket = (socket, request, nth) => {
      if (nth === 1) send(socket, connected(), event(1), event(3));
      else send(socket, connected(), ...events(Number(request.query.get('last_seq')) + 1, 4, true));
    };

    expect(seqs(await collect(client().follow(EXECUTION)))).to.deep.equal([1, 2, 3, 4]);
    expect(server.upgrades[1]?.query.get('last_seq')).to.equal('1');
  });

  it('reads the missing end from the log when the end frame overtakes it', async () => {
    const { server, client } = bundle;
    const end = {
      type: 'end',
      execution_id: EXECUTION,
      status: 'completed',
      last_seq: 5,
      timestamp: new Date(T0).toISOString(),
    };
    server.onSocket = (socket) => send(socket, connected(), ...events(1, 3), end);
    server.onRequest = (_request, response) => sendJson(response, 200, events(4, 5, true));

    expect(seqs(await collect(client().follow(EXECUTION)))).to.deep.equal(range(1, 5));
  });

  it('ends when everything was seen before and the server closes with 1000', async () => {
    const { server, client } = bundle;
    server.onSocket = (socket) => {
      send(socket, connected());
      socket.close(CLOSE_CODES.normal);
    };
    server.onRequest = (request, response) =>
      sendJson(response, 200, request.path.endsWith('/events') ? [] : { status: 'completed' });

    expect(await collect(client().follow(EXECUTION, { lastSeq: 9 }))).to.deep.equal([]);
  });

  it('comes back when a running execution is closed with 1000', async () => {
    const { server, client } = bundle;
    server.onSocket = (socket, _request, nth) => {
      if (nth === 1) socket.close(CLOSE_CODES.normal);
      else send(socket, connected(), ...events(1, 2, true));
    };
    server.onRequest = (_request, response) => sendJson(response, 200, { status: 'running' });

    expect(seqs(await collect(client().follow(EXECUTION)))).to.deep.equal([1, 2]);
  });

  it('resumes at once after 4008', async () => {
    const { server, client } = bundle;
    const delays: number[] = [];
    server.onSocket = (socket, request, nth) => {
      send(socket, connected(), ...events(Number(request.query.get('last_seq')) + 1, nth * 2, nth === 2));
      if (nth === 1) socket.close(CLOSE_CODES.tooSlow, 'resume');
    };

    const frames = await collect(
      client({ stream: { minDelayMs: 100_000, maxDelayMs: 100_000 } }).follow(EXECUTION, {
        onConnection: (state) => state.status === 'reconnecting' && delays.push(state.inMs),
      }),
    );

    expect(seqs(frames)).to.deep.equal([1, 2, 3, 4]);
    expect(delays).to.deep.equal([0]);
  });

  it('renews the token after 4401 and resumes', async () => {
    const { server, client } = bundle;
    let token = 'old';
    const credentials = {
      current: () => Promise.resolve(token),
      renew: () => Promise.resolve((token = 'new')),
    };
    server.onSocket = (socket, _request, nth) => {
      send(socket, connected(), ...events(nth === 1 ? 1 : 3, nth === 1 ? 2 : 4, nth === 2));
      if (nth === 1) socket.close(CLOSE_CODES.tokenExpired, 'expired');
    };

    expect(seqs(await collect(client({ credentials }).follow(EXECUTION)))).to.deep.equal([1, 2, 3, 4]);
    expect(server.upgrades.map((upgrade) => upgrade.headers.authorization)).to.deep.equal([
      'Bearer old',
      'Bearer new',
    ]);
  });

  it('renews the token when the upgrade is refused with 401, then goes on', async () => {
    const { server, client } = bundle;
    server.refuse = (nth) => (nth === 1 ? 401 : undefined);
    server.onSocket = (socket) => send(socket, connected(), event(1, 'completed'));
    const credentials = { current: () => Promise.resolve('old'), renew: () => Promise.resolve('new') };

    expect(await collect(client({ credentials }).follow(EXECUTION))).to.have.length(1);
  });

  it('throws and tells onUnauthorized when a refused token cannot be renewed', async () => {
    const { server, client } = bundle;
    const told: ApiProblem[] = [];
    server.refuse = () => 401;

    const error = await rejection(
      collect(client({ onUnauthorized: (problem) => told.push(problem) }).follow(EXECUTION)),
    );

    expect(error).to.be.instanceOf(ApiProblem);
    expect(told).to.deep.equal([error]);
    expect(server.upgrades).to.have.length(1);
  });

  it('throws when rights are lost (4403)', async () => {
    const { server, client } = bundle;
    server.onSocket = (socket) => socket.close(CLOSE_CODES.forbidden, 'no longer yours');

    const error = await rejection(collect(client().follow(EXECUTION)));

    expect(error).to.be.instanceOf(StreamRefused);
    expect(error).to.include({ closeCode: 4403, message: 'no longer yours' });
  });

  for (const status of [403, 404]) {
    it(`throws the problem of an upgrade refused with ${status}`, async () => {
      bundle.server.refuse = () => status;

      const error = await rejection(collect(bundle.client().follow(EXECUTION)));

      expect(error).to.be.instanceOf(ApiProblem);
      expect(error).to.include({ status, detail: `refused ${status}` });
    });
  }

  it('keeps trying while the server is away', async () => {
    const { server, client } = bundle;
    server.refuse = (nth) => (nth < 4 ? 503 : undefined);
    server.onSocket = (socket) => send(socket, connected(), event(1, 'completed'));

    expect(await collect(client().follow(EXECUTION))).to.have.length(1);
    expect(server.upgrades).to.have.length(4);
  });

  it('notices a server that fell silent by the missing pong', async () => {
    const { server, client } = bundle;
    const pings: string[] = [];
    server.onSocket = (socket, _request, nth) => {
      socket.on('message', (data) => pings.push(String(data)));
      if (nth === 1) send(socket, connected(), event(1));
      else send(socket, connected(), event(2, 'completed'));
    };

    const frames = await collect(
      client({ stream: { minDelayMs: 1, maxDelayMs: 2, heartbeatMs: 20 } }).follow(EXECUTION),
    );

    expect(seqs(frames)).to.deep.equal([1, 2]);
    expect(pings).to.include('ping');
    expect(server.upgrades).to.have.length(2);
  });

  it('gives up a connection whose frames pile up and reads on from where the consumer is', async () => {
    const { server, client } = bundle;
    const total = 200;
    server.onSocket = (socket, request) =>
      send(socket, connected(), ...events(Number(request.query.get('last_seq')) + 1, total, true));
    const stream = { minDelayMs: 1, maxDelayMs: 2, bufferLimit: 50 };

    const got: number[] = [];
    for await (const frame of client({ stream }).follow(EXECUTION)) {
      got.push('seq' in frame ? frame.seq : -1);
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(got).to.deep.equal(range(1, total));
    expect(server.upgrades.length).to.be.greaterThan(1);
  });

  it('delivers transient frames only when asked and ignores unknown types and garbage', async () => {
    const { server, client } = bundle;
    const progress = { ...event(1), type: 'progress', seq: undefined };
    server.onSocket = (socket) => {
      send(socket, connected(), progress, { type: 'from_the_future' }, event(1), { ...event(2), seq: 'x' });
      socket.send('not json');
      send(socket, event(2, 'completed'));
    };

    const without = await collect(client().follow(EXECUTION));
    const with_ = await collect(client().follow(EXECUTION, { transient: true }));

    expect(without.map((frame) => frame.type)).to.deep.equal(['step_started', 'completed']);
    expect(with_.map((frame) => frame.type)).to.deep.equal(['progress', 'step_started', 'completed']);
  });

  it('throws on a frame against the contract when validating', async () => {
    bundle.server.onSocket = (socket) => send(socket, connected(), { ...event(1), timestamp: 'yesterday' });

    expect(await rejection(collect(bundle.client({ validate: true }).follow(EXECUTION)))).to.be.instanceOf(
      ProtocolError,
    );
  });

  it('gives up on a server that keeps complaining', async () => {
    bundle.server.onSocket = (socket) => send(socket, connected(), { type: 'error', detail: 'what?' });

    expect(await rejection(collect(bundle.client().follow(EXECUTION)))).to.be.instanceOf(StreamRefused);
    expect(bundle.server.upgrades).to.have.length(3);
  });

  it('throws the reason of its signal, also while it waits to reconnect', async () => {
    const { server, client } = bundle;
    const controller = new AbortController();
    server.refuse = () => 503;
    const slow = client({ stream: { minDelayMs: 100_000, maxDelayMs: 100_000 } });

    const error = await rejection(
      collect(
        slow.follow(EXECUTION, {
          signal: controller.signal,
          onConnection: () => setImmediate(() => controller.abort(new Error('enough'))),
        }),
      ),
    );

    expect(error).to.include({ message: 'enough' });
  });

  it('throws the reason of its signal while the stream is silent, and closes the socket', async () => {
    const { server, client } = bundle;
    const controller = new AbortController();
    let closed: Promise<number> = Promise.resolve(0);
    server.onSocket = (socket) => {
      closed = new Promise((resolve) => socket.on('close', resolve));
      send(socket, connected());
    };

    const error = await rejection(
      collect(
        client().follow(EXECUTION, {
          signal: controller.signal,
          onConnection: () => controller.abort(new Error('enough')),
        }),
      ),
    );

    expect(error).to.include({ message: 'enough' });
    expect(await closed).to.equal(1000);
  });

  it('closes the socket when the consumer breaks out', async () => {
    const { server, client } = bundle;
    let closed: Promise<unknown> = Promise.resolve();
    server.onSocket = (socket) => {
      closed = new Promise((resolve) => socket.on('close', resolve));
      send(socket, connected(), ...events(1, 3));
    };

    for await (const frame of client().follow(EXECUTION)) if ('seq' in frame && frame.seq === 2) break;

    await closed;
  });

  it('sends a renewed token over the open socket before the old one expires', async () => {
    const { server, client } = bundle;
    const credentials = {
      current: () => Promise.resolve('old'),
      renew: () => Promise.resolve('new'),
      expiresInMs: () => 1,
    };
    server.onSocket = (socket) => {
      send(socket, connected(), event(1));
      socket.on('message', (data) => {
        if (String(data) === JSON.stringify({ type: 'auth', token: 'new' }))
          send(socket, event(2, 'completed'));
      });
    };

    expect(seqs(await collect(client({ credentials }).follow(EXECUTION)))).to.deep.equal([1, 2]);
  });

  describe('of a workflow', () => {
    it('starts live, and resumes every execution where it was', async () => {
      const { server, client } = bundle;
      const controller = new AbortController();
      const resumes: unknown[] = [];
      server.onSocket = (socket, _request, nth) => {
        if (nth === 1) {
          send(socket, connected(), event(7), event(1, 'queued', OTHER), event(8));
          setImmediate(() => socket.terminate());
          return;
        }
        socket.on('message', (data) => {
          resumes.push(JSON.parse(String(data)));
          send(socket, {
            type: 'snapshot',
            workflow_id: WORKFLOW,
            timestamp: new Date(T0).toISOString(),
            executions: [],
          });
          send(socket, event(8), event(9), event(2, 'started', OTHER));
        });
        send(socket, connected());
      };

      const got: string[] = [];
      const snapshots: unknown[] = [];
      const frames = client().follow(WORKFLOW, {
        signal: controller.signal,
        onSnapshot: (snapshot) => snapshots.push(snapshot),
      });
      for await (const frame of frames) {
        got.push(`${frame.execution_id === OTHER ? 'other' : 'one'}:${'seq' in frame ? frame.seq : ''}`);
        if (got.length === 5) break;
      }

      expect(got).to.deep.equal(['one:7', 'other:1', 'one:8', 'one:9', 'other:2']);
      expect(server.upgrades[0]?.query.size).to.equal(0);
      expect(resumes).to.deep.equal([
        {
          type: 'resume',
          since: new Date(T0 - 2_000).toISOString(),
          executions: { [EXECUTION]: 8, [OTHER]: 1 },
        },
      ]);
      expect(snapshots).to.have.length(1);
    });

    it('leaves out the history before it was asked to follow, which a resume brings along', async () => {
      const { server, client } = bundle;
      server.onSocket = (socket, _request, nth) => {
        send(socket, connected(T0 + 70_000));
        if (nth === 1) setImmediate(() => socket.terminate());
        else send(socket, ...events(1, 3, false, OTHER), ...events(61, 62));
      };
      server.onRequest = (_request, response) => sendJson(response, 200, events(1, 60));

      const got: string[] = [];
      for await (const frame of client().follow(WORKFLOW)) {
        got.push(`${frame.execution_id === OTHER ? 'other' : 'one'}:${'seq' in frame ? frame.seq : ''}`);
        if (got.length === 3) break;
      }

      expect(got).to.deep.equal(['one:60', 'one:61', 'one:62']);
    });

    it('reads from the log what an execution did that began during the outage', async () => {
      const { server, client } = bundle;
      server.onSocket = (socket, _request, nth) => {
        send(socket, connected(T0));
        if (nth === 1) {
          send(socket, event(1));
          setImmediate(() => socket.terminate());
        } else send(socket, event(3, 'step_started', OTHER));
      };
      server.onRequest = (_request, response) => sendJson(response, 200, events(1, 3, false, OTHER));

      const got: number[] = [];
      for await (const frame of client().follow(WORKFLOW)) {
        got.push('seq' in frame ? frame.seq : -1);
        if (got.length === 4) break;
      }

      expect(got).to.deep.equal([1, 1, 2, 3]);
    });
  });
});
