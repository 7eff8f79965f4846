import net from 'node:net';
import { createGateway, createHttpServer, type Gateway } from '@millrace/gateway';
import { migrate } from '@millrace/persistence';
import { explainStartFailure, signAccessToken } from '@millrace/service-kit';
import { expect } from 'chai';
import { pino } from 'pino';
import { send } from '../../support/http.js';
import {
  ADMIN_PASSWORD,
  type GatewayUnderTest,
  ONE_NODE,
  serve,
  startGateway,
  USER_PASSWORD,
} from '../../support/platform.js';
import { eventually } from '../../support/poll.js';
import { createEmptyDatabase, startOwnPostgres } from '../../support/postgres.js';

const SECRET = 'only-for-this-test-3f9a7c1e5b8d2460';
const silent = pino({ level: 'silent' });

describe('a gateway in operation', () => {
  let gateway: GatewayUnderTest;
  before(async () => {
    gateway = await startGateway();
  });
  after(() => gateway.stop());

  it('tells the health of every component, and is only degraded without workers', async () => {
    const { status, body } = await gateway.request('GET', '/health');

    expect(status).to.equal(200);
    expect(body.value).to.include({ status: 'degraded', version: '0.1.0' });
    expect(body.number('uptime_seconds')).to.be.greaterThan(0);
    expect(body.at('components')).to.have.all.keys('api', 'database', 'queue', 'events', 'workers');
    for (const component of ['api', 'database', 'queue', 'events']) {
      expect(body.at('components', component, 'status'), component).to.equal('ok');
    }
    expect(body.at('components', 'workers', 'detail')).to.equal('no worker is running');
    expect((await gateway.request('GET', '//health/live')).status).to.equal(200);
    expect((await gateway.request('GET', '/health/ready')).status).to.equal(200);
  });

  it('measures requests by route, and the queue', async () => {
    await gateway.request('GET', '/workflows/wf_some', { token: gateway.admin.token });
    await gateway.execute(await gateway.createWorkflow());

    const { text, headers } = await gateway.request('GET', '/metrics', { token: gateway.admin.token });
    // The hint goes out after the answer.
    await eventually(async () => {
      const scrape = await gateway.request('GET', '/metrics', { token: gateway.admin.token });
      expect(scrape.text).to.match(/millrace_queue_hints\{[^}]*state="waiting"[^}]*\} [1-9]/);
    });

    expect(headers.get('content-type')).to.match(/^text\/plain/);
    expect(text).to.match(
      /millrace_http_request_duration_seconds_count\{[^}]*route="\/workflows\/\{id\}",status="404"/,
    );
    expect(text).not.to.include('wf_some');
    expect(text).to.match(/millrace_runnable_executions\{[^}]*\} [1-9]/);
    expect((await gateway.request('GET', '/metrics', { token: gateway.user.token })).status).to.equal(403);
  });

  it('lists the agents and the step kinds with their configuration', async () => {
    const { token } = gateway.user;
    const agents = (await gateway.request('GET', '/agents', { token })).body.list();
    const kinds = (await gateway.request('GET', '/step-kinds', { token })).body.list();

    expect(agents.map((agent) => agent.at('agent_type')))
      .to.have.length(7)
      .and.to.include('ci_cd');
    expect(agents[0]?.at('config_schema', 'properties')).to.include.keys(
      'model',
      'temperature',
      'reasoning_pattern',
    );
    expect(kinds.map((kind) => kind.at('kind'))).to.include.members([
      'agent',
      'set',
      'http_request',
      'condition',
    ]);
    expect(kinds.find((kind) => kind.at('kind') === 'condition')?.value).to.deep.include({
      ...{ purity: 'pure', ports: ['true', 'false'] },
    });
  });

  it('lists the tools of agents with the names of configured servers, and nothing of how they are reached', async () => {
    const servers = {
      files: { transport: 'stdio', command: '/opt/files', args: ['--key', 'hidden'], tools: ['read'] },
      docs: {
        transport: 'http',
        url: 'https://hidden.example.com/mcp',
        headers: { Authorization: '${HIDDEN}' },
      },
    };
    const other = await startGateway({ env: { MCP_SERVERS: JSON.stringify(servers) } });
    const { body, text } = await other.request('GET', '/tools', { token: other.user.token });
    await other.stop();

    expect(body.list().map((tool) => tool.at('name'))).to.deep.equal([
      ...['http', 'code', 'context'],
      ...['mcp:files', 'mcp:docs'],
    ]);
    expect(body.list()[3]?.value).to.deep.include({ transport: 'stdio', tools: ['mcp:files/read'] });
    expect(body.list()[4]?.value).to.deep.include({ transport: 'http', tools: null });
    expect(text).not.to.match(/hidden|opt/i);
  });

  it('logs requests without bodies, queries and credentials', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
    const other = createGateway({ env: gateway.env, log });
    await other.start();
    const { url, close } = await serve(other);
    const headers = { authorization: `Bearer ${gateway.admin.token}`, 'content-type': 'application/json' };

    await send(url, 'POST', '/api/v1/auth/login/json?hint=secret-in-query', {
      json: { username: 'admin', password: ADMIN_PASSWORD },
    });
    await send(url, 'GET', '/api/v1/workflows', { headers });
    await close();
    await other.stop();

    const logged = lines.join('');
    expect(logged)
      .to.include('"route":"/workflows"')
      .and.to.include('"username":"admin"')
      .and.to.include('duration_ms');
    for (const secret of [ADMIN_PASSWORD, gateway.admin.token, 'secret-in-query']) {
      expect(logged).not.to.include(secret);
    }
  });

  describe('without its queue', () => {
    let cut: GatewayUnderTest;
    before(async () => {
      cut = await startGateway({ env: { REDIS_URL: `redis://127.0.0.1:${await closedPort()}` } });
    });
    after(() => cut.stop());

    it('accepts executions all the same', async () => {
      const id = await cut.createWorkflow();

      const { status, body } = await cut.request('POST', `/workflows/${id}/execute`, {
        token: cut.admin.token,
        json: {},
      });

      expect(status).to.equal(202);
      const execution = await cut.request('GET', `/executions/${body.text('execution_id')}`, {
        token: cut.admin.token,
      });
      expect(execution.body.at('status')).to.equal('queued');
    });

    it('is degraded and ready', async () => {
      const { status, body } = await cut.request('GET', '/health');

      expect(status).to.equal(200);
      expect(body.value).to.include({ status: 'degraded' });
      expect(body.at('components', 'queue', 'status')).to.equal('down');
      expect(body.at('components', 'events', 'status')).to.equal('down');
      expect((await cut.request('GET', '/health/ready')).status).to.equal(200);
    });
  });

  describe('without Postgres', () => {
    let lost: Gateway;
    let server: { url: string; close: () => Promise<void> };
    before(async () => {
      const databaseUrl = `postgres://nobody@127.0.0.1:${await closedPort()}/none`;
      lost = createGateway({ env: { DATABASE_URL: databaseUrl, JWT_SECRET: SECRET }, log: silent });
      server = await serve(lost);
    });
    after(async () => {
      await server.close();
      await lost.stop();
    });

    it('answers 503 with the time to come again', async () => {
      const token = signAccessToken('01936d5e-8f00-7abc-8def-0123456789ab', SECRET);
      const answers = [
        await send(server.url, 'POST', '/api/v1/workflows/wf_x/execute', { token, json: {} }),
        await send(server.url, 'POST', '/api/v1/auth/login/json', {
          json: { username: 'admin', password: 'x' },
        }),
      ];
      for (const { status, headers, body, text } of answers) {
        expect(status).to.equal(503);
        expect(Number(headers.get('retry-after'))).to.be.greaterThan(0);
        expect(body.at('type')).to.equal('/errors/unavailable');
        expect(text).not.to.match(/ECONNREFUSED|127\.0\.0\.1/);
      }
    });

    it('is alive and not ready', async () => {
      expect((await send(server.url, 'GET', '/health/live')).status).to.equal(200);
      expect((await send(server.url, 'GET', '/health/ready')).status).to.equal(503);
      const { status, body } = await send(server.url, 'GET', '/api/v1/health');
      expect([status, body.at('status')]).to.deep.equal([503, 'down']);
      expect(body.at('components', 'database', 'status')).to.equal('down');
    });

    it('does not start', async () => {
      const env = {
        DATABASE_URL: `postgres://nobody@127.0.0.1:${await closedPort()}/none`,
        JWT_SECRET: SECRET,
      };
      const failure = await createGateway({ env, log: silent })
        .start()
        .catch((error: unknown) => error);

      expect(explainStartFailure(failure, env)).to.match(/^PostgreSQL does not answer at 127\.0\.0\.1/);
    });
  });

  it('answers 503 when Postgres goes away under it', async () => {
    const postgres = await startOwnPostgres();
    await migrate(postgres.url);
    const database = { url: postgres.url, drop: () => Promise.resolve() };
    const other = await startGateway({ database });
    const id = await other.createWorkflow();
    const { token } = other.admin;
    const execution = await other.execute(id);
    await eventually(async () => {
      expect((await other.request('GET', '/metrics', { token })).text).to.match(/state="waiting"[^}]*\} 1/);
    });
    await postgres.stop();

    const answers = await Promise.all([
      other.request('POST', `/workflows/${id}/execute`, { token, json: {} }),
      other.request('GET', '/workflows', { token }),
      other.request('GET', `/executions/${execution}/events`, { token }),
      other.request('PUT', `/workflows/${id}`, { token, json: ONE_NODE }),
      other.request('POST', '/auth/login/json', { json: { username: 'admin', password: ADMIN_PASSWORD } }),
    ]);
    const health = await other.request('GET', '/health');
    await other.stop();

    expect(answers.map(({ status }) => status)).to.deep.equal([503, 503, 503, 503, 503]);
    expect(answers.every(({ headers }) => headers.has('retry-after'))).to.equal(true);
    expect(health.status).to.equal(503);
  }).timeout(60_000);

  it('refuses a database without the schema, in words that say what to do', async () => {
    const database = await createEmptyDatabase();
    const failure = await createGateway({
      env: { DATABASE_URL: database.url, JWT_SECRET: SECRET },
      log: silent,
    })
      .start()
      .catch((error: unknown) => error);
    await database.drop();

    expect(failure).to.be.an('error').with.property('message').that.includes('migrate');
  });

  it('says which port is in use', async () => {
    const taken = await listening();
    const server = createHttpServer({
      ...{ host: '127.0.0.1', port: taken.port, drainMs: 0 },
      listener: gateway.gateway.app,
      onDrain: () => undefined,
    });

    const failure = await server.start().catch((error: unknown) => error);
    await taken.close();

    expect(explainStartFailure(failure)).to.equal(
      `Port ${taken.port} is in use by another program: stop it, or choose another port with PORT.`,
    );
  });

  it('finishes what is under way when it stops, and takes nothing more', async () => {
    const other = await startGateway({ database: gateway.database, env: { ADMIN_PASSWORD, USER_PASSWORD } });
    const id = await other.createWorkflow({ definition: ONE_NODE });
    const under = Array.from({ length: 20 }, () =>
      other.request('POST', `/workflows/${id}/execute`, { token: other.admin.token, json: {} }),
    );
    // One answer shows that the others have been taken in as well: they came on other connections before it.
    await Promise.race(under);

    const [answers] = await Promise.all([Promise.allSettled(under), other.stop()]);
    const statuses = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.status : 'cut'));
    const after = await other.request('GET', '/health/live').catch(() => 'refused');

    expect(statuses.filter((status) => status === 202).length).to.be.greaterThan(0);
    expect(statuses.every((status) => status === 202 || status === 'cut')).to.equal(true);
    expect(after).to.equal('refused');
    const stored = await gateway.request('GET', `/workflows/${id}/executions`, {
      token: gateway.admin.token,
    });
    expect(stored.body.list().length).to.be.at.least(statuses.filter((status) => status === 202).length);
  });

  it('stops without having started, and twice', async () => {
    const other = createGateway({ env: gateway.env, log: silent });

    await other.stop();
    await other.stop();
  });
});

async function listening(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = net.createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** A port where nothing listens. */
async function closedPort(): Promise<number> {
  const { port, close } = await listening();
  await close();
  return port;
}
