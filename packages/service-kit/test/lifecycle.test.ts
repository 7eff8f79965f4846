import { composeLifecycles, createLifecycle, type Lifecycle } from '@millrace/service-kit';
import { expect } from 'chai';
import { passesLifecycleStress } from '../../../test/support/lifecycle.js';

/** A thing that notes what happens to it. */
function recorder(name: string, log: string[], failing: 'start' | 'stop' | 'nothing' = 'nothing'): Lifecycle {
  const note = (what: 'start' | 'stop') => async () => {
    await Promise.resolve();
    log.push(`${what} ${name}`);
    if (failing === what) throw new Error(`${name} failed`);
  };
  return createLifecycle({ start: note('start'), stop: note('stop') });
}

async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('It was expected to reject');
    },
    (error: unknown) => error,
  );
}

describe('createLifecycle', () => {
  passesLifecycleStress(() => {
    let running = 0;
    const lifecycle = createLifecycle({
      async start() {
        await Promise.resolve();
        running += 1;
      },
      async stop() {
        await Promise.resolve();
        running -= 1;
      },
    });
    return { lifecycle, isRunning: () => running !== 0 };
  });

  it('does not stop what failed to start', async () => {
    const log: string[] = [];
    const lifecycle = recorder('a', log, 'start');
    await rejectionOf(lifecycle.start());
    await lifecycle.stop();
    expect(log).to.deep.equal(['start a']);
  });

  it('refuses a second life', async () => {
    const lifecycle = createLifecycle({ start: () => undefined, stop: () => undefined });
    await lifecycle.stop();
    expect(await rejectionOf(lifecycle.start())).to.be.instanceOf(Error);
  });
});

describe('composeLifecycles', () => {
  passesLifecycleStress(() => {
    const alive = new Set<string>();
    const part = (name: string): Lifecycle =>
      createLifecycle({ start: () => void alive.add(name), stop: () => void alive.delete(name) });
    return { lifecycle: composeLifecycles(part('a'), part('b')), isRunning: () => alive.size > 0 };
  });

  it('starts in order and stops in reverse', async () => {
    const log: string[] = [];
    const whole = composeLifecycles(recorder('a', log), recorder('b', log));
    await whole.start();
    await whole.stop();
    expect(log).to.deep.equal(['start a', 'start b', 'stop b', 'stop a']);
  });

  it('stops what was started when one fails to start', async () => {
    const log: string[] = [];
    const whole = composeLifecycles(recorder('a', log), recorder('b', log, 'start'), recorder('c', log));
    const error = await rejectionOf(whole.start());
    await whole.stop();
    expect(error).to.have.property('message', 'b failed');
    expect(log).to.deep.equal(['start a', 'start b', 'stop a']);
  });

  it('stops all of them even when one fails to, and says so', async () => {
    const log: string[] = [];
    const whole = composeLifecycles(
      recorder('a', log),
      recorder('b', log, 'stop'),
      recorder('c', log, 'stop'),
    );
    await whole.start();
    const error = await rejectionOf(whole.stop());
    expect(log.slice(3)).to.deep.equal(['stop c', 'stop b', 'stop a']);
    expect(error).to.be.instanceOf(AggregateError).and.have.property('message', 'c failed; b failed');
  });
});
