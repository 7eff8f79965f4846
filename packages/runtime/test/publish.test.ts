import type { CommittedRange } from '@millrace/messaging';
import { expect } from 'chai';
import { createPublisher } from '../src/publish.js';
import { createLog } from './support/fakes.js';

function range(fromSeq: number): CommittedRange {
  return { workflowId: 'wf', executionId: 'e', fromSeq, toSeq: fromSeq, terminal: false };
}

function setup() {
  const sent: number[][] = [];
  const ends: { resolve(): void; reject(error: Error): void }[] = [];
  const { log, lines } = createLog();
  const publisher = createPublisher({
    log,
    events: {
      publishCommitted(ranges: readonly CommittedRange[]) {
        sent.push(ranges.map((one) => one.fromSeq));
        return new Promise<void>((resolve, reject) => ends.push({ resolve, reject }));
      },
    },
  });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { sent, lines, publisher, turn, next: () => ends.shift() };
}

describe('publisher', () => {
  it('sends one message at a time, in order, and together what gathers meanwhile', async () => {
    const { sent, publisher, next, turn } = setup();
    publisher.publish([range(1)]);
    publisher.publish([range(2)]);
    publisher.publish([range(3)]);
    expect(sent).to.deep.equal([[1]]);

    next()?.resolve();
    await turn();
    next()?.resolve();
    await publisher.idle();

    expect(sent).to.deep.equal([[1], [2, 3]]);
  });

  it('tells an outage once, drops what it could not send, and goes on', async () => {
    const { sent, lines, publisher, next, turn } = setup();
    for (const seq of [1, 2]) {
      publisher.publish([range(seq)]);
      next()?.reject(new Error('away'));
      await turn();
    }
    publisher.publish([range(3)]);
    next()?.resolve();
    await publisher.idle();

    expect(sent).to.deep.equal([[1], [2], [3]]);
    expect(lines).to.deep.equal([
      'live events cannot be published: clients catch up from the log',
      'live events are published again',
    ]);
  });

  it('is idle with nothing to send', async () => {
    const { sent, publisher } = setup();

    publisher.publish([]);
    await publisher.idle();

    expect(sent).to.have.length(0);
  });
});
