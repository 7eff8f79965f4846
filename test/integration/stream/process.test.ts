import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { eventually } from '../../support/poll.js';
import { createScratchDatabase } from '../../support/postgres.js';
import { send } from '../../support/http.js';

const MAIN = fileURLToPath(new URL('../../../services/stream/src/main.ts', import.meta.url));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

describe('stream process', function () {
  this.timeout(60_000);

  it('serves health, metrics and words about itself, and ends on SIGTERM', async () => {
    const database = await createScratchDatabase();
    const port = await freePort();
    const child = spawn(process.execPath, ['--conditions=source', '--import=tsx', MAIN], {
      env: {
        ...process.env,
        ...{ DATABASE_URL: database.url, PORT: String(port), REDIS_URL: '' },
        JWT_SECRET: 'a secret of the test that is long enough',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const url = `http://127.0.0.1:${port}`;
    try {
      const health = await eventually(() => send(url, 'GET', '/health'), { timeoutMs: 30_000 });
      const metrics = await send(url, 'GET', '/metrics');
      const stream = await send(url, 'GET', '/api/v1/ws/executions/wf_any');
      const elsewhere = await send(url, 'GET', '/elsewhere');

      expect(health.status).to.equal(200);
      expect(health.body.at('components', 'database', 'status')).to.equal('ok');
      expect(metrics.text).to.include('millrace_stream_connections');
      expect([stream.status, elsewhere.status]).to.deep.equal([426, 404]);
      expect(stream.headers.get('content-type')).to.equal('application/problem+json');
    } finally {
      child.kill('SIGTERM');
    }
    expect(await exited).to.equal(0);
    await database.drop();
  });
});
