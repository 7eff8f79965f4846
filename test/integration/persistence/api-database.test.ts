import { createApiDatabase, createPool, type ApiDatabase } from '@millrace/persistence';
import { expect } from 'chai';
import { eventually } from '../../support/poll.js';
import { createCaller, createWorkflow, definitionOf, hash, setup, unique, type Bundle } from './support.js';

describe('the API database', () => {
  let bundle: Bundle;

  before(async () => {
    bundle = await setup();
  });
  after(() => bundle.end());

  function create(databaseUrl: string, poolSize = 1): ApiDatabase {
    return createApiDatabase({ databaseUrl, poolSize, applicationName: 'test-lifecycle' });
  }

  it('tolerates being started and stopped twice, stopped before it started, and started again', async () => {
    const api = create(bundle.url);
    await api.stop();
    await api.start();
    await api.start();
    await api.stop();
    await api.stop();
    await api.start();
    const count = await api.asPlatform(({ workers }) => workers.count()).finally(() => api.stop());
    expect(count).to.have.property('live', 0);
  });

  it('says that the server cannot be reached, each time it is asked to start', async () => {
    const address = new URL(bundle.url);
    // Port 1 is reserved and closed everywhere.
    address.port = '1';
    const api = create(address.href);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const error: unknown = await api.start().catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(Error).with.property('code', 'ECONNREFUSED');
    }
    await api.stop();
  });

  it('does not start where the address would put another role in the place of its own', async () => {
    const address = new URL(bundle.url);
    address.searchParams.set('options', '-c statement_timeout=0');
    const api = create(address.href);
    const error: unknown = await api.start().catch((reason: unknown) => reason);
    await api.stop();
    expect(error).to.be.instanceOf(Error).with.property('message').that.includes('"options"');
  });

  it('is as strict about the address of a pool, whose role it would replace as silently', () => {
    const address = new URL(bundle.url);
    address.searchParams.set('options', '-c statement_timeout=0');
    const make = (): unknown =>
      createPool({ databaseUrl: address.href, role: 'millrace_engine', max: 1, applicationName: 'test' });
    expect(make).to.throw('"options"');
  });

  it('goes on after a statement failed inside a transaction', async () => {
    const ada = await createCaller(bundle);
    const api = create(bundle.url);
    await api.start();
    try {
      const broken = api.asCaller(ada, ({ workflows }) =>
        workflows.create({ id: 'a/b', definition: definitionOf(), fingerprint: hash('graph') }),
      );
      expect(await broken.catch((reason: unknown) => reason)).to.be.instanceOf(Error);
      const list = await api.asCaller(ada, ({ workflows }) => workflows.list({ limit: 1 }));
      expect(list.items).to.deep.equal([]);
    } finally {
      await api.stop();
    }
  });

  it('goes on after the server ended a connection in the middle of a transaction', async () => {
    const ada = await createCaller(bundle);
    const id = unique('lost');
    const api = create(bundle.url);
    await api.start();
    try {
      const broken = api.asCaller(ada, async ({ workflows }) => {
        await workflows.create({ id, definition: definitionOf(), fingerprint: hash('graph') });
        await bundle.owner.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND application_name = 'test-lifecycle'`,
        );
        return workflows.get(id);
      });
      expect(await broken.catch((reason: unknown) => reason)).to.be.instanceOf(Error);
      expect(await api.asCaller(ada, ({ workflows }) => workflows.get(id))).to.equal(undefined);
    } finally {
      await api.stop();
    }
  });

  it('survives connections that break while nobody uses them, and tells of it', async () => {
    const errors: Error[] = [];
    const api = createApiDatabase({
      databaseUrl: bundle.url,
      applicationName: 'test-idle',
      onIdleError: (error) => errors.push(error),
    });
    await api.start();
    try {
      await bundle.owner.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'test-idle'`,
      );
      await eventually(() => {
        expect(errors).to.have.length.greaterThan(0);
      });
      const count = await eventually(() => api.asPlatform(({ workers }) => workers.count()));
      expect(count).to.have.property('live', 0);
    } finally {
      await api.stop();
    }
    expect(errors[0]).to.be.instanceOf(Error);
  });

  it('serves more callers at once than it has connections', async () => {
    const ada = await createCaller(bundle);
    const id = await createWorkflow(bundle, ada);
    const found = await Promise.all(
      Array.from({ length: 40 }, () => bundle.api.asCaller(ada, ({ workflows }) => workflows.get(id))),
    );
    expect(found.map((workflow) => workflow?.id)).to.deep.equal(found.map(() => id));
  });
});
