import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Writable } from 'node:stream';
import type { DefinitionInput } from '@millrace/contracts';
import type { WorkflowMessage } from '@millrace/messaging';
import { createAgentRunner, createGuardedHttp } from '@millrace/outbound';
import { createApiDatabase, createKeyring, type ApiDatabase, type Keyring } from '@millrace/persistence';
import { createCodeRunner } from '@millrace/sandbox';
import { createLogger, type Logger } from '@millrace/service-kit';
import { createSteps } from '@millrace/worker';
import { expect } from 'chai';
import pg from 'pg';
import { type Engine, startEngine } from '../../support/engine.js';
import { eventually } from '../../support/poll.js';
import { createRedisScope } from '../../support/redis.js';
import { at, only, outputOf } from './support/events.js';
import { sendJson, startTarget, type Target } from './support/target.js';

type NodeInput = DefinitionInput['nodes'][number];

const TOKEN = 'tok/en+4f9d8e7c6b5a"ä';
const PASSWORD = 'pass word-0815';

/** Whatever would let somebody read a value out of a text. */
const tracesOf = (value: string): string[] => [
  value,
  JSON.stringify(value).slice(1, -1),
  encodeURIComponent(value),
  Buffer.from(value).toString('base64').replace(/=+$/, ''),
  Buffer.from(value).toString('hex'),
  Buffer.from(`user:${value}`).toString('base64').slice(8, -4),
];

function expectNoTrace(text: string, where: string): void {
  for (const value of [TOKEN, PASSWORD]) {
    for (const trace of tracesOf(value)) {
      const found = text.indexOf(trace);
      if (found !== -1)
        expect.fail(`${where} holds ${trace}: …${text.slice(Math.max(0, found - 200), found + 60)}`);
    }
  }
}

