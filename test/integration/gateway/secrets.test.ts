import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { createClient } from '@millrace/client';
import { secretDetails, secretResource } from '@millrace/contracts';
import { createGateway } from '@millrace/gateway';
import { createLogger } from '@millrace/service-kit';
import { expect } from 'chai';
import pg from 'pg';
import type { Answer, RequestOptions } from '../../support/http.js';
import { type Account, type GatewayUnderTest, serve, startGateway } from '../../support/platform.js';

const VALUE = 'sk-live-4f9d8e7c6b5a';

describe('secrets over the API', () => {
  let gateway: GatewayUnderTest;
  let author: Account;
  let reader: Account;
  before(async () => {
    gateway = await startGateway();
    author = await gateway.createUser({ scopes: ['workflow:read', 'workflow:write'] });
    reader = await gateway.createUser({ scopes: ['workflow:read'] });
  });
  after(() => gateway.stop());

  const ask = (who: Account, method: string, path: string, json?: RequestOptions['json']): Promise<Answer> =>
    gateway.request(method, path, { token: who.token, ...(json !== undefined && { json }) });
  const put = (who: Account, name: string, value = VALUE, query = ''): Promise<Answer> =>
    ask(who, 'PUT', `/secrets/${name}${query}`, { value });
  const namesOf = async (who: Account, query = ''): Promise<unknown[]> =>
    (await ask(who, 'GET', `/secrets${query}`)).body.list().map((secret) => secret.at('name'));

  it('are created, replaced, listed, read and deleted, and no answer holds a value', async () => {
    const created = await ask(author, 'PUT', '/secrets/billing', { value: VALUE, description: 'Billing' });
    const replaced = await put(author, 'billing', `${VALUE}-2`);
    const read = await ask(author, 'GET', '/secrets/billing');
    const listed = await ask(author, 'GET', '/secrets');
    const deleted = await ask(author, 'DELETE', '/secrets/billing');

    expect([created, replaced, read, listed, deleted].map(({ status }) => status)).to.deep.equal([
      201, 200, 200, 200, 204,
    ]);
    expect(secretResource.parse(JSON.parse(created.text))).to.include({
      ...{ name: 'billing', description: 'Billing', version: 1, last_used_at: null },
      ...{ owner: author.username, created_by: author.username, updated_by: author.username },
    });
    expect(secretDetails.parse(JSON.parse(read.text))).to.deep.include({
      ...{ version: 2, description: 'Billing', workflows: [] },
    });
    for (const { text } of [created, replaced, read, listed]) expect(text).not.to.include('sk-live');
    expect((await ask(author, 'GET', '/secrets/billing')).status).to.equal(404);
    expect((await ask(author, 'DELETE', '/secrets/billing')).status).to.equal(404);
  });

  it('are stored as ciphertext that the API cannot read', async () => {
    await put(author, 'stored');
    const owner = new pg.Client({ connectionString: gateway.database.url });
    await owner.connect();
    try {
      const { rows } = await owner.query<{ ciphertext: Buffer; text: string }>(
        `SELECT ciphertext, s::text AS text FROM secrets s WHERE name = 'stored'`,
      );
      expect(rows[0]?.ciphertext).to.have.length(VALUE.length);
      expect(rows[0]?.text).not.to.include(Buffer.from(VALUE).toString('hex'));
      await owner.query('SET ROLE millrace_api');
      const failure: unknown = await owner.query('SELECT ciphertext FROM secrets').catch((e: unknown) => e);
      expect(failure).to.have.property('code', '42501');
    } finally {
      await owner.end();
    }
  });

  it('belong to their owner: others have their own under the same name, and see no other', async () => {
    const other = await gateway.createUser({ scopes: ['workflow:read', 'workflow:write'] });
    await put(author, 'shared-name');

    expect((await ask(other, 'GET', '/secrets/shared-name')).status).to.equal(404);
    expect((await ask(other, 'DELETE', '/secrets/shared-name')).status).to.equal(404);
    expect(await namesOf(other)).to.deep.equal([]);
    expect((await put(other, 'shared-name', 'another value')).status).to.equal(201);
    expect((await ask(author, 'GET', '/secrets/shared-name')).body.at('version')).to.equal(1);
  });

  it('of somebody else are for admins alone', async () => {
    const { admin } = gateway;
    const query = `?owner=${author.username}`;

    for (const [method, path, json] of [
      ['GET', `/secrets?owner=admin`, undefined],
      ['GET', `/secrets/x?owner=admin`, undefined],
      ['PUT', `/secrets/x?owner=admin`, { value: VALUE }],
      ['DELETE', `/secrets/x?owner=admin`, undefined],
    ] as const) {
      const refused = await ask(author, method, path, json);
      expect([refused.status, refused.body.at('detail')]).to.deep.equal([
        403,
        "Only an admin can work with someone else's secrets",
      ]);
    }
    expect((await put(admin, 'by-admin', VALUE, query)).status).to.equal(201);
    expect((await ask(author, 'GET', `/secrets/by-admin${query}`)).body.at('created_by')).to.equal('admin');
    expect(await namesOf(admin, query)).to.include('by-admin');
    expect(await namesOf(admin)).not.to.include('by-admin');
    expect((await put(admin, 'x', VALUE, '?owner=nobody-here')).status).to.equal(404);
    expect((await ask(admin, 'DELETE', `/secrets/by-admin${query}`)).status).to.equal(204);
  });

  it('are read with workflow:read and written with workflow:write', async () => {
    expect((await ask(reader, 'GET', '/secrets')).status).to.equal(200);
    expect((await put(reader, 'x')).body.at('detail')).to.equal("Operation requires 'workflow:write' scope");
    expect((await ask(reader, 'DELETE', '/secrets/x')).status).to.equal(403);
    expect((await gateway.request('GET', '/secrets')).status).to.equal(401);
  });

  it('come in pages, by name', async () => {
    const owner = await gateway.createUser({ scopes: ['workflow:read', 'workflow:write'] });
    for (const name of ['c', 'B', 'a', 'a.b', 'a-b', 'A']) await put(owner, name);

    const first = await ask(owner, 'GET', '/secrets?limit=4');
    const next = /<\/api\/v1([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await ask(owner, 'GET', next);

    const names = [...first.body.list(), ...second.body.list()].map((secret) => secret.at('name'));
    expect(names).to.deep.equal(['A', 'B', 'a', 'a-b', 'a.b', 'c']);
    expect(second.headers.get('link')).to.equal(null);
  });

  for (const [what, value] of [
    ['shorter than four characters', 'abc'],
    ['blank', '        '],
    ['larger than 64 KiB', 'x'.repeat(65_537)],
    ['larger than 64 KiB as UTF-8', 'ä'.repeat(40_000)],
    ['no text', 'abcd\ud800'],
    ['a number', 12_345],
  ] as const) {
    it(`refuse a value that is ${what}, without repeating it`, async () => {
      const refused = await ask(author, 'PUT', '/secrets/refused', { value });

      expect(refused.status).to.equal(422);
      expect(refused.body.list('errors')[0]?.at('loc')).to.deep.equal(['body', 'value']);
      if (typeof value === 'string') expect(refused.text).not.to.include(value);
    });
  }

  for (const name of ['9lives', '-dash', 'white%20space', 'a%2Fb', 'x'.repeat(129), '%00', 'a%0Ab', 'ä']) {
    it(`refuse the name ${name.slice(0, 20)}`, async () => {
      expect((await put(author, name)).status).to.equal(422);
      expect((await ask(author, 'GET', `/secrets/${name}`)).status).to.equal(404);
      expect((await ask(author, 'DELETE', `/secrets/${name}`)).status).to.equal(404);
    });
  }

  it('take every text that JSON can carry, up to 64 KiB', async () => {
    for (const value of [
      'x'.repeat(65_536),
      '-----BEGIN KEY-----\nabc\n-----END KEY-----\n',
      '🔑🔑🔑🔑',
      'nul\0l',
    ]) {
      expect((await put(author, 'any-text', value)).status).to.be.oneOf([200, 201]);
    }
  });

  it('written at the same time are one secret with a version for each value', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => put(author, 'raced', `value ${n}`)),
    );

    expect(answers.map(({ status }) => status).sort()).to.deep.equal([...Array<number>(7).fill(200), 201]);
    expect((await ask(author, 'GET', '/secrets/raced')).body.at('version')).to.equal(8);
  });

  it('tell which workflows name them', async () => {
    const http = (authorization: string): object => ({
      name: 'Call',
      nodes: [
        {
          id: 'call',
          type: 'http_request',
          data: { config: { url: 'https://example.com', headers: { authorization } } },
        },
      ],
    });
    await put(author, 'used');
    const id = await gateway.createWorkflow({
      owner: author.username,
      definition: http('Bearer {{ secret("used") }}'),
    });
    const usedBy = async (): Promise<unknown> =>
      (await ask(author, 'GET', '/secrets/used')).body.at('workflows');

    expect(await usedBy()).to.deep.equal([{ workflow_id: id, name: 'Call' }]);
    await ask(author, 'PUT', `/workflows/${id}`, http('none'));
    expect(await usedBy()).to.deep.equal([]);
  });

  it('named where they would be recorded are refused when the workflow is saved', async () => {
    const definition = {
      name: 'Leak',
      nodes: [{ id: 'leak', type: 'set', data: { config: { values: { token: '=secret("used")' } } } }],
    };

    const refused = await ask(author, 'POST', '/workflows/visual/create', definition);

    expect(refused.status).to.equal(422);
    expect(refused.text).to.include('secret(\\"used\\") cannot be used here');
  });

  it('have a client', async () => {
    const client = createClient({
      baseUrl: gateway.url,
      credentials: { token: author.token },
      validate: true,
    });

    expect((await client.secrets.put('by-client', { value: VALUE })).version).to.equal(1);
    expect((await client.secrets.get('by-client')).workflows).to.deep.equal([]);
    const names: string[] = [];
    for await (const { name } of client.secrets.listAll({ limit: 2 })) names.push(name);
    expect(names).to.include('by-client');
    await client.secrets.delete('by-client');
    expect((await client.secrets.list()).items.map(({ name }) => name)).not.to.include('by-client');
  });

  it('never reach the log, whatever goes wrong', async () => {
    let logged = '';
    const destination = new Writable({
      write(chunk: Buffer, _encoding, done) {
        logged += chunk.toString();
        done();
      },
    });
    const log = createLogger({ service: 'gateway', level: 'trace', destination });
    const own = createGateway({ env: gateway.env, log });
    await own.start();
    const { url, close } = await serve(own);
    const send = (body: string): Promise<Response> =>
      fetch(`${url}/api/v1/secrets/logged`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${author.token}`, 'content-type': 'application/json' },
        body,
      });
    try {
      const good = await send(JSON.stringify({ value: VALUE }));
      const answers = [
        await send(`{"value": "${VALUE}`),
        await send(JSON.stringify({ value: VALUE, more: VALUE })),
        await send(JSON.stringify({ value: [VALUE] })),
        await send(JSON.stringify({ [VALUE]: VALUE })),
      ];
      expect(good.status).to.equal(201);
      expect(answers.every(({ status }) => status >= 400 && status < 500)).to.equal(true);
      for (const answer of answers.slice(0, 3)) expect(await answer.text()).not.to.include(VALUE);
    } finally {
      await close();
      await own.stop();
    }
    expect(logged).to.include('/secrets/').and.not.include('sk-live');
  });

  it('cannot be set where the platform has no key, and one of another length stops the start', async () => {
    const env = { ...gateway.env, SECRETS_KEY: '' };
    const keyless = createGateway({ env, log: createLogger({ service: 'gateway', level: 'silent' }) });
    await keyless.start();
    const { url, close } = await serve(keyless);
    try {
      const answer = await fetch(`${url}/api/v1/secrets/x`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${author.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ value: VALUE }),
      });
      expect(answer.status).to.equal(503);
      expect(await answer.text()).to.include('SECRETS_KEY');
    } finally {
      await close();
      await keyless.stop();
    }
    const short = { ...gateway.env, SECRETS_KEY: randomBytes(16).toString('base64') };
    expect(() => createGateway({ env: short })).to.throw('SECRETS_KEY must be 32 random bytes');
  });
});
