import { expect } from 'chai';
import { createMessaging, type Log, MessagingUnavailableError } from '../src/index.js';
import { PatientConnection } from '../src/queue/postgres-backend.js';
import { startDyingPostgres } from './support/dying-postgres.js';

const ignore = (): void => undefined;
const silent: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

// An error that nobody listens for ends the process: mocha reports it as the failure of the test that runs.
describe('a Postgres that is stopped', () => {
  let server: Awaited<ReturnType<typeof startDyingPostgres>>;

  afterEach(() => server.close());

  it('the moment it admits a connection refuses a dispatch and leaves the process alone', async () => {
    server = await startDyingPostgres();
    const messaging = createMessaging({
      kind: 'postgres',
      databaseUrl: server.url,
      name: 'test',
      log: silent,
    });

    const error: unknown = await messaging.queue
      .dispatch([{ executionId: 'any', dispatchNo: 1 }])
      .catch((reason: unknown) => reason);

    expect(error).to.be.instanceOf(MessagingUnavailableError);
    await messaging.close();
  });

  it('while a consumer says goodbye leaves the process alone', async () => {
    server = await startDyingPostgres('closing');
    const connection = new PatientConnection({ connectionString: server.url });
    await connection.getListenClient();

    await connection.close();
  });
});