describe('secrets of steps', () => {
  let engine: Engine;
  let target: Target;
  let keyring: Keyring;
  let api: ApiDatabase;
  let logged = '';
  let log: Logger;
  let received: IncomingHttpHeaders[];

  async function start(options: Parameters<typeof startEngine>[0] = {}): Promise<void> {
    keyring = createKeyring({ key: randomBytes(32) });
    engine = await startEngine({ keyring, ...options });
    api = createApiDatabase({ databaseUrl: engine.database.url, applicationName: 'test-api' });
    await api.start();
  }
  beforeEach(async () => {
    logged = '';
    received = [];
    const destination = new Writable({
      write(chunk: Buffer, _encoding, done) {
        logged += chunk.toString();
        done();
      },
    });
    log = createLogger({ service: 'worker', level: 'trace', destination });
    target = await startTarget();
  });
  afterEach(async () => {
    await api.stop();
    await engine.stop();
    await target.stop();
  });

  async function setSecret(
    name: string,
    value: string,
    owner = engine.owner.id,
    ring = keyring,
  ): Promise<void> {
    await api.asCaller({ userId: owner, admin: false }, ({ secrets }) =>
      secrets.put(ring, { ownerId: owner, name, value }),
    );
  }

  const call = (config: Record<string, unknown>, more: { retry?: object } = {}): NodeInput => ({
    ...{ id: 'call', type: 'http_request' },
    data: { config: { url: `${target.url}/echo`, ...config }, ...more },
  });

  /** Answers with all it was sent, as it is and in the encodings that servers like. */
  function echo(status = 200): void {
    target.on('/echo', ({ body, path }, response) => {
      const { headers } = response.req;
      received.push(headers);
      const encoded = [TOKEN, PASSWORD].map((value) => ({
        basic: Buffer.from(`user:${value}`).toString('base64'),
        hex: Buffer.from(value).toString('hex'),
        url: encodeURIComponent(value),
        json: JSON.stringify({ value }),
      }));
      response.setHeader('x-echo', encodeURIComponent(TOKEN));
      sendJson(response, status, { detail: `no entry for ${TOKEN}`, headers, body, path, encoded });
    });
  }

  /** Every row of every table, as text: bytes are hexadecimal there, so they are looked at as what they are, too. */
  async function dump(): Promise<string> {
    const owner = new pg.Client({ connectionString: engine.database.url });
    await owner.connect();
    try {
      const { rows: tables } = await owner.query<{ name: string }>(
        `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
      );
      const texts: string[] = [];
      for (const { name } of tables) {
        const { rows } = await owner.query<{ text: string }>(`SELECT t::text AS text FROM ${name} t`);
        texts.push(...rows.map(({ text }) => text));
      }
      const { rows: blobs } = await owner.query<{ content: Buffer }>('SELECT content FROM blobs');
      return [...texts, ...blobs.map(({ content }) => content.toString('utf8'))].join('\n');
    } finally {
      await owner.end();
    }
  }

  const withSecrets = {
    method: 'POST',
    headers: { authorization: '=secret("ascii")', 'x-joined': '="a-" & $secret("pw")' },
    query: { key: '=secret("token.v1")' },
    body: { deep: [{ password: '{{ secret("pw") }}' }], plain: '=parameters.text' },
  };

  it('reach the server and nothing else', async () => {
    await start();
    echo();
    await setSecret('token.v1', TOKEN);
    await setSecret('pw', PASSWORD);
    await setSecret('ascii', 'ascii-token-1234567890');
    const workflowId = await engine.createWorkflow({
      nodes: [
        call(withSecrets),
        { id: 'after', type: 'set', data: { config: { values: { copy: '=steps.call.output' } } } },
      ],
      edges: [{ source: 'call', target: 'after' }],
    });
    await engine.startWorker({ allow: [target.address], log });

    // Long enough for the outputs to be stored beside the log.
    const executionId = await engine.submit(workflowId, { text: 'x'.repeat(70_000) });
    const events = await engine.finished(executionId);

    const [sent] = target.calls;
    expect(received[0]?.authorization).to.equal('ascii-token-1234567890');
    expect(received[0]?.['x-joined']).to.equal(`a-${PASSWORD}`);
    expect(new URLSearchParams(sent?.path.split('?')[1]).get('key')).to.equal(TOKEN);
    expect(JSON.parse(sent?.body ?? '')).to.deep.include({ deep: [{ password: PASSWORD }] });
    expect(at(only(events, 'completed'), 'steps_completed')).to.equal(2);
    const everything = await dump();
    expectNoTrace(JSON.stringify(events), 'the log of events');
    expectNoTrace(everything, 'the database');
    expectNoTrace(logged, 'the output of the worker');
    expect(everything)
      .to.include('[secret:token.v1]')
      .and.include('[secret:pw]')
      .and.include('[secret:ascii]');
    expect(everything).not.to.include('ascii-token');
  });

  it('are shown by name in what is recorded of the step', async () => {
    await start();
    target.on('/echo', (_call, response) => {
      sendJson(response, 200, { said: response.req.headers['x-token'] });
    });
    await setSecret('token', 'abcdef-1234567890');
    const workflowId = await engine.createWorkflow({
      nodes: [call({ headers: { 'x-token': 'Token {{ secret("token") }}' } })],
    });
    await engine.startWorker({ allow: [target.address] });

    const events = await engine.finished(await engine.submit(workflowId));

    expect(at(only(events, 'step_started'), 'input', 'headers', 'x-token')).to.equal('Token [secret:token]');
    expect(outputOf(events, 'call')).to.deep.include({ body: { said: 'Token [secret:token]' } });
  });

  for (const [what, config] of [
    ['a refusal', {}],
    [
      'a target that is not there',
      { url: 'http://127.0.0.1:1/{{ secret("pw") }}?k={{ secret("token.v1") }}' },
    ],
    ['an address that is none', { url: 'nothing://{{ secret("pw") }}:{{ secret("token.v1") }}' }],
    ['a header that cannot be', { headers: { 'x-a': '{{ secret("token.v1") }}\n{{ secret("pw") }}' } }],
    ['work that JSONata refuses', { body: '=secret("pw") + 1' }],
  ] as const) {
    it(`stay hidden in the error of ${what}`, async () => {
      await start();
      echo(418);
      await setSecret('token.v1', TOKEN);
      await setSecret('pw', PASSWORD);
      const headers = { 'x-joined': '=secret("pw")' };
      const workflowId = await engine.createWorkflow({
        nodes: [call({ ...withSecrets, headers, ...config })],
      });
      await engine.startWorker({ allow: [target.address, '127.0.0.1:1'], log });

      const events = await engine.finished(await engine.submit(workflowId, { text: '' }));

      expect(at(only(events, 'step_failed'), 'error', 'message'))
        .to.be.a('string')
        .and.not.equal('');
      expectNoTrace(JSON.stringify(events), 'the log of events');
      expectNoTrace(await dump(), 'the database');
      expectNoTrace(logged, 'the output of the worker');
    });
  }

  it('stay hidden in log lines, progress, tokens in pieces and what a step throws', async () => {
    const scope = await createRedisScope();
    await start({ redis: scope });
    await setSecret('token', TOKEN);
    const http = createGuardedHttp({ allow: [] });
    const agents = createAgentRunner({});
    const code = createCodeRunner({ processes: 1 });
    const steps = createSteps({ http, agents, code });
    const workflowId = await engine.createWorkflow({ nodes: [call({ body: '=secret("token")' })] });
    const heard: WorkflowMessage[] = [];
    const unsubscribe = await engine.messaging.events.subscribeWorkflow(workflowId, (message) => {
      heard.push(message);
    });
    await engine.startWorker({
      log,
      run: {
        steps: {
          ...steps,
          http_request: {
            does: 'run',
            run({ config, secrets, log: tell, progress, token }) {
              const value = String(secrets.reveal(config)['body']);
              expect(value).to.equal(TOKEN);
              expect(secrets.redact({ value, placeholder: config['body'] ?? null })).to.deep.equal({
                value: '[secret:token]',
                placeholder: '[secret:token]',
              });
              tell('info', `using ${value}`);
              tell('warn', `${'x'.repeat(7_990)}${value}`);
              progress(10, `with ${value}`);
              for (const character of `I say ${value}!`) token(character);
              token(value.slice(0, 9));
              return Promise.reject(new Error(`broke on ${value}`));
            },
          },
        },
      },
    });

    const events = await engine.finished(await engine.submit(workflowId));

    const frames = (): { type: string; data: Record<string, unknown> }[] =>
      heard.flatMap((message) => (message.kind === 'transient' ? [message.frame] : []));
    await eventually(() => {
      expect(frames().filter(({ type }) => type === 'log')).to.have.length(2);
    });
    const said = frames().flatMap(({ type, data }) => (type === 'token' ? [data['text']] : []));
    expect(said.join('')).to.equal('I say [secret:token]![secret:token]');
    expect(frames().find(({ type }) => type === 'progress')?.data['message']).to.equal('with [secret:token]');
    expect(at(only(events, 'step_failed'), 'error', 'message')).to.include('broke on [secret:token]');
    expectNoTrace(JSON.stringify(heard), 'what subscribers heard');
    expectNoTrace(await dump(), 'the database');
    expectNoTrace(logged, 'the output of the worker');
    await unsubscribe();
    await http.close();
    await agents.close();
    await code.stop();
    await scope.cleanup();
  });

  it('that do not exist fail the step with what to do, and work once they are there', async () => {
    await start();
    echo();
    const workflowId = await engine.createWorkflow({ nodes: [call({ body: '=secret("later")' })] });
    await engine.startWorker({ allow: [target.address] });

    const failed = await engine.finished(await engine.submit(workflowId));
    await setSecret('later', 'a value of later');
    const completed = await engine.finished(await engine.submit(workflowId));

    const error = only(failed, 'step_failed');
    expect(at(error, 'error', 'code')).to.equal('secret_missing');
    expect(at(error, 'error', 'message'))
      .to.include('"later"')
      .and.include('PUT /api/v1/secrets/later');
    expect(only(completed, 'completed').type).to.equal('completed');
    expect(target.calls).to.have.length(1);
  });

  it('only have to exist where they are used', async () => {
    await start();
    echo();
    await setSecret('here', 'a value that is here');
    const body = '=parameters.other ? secret("nowhere") : secret("here")';
    const workflowId = await engine.createWorkflow({ nodes: [call({ method: 'POST', body })] });
    await engine.startWorker({ allow: [target.address] });

    await engine.finished(await engine.submit(workflowId, { other: false }));

    expect(target.calls.map((each) => each.body)).to.deep.equal(['a value that is here']);
  });

  it('that change are other ones in the next attempt', async () => {
    await start();
    await setSecret('token', 'the first value');
    const bodies: string[] = [];
    target.on('/echo', async ({ body }, response) => {
      bodies.push(body);
      if (bodies.length === 1) await setSecret('token', 'the second value');
      sendJson(response, bodies.length === 1 ? 503 : 200, { body });
    });
    const retry = { max_attempts: 2, delay_seconds: 0.05 };
    const workflowId = await engine.createWorkflow({
      nodes: [call({ method: 'PUT', body: '=secret("token")' }, { retry })],
    });
    await engine.startWorker({ allow: [target.address] });

    const events = await engine.finished(await engine.submit(workflowId));

    expect(bodies).to.deep.equal(['the first value', 'the second value']);
    expect(outputOf(events, 'call')).to.deep.include({ body: { body: '[secret:token]' } });
  });

  it('belong to the owner of the workflow', async () => {
    await start();
    const other = await engine.createUser('pauline');
    await setSecret('token', 'the value of pauline', other.id);
    const workflowId = await engine.createWorkflow({ nodes: [call({ body: '=secret("token")' })] });
    await engine.startWorker({ allow: [target.address] });

    const events = await engine.finished(await engine.submit(workflowId));

    expect(at(only(events, 'step_failed'), 'error', 'code')).to.equal('secret_missing');
    expect(target.calls).to.deep.equal([]);
  });

  it('cannot be asked for by whoever submits', async () => {
    await start();
    echo();
    await setSecret('token', 'a value nobody may ask for');
    const workflowId = await engine.createWorkflow({
      nodes: [call({ method: 'POST', body: { sent: '=parameters.text', token: '=secret("token")' } })],
    });
    await engine.startWorker({ allow: [target.address] });
    const text = [
      'secret("token")',
      '=secret("token")',
      '{{ secret("token") }}',
      '[secret:token]',
      `secret_${'0'.repeat(32)}_${Buffer.from('token').toString('hex')}_`,
    ];

    for (const each of text) await engine.finished(await engine.submit(workflowId, { text: each }));

    const sent = target.calls.map(({ body }) => JSON.parse(body) as unknown);
    expect(sent).to.deep.equal(text.map((each) => ({ sent: each, token: 'a value nobody may ask for' })));
  });

  describe('that cannot be read', () => {
    async function failureOf(prepare: () => Promise<unknown>): Promise<unknown> {
      await prepare();
      const workflowId = await engine.createWorkflow({ nodes: [call({ body: '=secret("token")' })] });
      await engine.startWorker({ allow: [target.address] });
      const events = await engine.finished(await engine.submit(workflowId));
      const failed = only(events, 'step_failed');
      expect(at(failed, 'error', 'code')).to.equal('secret_unreadable');
      expect(at(failed, 'error', 'fault')).to.equal('platform');
      return at(failed, 'error', 'message');
    }

    it('say which key is missing', async () => {
      await start();
      const other = createKeyring({ key: randomBytes(32) });

      const message = await failureOf(() => setSecret('token', TOKEN, engine.owner.id, other));

      expect(message).to.include('SECRETS_PREVIOUS_KEYS');
    });

    it('say that there is no key at all', async () => {
      await start();
      const withKey = keyring;
      await api.stop();
      await engine.stop();
      engine = await startEngine();
      api = createApiDatabase({ databaseUrl: engine.database.url, applicationName: 'test-api' });
      await api.start();

      const message = await failureOf(() => setSecret('token', TOKEN, engine.owner.id, withKey));

      expect(message).to.include('no SECRETS_KEY');
    });

    it('do not open in a row they were copied to', async () => {
      await start();

      const message = await failureOf(async () => {
        await setSecret('token', TOKEN);
        await setSecret('admin-token', 'the value of something better');
        await engine.pool.query(
          `UPDATE secrets t SET key_id = f.key_id, nonce = f.nonce, ciphertext = f.ciphertext, tag = f.tag
           FROM secrets f WHERE t.name = 'token' AND f.name = 'admin-token'`,
        );
      });

      expect(message).to.include('damaged or belongs to another row');
    });
  });

  it('come under the current key by a sweep, and keep their version', async () => {
    const oldKey = randomBytes(32);
    const newKey = randomBytes(32);
    await start({ keyring: createKeyring({ key: newKey, previousKeys: [oldKey] }) });
    const old = createKeyring({ key: oldKey });
    for (let n = 0; n < 130; n += 1) await setSecret(`s${n}`, `value ${n}`, engine.owner.id, old);
    const lost = createKeyring({ key: randomBytes(32) });
    await setSecret('lost', 'nobody can read this', engine.owner.id, lost);
    const { sweeps } = engine.runtime;

    const done = [
      await sweeps.reencryptSecrets(),
      await sweeps.reencryptSecrets(),
      await sweeps.reencryptSecrets(),
    ];

    expect(done.reduce((sum, each) => sum + each)).to.equal(130);
    const { rows } = await engine.pool.query<{ key_id: string; n: number; version: number }>(
      'SELECT key_id, count(*)::int AS n, max(version) AS version FROM secrets GROUP BY key_id ORDER BY n DESC',
    );
    const current = createKeyring({ key: newKey });
    expect(rows).to.deep.equal([
      { key_id: current.currentKeyId, n: 130, version: 1 },
      { key_id: lost.currentKeyId, n: 1, version: 1 },
    ]);
    await engine.startScheduler();
    const workflowId = await engine.createWorkflow({
      nodes: [call({ method: 'POST', body: '=secret("s77")' })],
    });
    await engine.startWorker({ allow: [target.address] });
    await engine.finished(await engine.submit(workflowId));
    expect(target.calls.map(({ body }) => body)).to.deep.equal(['value 77']);
  });

  it('note when they were used', async () => {
    await start();
    await setSecret('token', TOKEN);
    await setSecret('unused', TOKEN);
    const workflowId = await engine.createWorkflow({ nodes: [call({ body: '=secret("token")' })] });
    await engine.startWorker({ allow: [target.address] });

    await engine.finished(await engine.submit(workflowId));

    const { rows } = await engine.pool.query(
      'SELECT name, last_used_at IS NOT NULL AS used FROM secrets ORDER BY name',
    );
    expect(rows).to.deep.equal([
      { name: 'token', used: true },
      { name: 'unused', used: false },
    ]);
  });
});
