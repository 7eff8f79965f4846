import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { ApiProblem, type StreamFrame } from '../src/index.js';
import { events, EXECUTION } from './support/frames.js';
import { sendJson, sendProblem, type Recorded } from './support/server.js';
import { collect, rejection, setup, type Bundle } from './support/setup.js';

const seqs = (frames: StreamFrame[]): number[] => frames.map((frame) => ('seq' in frame ? frame.seq : -1));
const isStream = (request: Recorded): boolean => request.headers.accept === 'text/event-stream';

function stream(response: ServerResponse, frames: ReturnType<typeof events>): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(': hello\n\n');
  for (const frame of frames) {
    response.write(`id: ${frame.seq}\nevent: ${frame.type}\ndata: ${JSON.stringify(frame)}\n\n`);
  }
}

describe('followSse', () => {
  let bundle: Bundle;
  beforeEach(async () => {
    bundle = await setup();
  });
  afterEach(() => bundle.server.stop());

  it('resumes with Last-Event-ID when the stream breaks, and ends after the terminal event', async () => {
    const { server, client } = bundle;
    server.onRequest = (request, response) => {
      const last = Number(request.headers['last-event-id']);
      stream(response, events(last + 1, last + 3, server.requests.length === 3));
      if (server.requests.length < 3) setImmediate(() => response.destroy());
    };

    const frames = await collect(client().followSse(EXECUTION, { lastSeq: 2 }));

    const got = seqs(frames);
    expect(got).to.deep.equal(Array.from({ length: got.length }, (_, index) => index + 3));
    expect(frames.at(-1)?.type).to.equal('completed');
    expect(server.requests[0]?.headers['last-event-id']).to.equal('2');
  });

  it('ends on 204, after a look at what may be missing', async () => {
    bundle.server.onRequest = (request, response) => {
      if (isStream(request)) response.writeHead(204).end();
      else if (request.path.endsWith('/events')) {
        sendJson(response, 200, request.query.get('after_seq') === '1' ? events(2, 2, true) : []);
      } else sendJson(response, 200, { status: 'completed' });
    };

    expect(seqs(await collect(bundle.client().followSse(EXECUTION, { lastSeq: 1 })))).to.deep.equal([2]);
  });

  it('comes back when the stream falls silent', async () => {
    const { server, client } = bundle;
    server.onRequest = (_request, response) => {
      stream(response, server.requests.length === 1 ? events(1, 2) : events(3, 4, true));
    };

    const stream_ = { minDelayMs: 1, maxDelayMs: 2, heartbeatMs: 10 };
    expect(seqs(await collect(client({ stream: stream_ }).followSse(EXECUTION)))).to.deep.equal([1, 2, 3, 4]);
  });

  it('renews a refused token', async () => {
    bundle.server.onRequest = (request, response) => {
      if (request.headers.authorization === 'Bearer new') stream(response, events(1, 2, true));
      else sendProblem(response, 401, 'unauthenticated', 'Could not validate credentials');
    };
    const credentials = { current: () => Promise.resolve('old'), renew: () => Promise.resolve('new') };

    expect(await collect(bundle.client({ credentials }).followSse(EXECUTION))).to.have.length(2);
  });

  it('throws what the API says when it may not be seen', async () => {
    bundle.server.onRequest = (_request, response) =>
      sendProblem(response, 403, 'forbidden', 'Access denied to this execution');

    const error = await rejection(collect(bundle.client().followSse(EXECUTION)));

    expect(error).to.be.instanceOf(ApiProblem);
    expect(error).to.include({ status: 403 });
  });

  it('keeps trying while the server answers 503', async () => {
    const { server, client } = bundle;
    server.onRequest = (_request, response) => {
      if (server.requests.length < 3) sendProblem(response, 503, 'unavailable', 'soon');
      else stream(response, events(1, 1, true));
    };

    expect(await collect(client().followSse(EXECUTION))).to.have.length(1);
  });

  it('wakes with the reason of its signal', async () => {
    const controller = new AbortController();
    bundle.server.onRequest = (_request, response) => {
      stream(response, events(1, 1));
    };

    const error = await rejection(
      (async () => {
        const frames = bundle.client().followSse(EXECUTION, { signal: controller.signal });
        for await (const frame of frames)
          if (frame.type === 'step_started') controller.abort(new Error('enough'));
      })(),
    );

    expect(error).to.include({ message: 'enough' });
  });
});
