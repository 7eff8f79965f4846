/** The one stress test that everything with a Lifecycle has to pass. */
import { expect } from 'chai';

/** The shape of service-kit's Lifecycle, spelled out so that packages below service-kit can be tested too. */
export interface LifecycleUnderTest {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface LifecycleSubject {
  lifecycle: LifecycleUnderTest;
  /** True while anything of it is alive: a listening port, a timer, a connection. */
  isRunning(): boolean;
}

/**
 * Declares the cases inside the caller's `describe`. `create` makes a fresh, not yet started thing for each of them;
 * all it needs must be there already, so that `start` succeeds.
 */
export function passesLifecycleStress(create: () => LifecycleSubject | Promise<LifecycleSubject>): void {
  it('runs between start and stop', async () => {
    const { lifecycle, isRunning } = await create();
    await lifecycle.start();
    const between = isRunning();
    await lifecycle.stop();
    expect([between, isRunning()]).to.deep.equal([true, false]);
  });

  it('stops without ever having started', async () => {
    const { lifecycle, isRunning } = await create();
    await lifecycle.stop();
    expect(isRunning()).to.equal(false);
  });

  it('starts once when asked twice', async () => {
    const { lifecycle, isRunning } = await create();
    await Promise.all([lifecycle.start(), lifecycle.start()]);
    await lifecycle.start();
    await lifecycle.stop();
    expect(isRunning()).to.equal(false);
  });

  it('stops twice, one after the other and at once', async () => {
    const { lifecycle, isRunning } = await create();
    await lifecycle.start();
    await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    await lifecycle.stop();
    expect(isRunning()).to.equal(false);
  });

  it('leaves nothing behind when stopped while starting', async () => {
    const { lifecycle, isRunning } = await create();
    const starting = lifecycle.start();
    const stopping = lifecycle.stop();
    await Promise.allSettled([starting, stopping]);
    await stopping;
    expect(isRunning()).to.equal(false);
  });

  it('does not come back to life after stop', async () => {
    const { lifecycle, isRunning } = await create();
    await lifecycle.start();
    await lifecycle.stop();
    await lifecycle.start().catch(() => undefined);
    await lifecycle.stop();
    expect(isRunning()).to.equal(false);
  });

  it('survives any interleaving of starts and stops', async () => {
    for (const plan of ['s-x-s-x', 'x-s-x-s', 's-s-x-x', 's-x-x-s', 'x-x-s-s', 's-x-s-x-s-x-s-x']) {
      const { lifecycle, isRunning } = await create();
      const calls = plan.split('-').map((step) => (step === 's' ? lifecycle.start() : lifecycle.stop()));
      await Promise.allSettled(calls);
      await lifecycle.stop();
      expect(isRunning(), plan).to.equal(false);
    }
  });
}
