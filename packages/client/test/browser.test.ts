import { expect } from 'chai';
import { WebSocket } from 'ws';
import { ApiProblem } from '../src/index.js';
import { openSocket } from '../src/socket/browser.js';
import { connected, event, events, EXECUTION, send } from './support/frames.js';
import { sendJson, sendProblem } from './support/server.js';
import { collect, rejection, setup, type Bundle } from './support/setup.js';

/** The `ws` package has the browser's interface; it stands in for the global that Node 20 lacks. */
describe('the browser’s socket', () => {
  let bundle: Bundle;
  const original = Reflect.get(globalThis, 'WebSocket') as unknown;
  before(() => Reflect.set(globalThis, 'WebSocket', WebSocket));
  after(() => Reflect.set(globalThis, 'WebSocket', original));
  beforeEach(async () => {
    bundle = await setup();
  });
  afterEach(() => bundle.server.stop());

  it('carries the token as a subprotocol', async () => {
    const { server, client } = bundle;
    server.onSocket = (socket) => send(socket, connected(), ...events(1, 3, true));

    expect(await collect(client({ openSocket }).follow(EXECUTION))).to.have.length(3);
    expect(server.upgrades[0]?.headers['sec-websocket-protocol']).to.equal('bearer,secret-token');
    expect(server.upgrades[0]?.headers.authorization).to.equal(undefined);
  });

  it('asks over HTTP why it was refused, which a browser does not tell, and throws that', async () => {
    const { server, client } = bundle;
    server.refuse = () => 403;
    server.onRequest = (_request, response) =>
      sendProblem(response, 403, 'forbidden', 'Access denied to this execution');

    const error = await rejection(collect(client({ openSocket }).follow(EXECUTION)));

    expect(error).to.be.instanceOf(ApiProblem);
    expect(error).to.include({ detail: 'Access denied to this execution' });
    expect(server.requests[0]?.path).to.equal(`/api/v1/executions/${EXECUTION}`);
  });

  it('comes back when it was not refused at all', async () => {
    const { server, client } = bundle;
    server.refuse = (nth) => (nth === 1 ? 503 : undefined);
    server.onRequest = (_request, response) => sendJson(response, 200, { status: 'running' });
    server.onSocket = (socket) => send(socket, connected(), event(1, 'completed'));

    expect(await collect(client({ openSocket }).follow(EXECUTION))).to.have.length(1);
  });

  it('gives up a silent server without waiting for its goodbye', async () => {
    const { server, client } = bundle;
    server.onSocket = (socket, _request, nth) => {
      if (nth === 1) send(socket, connected(), event(1));
      else send(socket, connected(), event(2, 'completed'));
    };
    const stream = { minDelayMs: 1, maxDelayMs: 2, heartbeatMs: 20 };

    expect(await collect(client({ openSocket, stream }).follow(EXECUTION))).to.have.length(2);
  });
});
