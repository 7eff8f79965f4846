import { appliedMigrations, createApiDatabase, createPool, migrate } from '@millrace/persistence';
import { expect } from 'chai';
import { startDyingPostgres } from '../../../packages/messaging/test/support/dying-postgres.js';

// An error that nobody listens for ends the process: mocha reports it as the failure of the test that runs.
describe('a Postgres that stops the moment it admitted a connection', () => {
  let server: Awaited<ReturnType<typeof startDyingPostgres>>;

  before(async () => {
    server = await startDyingPostgres();
  });
  after(() => server.close());

  const attempts: Record<string, (databaseUrl: string) => Promise<unknown>> = {
    'the API database': async (databaseUrl) => {
      const api = createApiDatabase({ databaseUrl, applicationName: 'test' });
      await api.start().finally(() => api.stop());
    },
    'an engine pool': async (databaseUrl) => {
      const pool = createPool({ databaseUrl, role: 'millrace_engine', max: 1, applicationName: 'test' });
      await pool.query('SELECT').finally(() => pool.end());
    },
    'a migration': (databaseUrl) => migrate(databaseUrl),
    'the check of the schema': (databaseUrl) => appliedMigrations(databaseUrl),
  };

  for (const [name, attempt] of Object.entries(attempts)) {
    it(`fails ${name} and leaves the process alone`, async () => {
      const error: unknown = await attempt(server.url).catch((reason: unknown) => reason);

      expect(error).to.be.instanceOf(Error);
    });
  }
});
