import { expect } from 'chai';
import { serverSentEvents } from '../sse.js';

async function* chunks(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(Buffer.from(part));
}

describe('reading server-sent events', () => {
  it('finds events however they are cut, and passes over heartbeats', async () => {
    const body = chunks(
      ': hi\n\nid: 1\nda',
      'ta: {"type":"queued"}\n',
      '\nevent: x\r\ndata: {"a":\r\ndata: 2}\r\n\r\n',
      'data: {"cut"',
    );

    const events = [];
    for await (const event of serverSentEvents(body)) events.push(event);

    expect(events).to.deep.equal([{ type: 'queued' }, { a: 2 }]);
  });
});
