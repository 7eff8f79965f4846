import { expect } from 'chai';
import { describe as describeEvent } from '../examples.js';
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

describe('an event for human eyes', () => {
  it('tells of steps and the end', () => {
    const step = { step_id: 'a', step_name: 'Plan' };

    expect(describeEvent({ type: 'step_completed', data: { ...step, duration_ms: 12.4 } })).to.equal(
      '+ Plan (12 ms)',
    );
    expect(describeEvent({ type: 'step_failed', data: { ...step, error: { message: 'no' } } })).to.equal(
      '! Plan failed: no',
    );
    expect(describeEvent({ type: 'timed_out', data: {} })).to.equal('= timed out: see the execution');
    expect(describeEvent({ type: 'token', data: {} })).to.equal(undefined);
  });
});
