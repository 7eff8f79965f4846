import { expect } from 'chai';
import { createDispatcher } from '../src/dispatch.js';
import { DEFAULT_SETTINGS } from '../src/settings.js';
import { createFakeQueue, createLog } from './support/fakes.js';

function setup(windowSize = 10) {
  const queue = createFakeQueue();
  const { log, lines } = createLog();
  const settings = { ...DEFAULT_SETTINGS, windowSize };
  return { queue, lines, dispatcher: createDispatcher({ queue, log, settings }) };
}

const hints = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ executionId: String(n), dispatchNo: 1 }));

describe('dispatcher', () => {
  it('has room until its own hints fill the window, without asking each time', async () => {
    const { queue, dispatcher } = setup(10);
    await dispatcher.room();

    expect(dispatcher.hasRoom()).to.equal(true);
    await dispatcher.dispatchNow(hints(10));

    expect(dispatcher.hasRoom()).to.equal(false);
    expect(queue.depthAsked).to.equal(1);
  });

  it('counts what others have put there', async () => {
    const { queue, dispatcher } = setup(10);
    queue.waiting = 8;

    expect(await dispatcher.room()).to.equal(2);
  });

  it('has no room in a queue that does not answer', async () => {
    const { queue, dispatcher } = setup(10);
    queue.isDown = true;

    expect(await dispatcher.room()).to.equal(0);
  });

  it('gives hints without waiting, and tells an outage once', async () => {
    const { queue, lines, dispatcher } = setup();
    queue.isDown = true;
    for (let n = 0; n < 5; n += 1) dispatcher.dispatch(hints(1));
    await dispatcher.idle();
    queue.isDown = false;
    dispatcher.dispatch(hints(2));
    await dispatcher.idle();

    expect(queue.hints).to.have.length(2);
    expect(lines).to.deep.equal([
      'the queue is not reachable: executions stay queued in Postgres until it is back',
      'the queue is reachable again',
    ]);
  });

  it('rejects when asked to give them now', async () => {
    const { queue, dispatcher } = setup();
    queue.isDown = true;

    const outcome = await dispatcher.dispatchNow(hints(1)).catch((error: unknown) => error);

    expect(outcome).to.be.instanceOf(Error);
  });
});
