import { type ComponentCheck, createHealth } from '@millrace/service-kit';
import { expect } from 'chai';

const ok: ComponentCheck = { check: () => Promise.resolve({ status: 'ok' }) };
const down: ComponentCheck = { check: () => Promise.resolve({ status: 'down' }) };

describe('createHealth', () => {
  it('is ok when everything is', async () => {
    const health = createHealth({
      version: '1.2.3',
      components: { api: ok, database: { ...ok, required: true } },
    });
    const report = await health.report();
    expect(report).to.deep.include({
      status: 'ok',
      version: '1.2.3',
      components: { api: { status: 'ok' }, database: { status: 'ok' } },
    });
    expect(report.uptime_seconds).to.be.greaterThan(0);
  });

  it('is down without a required component, degraded without another', async () => {
    const without = createHealth({
      version: '1',
      components: { database: { ...down, required: true }, queue: down },
    });
    const limping = createHealth({
      version: '1',
      components: { database: { ...ok, required: true }, queue: down },
    });
    expect((await without.report()).status).to.equal('down');
    expect((await limping.report()).status).to.equal('degraded');
  });

  it('is degraded when a required component is degraded', async () => {
    const check = () => Promise.resolve({ status: 'degraded', detail: 'slow' } as const);
    const health = createHealth({ version: '1', components: { database: { check, required: true } } });
    expect((await health.report()).status).to.equal('degraded');
  });

  it('takes a rejection for down and tells its code but not its words', async () => {
    const check = () =>
      Promise.reject(Object.assign(new Error('connect to secret-host failed'), { code: 'ECONNREFUSED' }));
    const { components } = await createHealth({ version: '1', components: { queue: { check } } }).report();
    expect(components.queue).to.deep.equal({ status: 'down', detail: 'ECONNREFUSED' });
  });

  it('takes silence for down and aborts the check', async () => {
    let aborted = false;
    const check = (signal: AbortSignal) =>
      new Promise<never>(() => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
      });
    const { components } = await createHealth({
      version: '1',
      components: { events: { check, timeoutMs: 5 } },
    }).report();
    expect(components.events).to.deep.equal({ status: 'down', detail: 'no answer within 5 ms' });
    expect(aborted).to.equal(true);
  });

  it('shares one round of checks among many callers, and checks again when it is old', async () => {
    let checks = 0;
    const check = () => {
      checks += 1;
      return Promise.resolve({ status: 'ok' } as const);
    };
    const cached = createHealth({ version: '1', components: { api: { check } }, cacheMs: 60_000 });
    await Promise.all([cached.report(), cached.report()]);
    await cached.report();
    const afterCached = checks;
    const fresh = createHealth({ version: '1', components: { api: { check } }, cacheMs: 0 });
    await fresh.report();
    await fresh.report();
    expect([afterCached, checks]).to.deep.equal([1, 3]);
  });
});
