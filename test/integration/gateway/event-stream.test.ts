import { expect } from 'chai';
import { eventually } from '../../support/poll.js';
import { type GatewayUnderTest, startGateway } from '../../support/platform.js';

interface OpenStream {
  status: number;
  headers: Headers;
  /** Everything received so far. */
  text(): string;
  events(): { id: string | undefined; event: string | undefined; data: unknown }[];
  /** Resolves when the server ends it. */
  ended: Promise<void>;
  close(): void;
}

describe('server-sent events', () => {
  let gateway: GatewayUnderTest;
  let workflow = '';
  before(async () => {
    gateway = await startGateway();
    workflow = await gateway.createWorkflow();
  });
  after(() => gateway.stop());

  async function follow(path: string, headers: Record<string, string> = {}): Promise<OpenStream> {
    const controller = new AbortController();
    const response = await fetch(new URL(`/api/v1${path}`, gateway.url), {
      headers: { authorization: `Bearer ${gateway.admin.token}`, accept: 'text/event-stream', ...headers },
      signal: controller.signal,
    });
    let received = '';
    const read = async (): Promise<void> => {
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
        received += next.value;
      }
    };
    const ended = read().catch(() => undefined);
    return {
      ...{ status: response.status, headers: response.headers, ended },
      text: () => received,
      events: () =>
        received
          .split('\n\n')
          .filter((block) => block.includes('\ndata:'))
          .map(parseBlock),
      close: () => {
        controller.abort();
      },
    };
  }

  const cancel = (id: string) =>
    gateway.request('POST', `/executions/${id}/cancel`, { token: gateway.admin.token });

  it('send what was and what comes, and end with the execution', async () => {
    const id = await gateway.execute(workflow);
    const stream = await follow(`/executions/${id}/events`);
    await eventually(() => {
      expect(stream.events()).to.have.length(1);
    });

    await cancel(id);
    await stream.ended;

    expect(stream.headers.get('content-type')).to.match(/^text\/event-stream/);
    expect(stream.events().map(({ id: seq, event }) => [seq, event])).to.deep.equal([
      ['1', 'queued'],
      ['2', 'cancelled'],
    ]);
    expect(stream.events()[1]?.data).to.deep.include({ type: 'cancelled', execution_id: id, seq: 2 });
  });

  it('resume after the last one received, and answer 204 after the end', async () => {
    const id = await gateway.execute(workflow);
    await cancel(id);

    const resumed = await follow(`/executions/${id}/events`, { 'last-event-id': '1' });
    const after = await follow(`/executions/${id}/events?after_seq=2`);
    const beyond = await follow(`/executions/${id}/events`, { 'last-event-id': '2' });
    await resumed.ended;

    expect(resumed.events().map((event) => event.id)).to.deep.equal(['2']);
    expect([after.status, beyond.status]).to.deep.equal([204, 204]);
  });

  it('refuse a position that is none', async () => {
    const id = await gateway.execute(workflow);

    const { status } = await follow(`/executions/${id}/events`, { 'last-event-id': 'x' });

    expect(status).to.equal(422);
  });

  it('let go when the client leaves', async () => {
    const id = await gateway.execute(workflow);
    const stream = await follow(`/executions/${id}/events`);

    stream.close();
    await stream.ended;

    await eventually(async () => {
      const { text } = await gateway.request('GET', '//metrics', { token: gateway.admin.token });
      // The request that asks is the one in flight.
      expect(text).to.match(/millrace_http_requests_in_flight\{[^}]*\} 1\n/);
    });
  });

  // The last one: a gateway that drains does not come back.
  it('end with a hint to come again when the server drains', async () => {
    const id = await gateway.execute(workflow);
    const stream = await follow(`/executions/${id}/events`);
    await eventually(() => {
      expect(stream.events()).to.have.length(1);
    });

    gateway.gateway.drain();
    await stream.ended;

    expect(stream.text()).to.match(/retry: \d+\n: this server is restarting/);
  });
});

function parseBlock(block: string): { id: string | undefined; event: string | undefined; data: unknown } {
  const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
  return { id: field('id'), event: field('event'), data: JSON.parse(field('data') ?? 'null') };
}
