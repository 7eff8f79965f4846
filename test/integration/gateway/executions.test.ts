import { executionUuid } from '@millrace/contracts';
import { expect } from 'chai';
import pg from 'pg';
import type { Answer } from '../../support/http.js';
import { type GatewayUnderTest, ONE_NODE, startGateway } from '../../support/platform.js';

const SCHEMA = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', pattern: '^(a+)+$' },
    count: { type: 'integer', minimum: 1, default: 3 },
    tags: { type: 'array', uniqueItems: true },
  },
  additionalProperties: false,
};

describe('executions', () => {
  let gateway: GatewayUnderTest;
  let workflow = '';
  before(async () => {
    gateway = await startGateway();
    workflow = await gateway.createWorkflow();
  });
  after(() => gateway.stop());

  const call = (
    method: string,
    path: string,
    json?: object,
    headers?: Record<string, string>,
  ): Promise<Answer> =>
    gateway.request(method, path, {
      token: gateway.admin.token,
      ...(json && { json }),
      ...(headers && { headers }),
    });
  const execute = (json: object, headers?: Record<string, string>, id = workflow) =>
    call('POST', `/workflows/${id}/execute`, json, headers);

  it('are accepted, and tell where to follow them', async () => {
    const { status, body, headers } = await execute({ parameters: { a: 1 } });

    expect(status).to.equal(202);
    const id = body.text('execution_id');
    expect(id).to.match(/^exec_[0-9a-f-]{36}$/);
    expect(body.value).to.include({ workflow_id: workflow, status: 'queued' });
    expect(body.text('message')).to.include('admin');
    expect(body.at('websocket_url')).to.equal(`/api/v1/ws/executions/${id}`);
    expect(headers.get('location')).to.equal(`/api/v1/executions/${id}`);
    expect(Date.parse(body.text('created_at'))).to.be.closeTo(Date.now(), 60_000);
  });

  it('need no body', async () => {
    expect((await call('POST', `/workflows/${workflow}/execute`)).status).to.equal(202);
  });

  it('can be read at both addresses', async () => {
    const traceparent = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;
    const id = (await execute({ parameters: { text: 'nul \0 inside' } }, { traceparent })).body.text(
      'execution_id',
    );

    const [first, second] = [
      await call('GET', `/executions/${id}`),
      await call('GET', `/workflows/executions/${id}`),
    ];

    expect(first.body.value).to.deep.include({
      ...{ execution_id: id, workflow_id: workflow, workflow_version: 1, status: 'queued' },
      ...{ test: false, until_step: null },
      ...{
        parameters: { text: 'nul \0 inside' },
        started_at: null,
        completed_at: null,
        duration_seconds: null,
      },
      ...{ current_step: null, steps_completed: 0, steps_total: 1, result: null, error: null, usage: null },
      ...{ owner: 'admin', submitted_by: 'admin', retry_of: null, root_id: id, trace_id: 'ab'.repeat(16) },
    });
    expect(first.text).to.equal(second.text);
  });

  it('are refused with a wrong body', async () => {
    for (const json of [{ parameters: [] }, { parameters: 'x' }, { params: {} }]) {
      expect((await execute(json)).status, JSON.stringify(json)).to.equal(422);
    }
  });

  describe('that run to a step', () => {
    let chain = '';
    before(async () => {
      const node = (id: string) => ({ id, type: 'set', data: { config: { values: {} } } });
      const body = { nodes: [node('inner')] };
      chain = await gateway.createWorkflow({
        definition: {
          name: 'Chain',
          nodes: [
            node('a'),
            node('b'),
            node('c'),
            { id: 'm', type: 'map', data: { config: { items: [1], body } } },
          ],
          edges: [
            { source: 'a', target: 'b' },
            { source: 'b', target: 'c' },
          ],
          on_failure: { nodes: [node('handler')] },
        },
      });
    });

    it('count the steps that run, and say which one they run to', async () => {
      const answer = await execute({ until_step: 'b' }, {}, chain);

      expect(answer.status, answer.text).to.equal(202);
      const id = answer.body.text('execution_id');
      const read = await call('GET', `/executions/${id}`);
      expect(read.body.value).to.include({
        until_step: 'b',
        steps_total: 2,
        test: false,
        workflow_version: 1,
      });
      const [queued] = (await call('GET', `/executions/${id}/events`)).body.list();
      expect(queued?.at('data', 'until_step')).to.equal('b');
      const steps = (await call('GET', `/executions/${id}/steps`)).body.list();
      expect(steps.map((step) => step.at('step_id'))).to.deep.equal(['a', 'b']);
    });

    for (const [step, words] of [
      ['ghost', 'this version of the workflow has no step ghost'],
      ['inner', 'step inner is in a body: name the step that holds the body'],
      ['handler', 'step handler belongs to on_failure, which runs when an execution fails'],
    ] as const) {
      it(`are refused for ${step}, and the field is named (422)`, async () => {
        const { status, body } = await execute({ until_step: step }, {}, chain);

        expect(status).to.equal(422);
        expect(body.at('errors')).to.deep.equal([
          { loc: ['body', 'until_step'], msg: words, type: 'unknown_step' },
        ]);
      });
    }

    it('are others under an idempotency key than those that run through', async () => {
      const key = { 'idempotency-key': 'to-b' };
      const first = await execute({ until_step: 'b' }, key, chain);

      const again = await execute({ until_step: 'b' }, key, chain);
      const other = await execute({ until_step: 'c' }, key, chain);
      const whole = await execute({}, key, chain);

      expect(again.body.at('execution_id')).to.equal(first.body.at('execution_id'));
      expect([other.status, whole.status]).to.deep.equal([409, 409]);
    });
  });

  describe('of a workflow with a parameters_schema', () => {
    let strict = '';
    before(async () => {
      strict = await gateway.createWorkflow({ definition: { ...ONE_NODE, parameters_schema: SCHEMA } });
    });

    it('get its defaults', async () => {
      const { body } = await execute({ parameters: { name: 'aa' } }, {}, strict);

      const { body: resource } = await call('GET', `/executions/${body.text('execution_id')}`);
      expect(resource.at('parameters')).to.deep.equal({ name: 'aa', count: 3 });
    });

    it('are refused in words that name each field', async () => {
      const parameters = { count: 0, tags: [{ a: 1 }, { a: 1 }], more: 1 };
      const { status, body } = await execute({ parameters }, {}, strict);

      expect(status).to.equal(422);
      expect(body.list('errors').map((error) => error.at('loc'))).to.have.deep.members([
        ['body', 'parameters', 'name'],
        ['body', 'parameters', 'count'],
        ['body', 'parameters', 'tags'],
        ['body', 'parameters', 'more'],
      ]);
    });

    it('are not held up by a pattern that others would choke on', async () => {
      const { status } = await execute({ parameters: { name: `${'a'.repeat(50_000)}b` } }, {}, strict);

      expect(status).to.equal(422);
    });

    it('obey the newest version', async () => {
      const id = await gateway.createWorkflow({ definition: { ...ONE_NODE, parameters_schema: SCHEMA } });
      expect((await execute({}, {}, id)).status).to.equal(422);
      await call('PUT', `/workflows/${id}`, ONE_NODE);

      const { status, body } = await execute({}, {}, id);

      expect(status).to.equal(202);
      expect(
        (await call('GET', `/executions/${body.text('execution_id')}`)).body.at('workflow_version'),
      ).to.equal(2);
    });
  });

  describe('under an idempotency key', () => {
    it('are one, however often and at once they are asked for', async () => {
      const headers = { 'idempotency-key': 'order 1' };

      const answers = await Promise.all(
        Array.from({ length: 20 }, () => execute({ parameters: { b: 2, a: 1 } }, headers)),
      );
      const reordered = await execute({ parameters: { a: 1, b: 2 } }, headers);

      const ids = new Set([...answers, reordered].map(({ body }) => body.text('execution_id')));
      expect(ids.size).to.equal(1);
      expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([202]));
    });

    it('are refused with another body', async () => {
      const headers = { 'idempotency-key': 'order 2' };
      await execute({ parameters: { a: 1 } }, headers);

      const { status, body } = await execute({ parameters: { a: 2 } }, headers);

      expect(status).to.equal(409);
      expect(body.at('type')).to.equal('/errors/idempotency_conflict');
    });

    it('are others for another workflow', async () => {
      const headers = { 'idempotency-key': 'order 3' };
      const other = await gateway.createWorkflow();

      const [first, second] = [await execute({}, headers), await execute({}, headers, other)];

      expect(first.body.at('execution_id')).not.to.equal(second.body.at('execution_id'));
    });

    it('are refused with a key that is too long', async () => {
      const { status, body } = await execute({}, { 'idempotency-key': 'x'.repeat(201) });

      expect(status).to.equal(422);
      expect(body.at('errors', 0, 'loc')).to.deep.equal(['header', 'Idempotency-Key']);
    });
  });

  describe('in a batch', () => {
    const batch = (items: object[]) => call('POST', `/workflows/${workflow}/execute/batch`, { items });

    it('are accepted together, in order', async () => {
      const { status, body } = await batch([{ parameters: { n: 0 } }, { parameters: { n: 1 } }, {}]);

      expect(status).to.equal(202);
      const ids = body.list('executions').map((execution) => execution.text('execution_id'));
      const numbers = await Promise.all(
        ids.map(async (id) => (await call('GET', `/executions/${id}`)).body.at('parameters', 'n')),
      );
      expect(numbers).to.deep.equal([0, 1, undefined]);
      expect(new Set(ids).size).to.equal(3);
    });

    it('repeat what their keys belong to', async () => {
      const first = (await batch([{ idempotency_key: 'b1' }])).body.at('executions', 0, 'execution_id');

      const again = await batch([{ idempotency_key: 'b1' }, { idempotency_key: 'b2' }]);

      expect(again.body.at('executions', 0, 'execution_id')).to.equal(first);
      expect(again.body.at('executions', 1, 'execution_id')).not.to.equal(first);
    });

    it('are answered truthfully when a key is taken at the same moment', async () => {
      const id = await gateway.createWorkflow();
      const race = (key: string, n: number) =>
        call('POST', `/workflows/${id}/execute/batch`, {
          items: [{ parameters: { n } }, { parameters: { n }, idempotency_key: key }],
        });

      for (let round = 0; round < 20; round += 1) {
        const answers = await Promise.all([race(`r${round}`, 1), race(`r${round}`, 2)]);

        const told = answers.flatMap(({ status, body }) =>
          status === 409 ? [] : body.list('executions').map((execution) => execution.text('execution_id')),
        );
        const conflicts = answers.flatMap(({ status, body }) =>
          status === 409 ? [] : body.list('conflicts'),
        );
        const stored = (await call('GET', `/workflows/${id}/executions?limit=${told.length}`)).body.list();
        expect(answers.every(({ status }) => status === 202 || status === 409)).to.equal(true);
        expect(stored.map((item) => item.text('execution_id'))).to.have.members(told);
        expect(conflicts.every((conflict) => conflict.at('index') === 1)).to.equal(true);
        expect(told.length + conflicts.length).to.equal(
          answers.every(({ status }) => status === 202) ? 4 : 2,
        );
      }
    });

    it('have keys of the same characters as the header', async () => {
      for (const key of ['', 'x'.repeat(201), 'nul \0', 'half \ud800', ' padded', 'é']) {
        const { status, body } = await batch([{ idempotency_key: key }]);
        expect(status, JSON.stringify(key)).to.equal(422);
        expect(body.at('errors', 0, 'loc')).to.deep.equal(['body', 'items', 0, 'idempotency_key']);
      }
    });

    it('are refused together', async () => {
      await batch([{ idempotency_key: 'c1', parameters: { a: 1 } }]);
      const count = async () =>
        (await call('GET', `/workflows/${workflow}/executions?limit=200`)).body.list().length;
      const before = await count();

      const answers = [
        await batch([{}, { idempotency_key: 'c1', parameters: { a: 2 } }]),
        await batch([{ idempotency_key: 'd' }, { idempotency_key: 'd' }]),
        await batch([]),
        await batch([{}, { parameters: 3 }]),
        await batch(Array.from({ length: 501 }, () => ({}))),
      ];

      expect(answers.map(({ status }) => status)).to.deep.equal([409, 422, 422, 422, 422]);
      expect(await count()).to.equal(before);
    });
  });

  describe('in lists', () => {
    it('come newest first and page by page', async () => {
      const id = await gateway.createWorkflow();
      const ids: string[] = [];
      for (let n = 0; n < 5; n += 1) ids.unshift(await gateway.execute(id));

      const seen: unknown[] = [];
      let path: string | undefined = `//api/v1/workflows/${id}/executions?limit=2`;
      while (path !== undefined) {
        const page: Answer = await call('GET', path);
        seen.push(...page.body.list().map((item) => item.at('execution_id')));
        const next: string | undefined = /^<([^>]+)>/.exec(page.headers.get('link') ?? '')?.[1];
        path = next === undefined ? undefined : `/${next}`;
      }

      expect(seen).to.deep.equal(ids);
    });

    it('know no time before the first and after the last', async () => {
      const id = await gateway.createWorkflow();
      const execution = await gateway.execute(id);
      const found = async (query: string) =>
        (await call('GET', `/workflows/${id}/executions?${query}`)).body
          .list()
          .map((item) => item.at('execution_id'));

      for (const early of ['0001-01-01T00:00:00Z', '1969-12-31T23:59:59Z', '1970-01-01T00:00:00Z']) {
        expect(await found(`since=${early}`), `since ${early}`).to.deep.equal([execution]);
        expect(await found(`until=${early}`), `until ${early}`).to.deep.equal([]);
      }
      expect(await found('since=9999-12-31T23:59:59Z')).to.deep.equal([]);
      expect(await found('until=9999-12-31T23:59:59Z')).to.deep.equal([execution]);
    });

    it('are filtered', async () => {
      const id = await gateway.createWorkflow({ owner: 'user' });
      const [first, second] = [await gateway.execute(id), await gateway.execute(id)];
      await call('POST', `/executions/${first}/cancel`);
      const { created_at: since } = {
        created_at: (await call('GET', `/executions/${first}`)).body.text('created_at'),
      };
      const found = async (query: string) =>
        (await call('GET', `/executions?workflow=${id}&${query}`)).body
          .list()
          .map((item) => item.at('execution_id'));

      expect(await found('')).to.deep.equal([second, first]);
      expect(await found('status=cancelled')).to.deep.equal([first]);
      expect(await found('status=queued')).to.deep.equal([second]);
      expect(await found('owner=user')).to.have.length(2);
      expect(await found('owner=admin')).to.deep.equal([]);
      expect(await found(`since=${since}`)).to.include(first);
      expect(await found(`until=${since}`)).to.deep.equal([]);
      expect((await call('GET', '/executions?workflow=wf_unknown')).status).to.equal(404);
      expect((await call('GET', '/executions?since=yesterday')).status).to.equal(422);
    });
  });

  it('are unknown under an id that is none', async () => {
    for (const id of ['exec_01936d5e-8f00-7abc-8def-0123456789ab', 'nonsense']) {
      for (const path of ['', '/steps', '/logs', '/events']) {
        const { status, body } = await call('GET', `/executions/${id}${path}`);
        expect(status).to.equal(404);
        expect(body.at('detail')).to.equal(`Execution ${id} not found`);
      }
      expect((await call('POST', `/executions/${id}/cancel`)).status).to.equal(404);
    }
  });

  describe('cancelled', () => {
    it('are so at once while nobody runs them, and stay so', async () => {
      const id = await gateway.execute(workflow);

      const first = await call('POST', `/executions/${id}/cancel`, { reason: 'changed my mind' });
      const again = await call('POST', `/executions/${id}/cancel`);

      expect([first.status, again.status]).to.deep.equal([200, 200]);
      expect(first.body.value).to.include({ status: 'cancelled' });
      expect(again.text).to.equal(first.text);
      const events = (await call('GET', `/executions/${id}/events`)).body.list();
      expect(events.at(-1)?.value).to.deep.include({ type: 'cancelled' });
      expect(events.at(-1)?.at('data')).to.deep.include({ by: 'admin', reason: 'changed my mind' });
    });

    it('refuse a wrong body', async () => {
      const id = await gateway.execute(workflow);

      expect((await call('POST', `/executions/${id}/cancel`, { why: 'x' })).status).to.equal(422);
    });
  });

  it('show their log page by page', async () => {
    const id = await gateway.execute(workflow);
    await call('POST', `/executions/${id}/cancel`);

    const first = await call('GET', `/executions/${id}/events?limit=1`);
    const second = await call('GET', `/${/^<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? ''}`);

    expect(first.body.list().map((event) => event.at('type'))).to.deep.equal(['queued']);
    expect(second.body.list().map((event) => event.at('type'))).to.deep.equal(['cancelled']);
    expect(second.body.at(0)).to.include({ execution_id: id, workflow_id: workflow, seq: 2 });
    expect(second.headers.get('link')).to.equal(null);
    expect((await call('GET', `/executions/${id}/events?after_seq=-1`)).status).to.equal(422);
  });

  it('show their steps before anything has run', async () => {
    const id = await gateway.execute(workflow);

    const { body } = await call('GET', `/executions/${id}/steps`);

    expect(body.value).to.deep.equal([
      {
        ...{ step_id: 'greet', step_name: 'greet', kind: 'set', status: 'pending', attempts: 0 },
        ...{ started_at: null, completed_at: null, duration_ms: null, error: null, retry_at: null },
        ...{ wait: null, waiting_since: null, due_at: null },
      },
    ]);
  });

  it('show what their steps logged, page by page and step by step', async () => {
    const id = await gateway.execute(workflow);
    await sql(
      `INSERT INTO step_logs (execution_id, step_id, attempt, line, at, level, message)
       SELECT $1, step, 1, line, now(), 'info', step || line FROM unnest(ARRAY['a', 'b']) step, generate_series(1, 2) line`,
      [executionUuid(id)],
    );

    const first = await call('GET', `/executions/${id}/logs?limit=3`);
    const second = await call('GET', `/${/^<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? ''}`);
    const one = await call('GET', `/executions/${id}/logs?step_id=b`);

    expect([...first.body.list(), ...second.body.list()].map((line) => line.at('message'))).to.deep.equal([
      ...['a1', 'a2', 'b1', 'b2'],
    ]);
    expect(one.body.list().map((line) => line.at('step_id'))).to.deep.equal(['b', 'b']);
    for (const cursor of ['garbage', '1.1.a', '1../1.1.a', '9999999999/1.1.a', `${'1.'.repeat(30)}1/1.1.a`]) {
      expect((await call('GET', `/executions/${id}/logs?cursor=${cursor}`)).status, cursor).to.equal(422);
    }
  });

  it('show what the steps of bodies logged, one iteration after the other', async () => {
    const id = await gateway.execute(workflow);
    await sql(
      `INSERT INTO step_logs (execution_id, step_id, iteration, attempt, line, at, level, message)
       SELECT $1, 'a', string_to_array(path, '.')::int[], 1, 1, now(), 'info', path
       FROM unnest(ARRAY['', '9', '10', '2.10', '2.9']) path`,
      [executionUuid(id)],
    );
    const pages: Answer[] = [await call('GET', `/executions/${id}/logs?limit=2`)];
    for (;;) {
      const next = /^<([^>]+)>/.exec(pages.at(-1)?.headers.get('link') ?? '')?.[1];
      if (next === undefined) break;
      pages.push(await call('GET', `/${next}`));
    }
    const one = await call('GET', `/executions/${id}/logs?step_id=a&iteration=2.9`);

    const lines = pages.flatMap(({ body }) => body.list());
    expect(lines.map((line) => line.at('message'))).to.deep.equal(['', '2.9', '2.10', '9', '10']);
    expect(lines.map((line) => line.at('iteration'))).to.deep.equal([undefined, '2.9', '2.10', '9', '10']);
    expect(one.body.list().map((line) => line.at('message'))).to.deep.equal(['2.9']);
    expect((await call('GET', `/executions/${id}/logs?iteration=9999999999`)).body.value).to.deep.equal([]);
  });

  it('give their large payloads to those who may see them', async () => {
    const id = await gateway.execute(workflow);
    const uuid = executionUuid(id) ?? '';
    const rows = await sql(
      `INSERT INTO blobs (execution_id, content_type, size_bytes, content) VALUES ($1, 'application/json', 7, '{"a":1}')
       RETURNING id`,
      [uuid],
    );
    const reference = `blob_${uuid}_${String(rows[0]?.['id'])}`;

    const { status, text, headers } = await call('GET', `/blobs/${reference}`);
    const foreign = await gateway.request('GET', `/blobs/${reference}`, { token: gateway.user.token });

    expect([status, text]).to.deep.equal([200, '{"a":1}']);
    expect(headers.get('content-type')).to.equal('application/json');
    expect(headers.get('content-disposition')).to.equal('attachment');
    expect(foreign.status).to.equal(403);
    expect((await call('GET', '/blobs/nonsense')).status).to.equal(404);
    expect((await call('GET', `/blobs/blob_${uuid}_${uuid}`)).status).to.equal(404);
  });

  async function sql(text: string, values: unknown[]): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: gateway.database.url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text, values)).rows;
    } finally {
      await client.end();
    }
  }
});
