import { executionUuid } from '@millrace/contracts';
import { expect } from 'chai';
import type { Answer } from '../../support/http.js';
import { type Account, type GatewayUnderTest, startGateway } from '../../support/platform.js';
import { createPlayer, type Player, started, stepCompleted, stepSkipped } from './support/player.js';

const node = (id: string, values: object = {}) => ({ id, type: 'set', data: { config: { values } } });
const EDGES = [
  { source: 'a', target: 'b' },
  { source: 'b', target: 'c' },
];
const chain = (b: object = {}) => ({
  name: 'Chain',
  nodes: [node('a', { of: '=parameters.x' }), node('b', b), node('c')],
  edges: EDGES,
});

describe('repeating executions', () => {
  let gateway: GatewayUnderTest;
  let player: Player;
  let workflow = '';
  before(async () => {
    gateway = await startGateway();
    player = await createPlayer(gateway.database.url);
    workflow = await gateway.createWorkflow({ definition: chain() });
  });
  after(async () => {
    await player.stop();
    await gateway.stop();
  });

  const call = (
    path: string,
    json?: object,
    headers?: Record<string, string>,
    who: Account = gateway.admin,
  ) =>
    gateway.request('POST', path, { token: who.token, ...(json && { json }), ...(headers && { headers }) });
  const read = (id: string) => gateway.request('GET', `/executions/${id}`, { token: gateway.admin.token });
  const save = (id: string, definition: object) =>
    gateway.request('PUT', `/workflows/${id}`, { token: gateway.admin.token, json: definition });

  /** Failed at b after a. */
  async function failed(id = workflow, parameters: object = { x: 1 }): Promise<string> {
    const execution = await gateway.execute(id, parameters);
    await player.fail(execution, { step: 'b', outputs: { a: { of: 1 } } });
    return execution;
  }
  async function completed(id = workflow, parameters: object = { x: 1 }): Promise<string> {
    const execution = await gateway.execute(id, parameters);
    await player.complete(execution, { a: 'A', b: 'B', c: 'C' });
    return execution;
  }
  const reused = (answer: Answer): unknown => answer.body.at('reused_steps');

  describe('retry', () => {
    it('makes a new execution that begins with the finished outputs', async () => {
      const earlier = await failed();

      const answer = await call(`/executions/${earlier}/retry`);

      expect(answer.status, answer.text).to.equal(202);
      const id = answer.body.text('execution_id');
      expect(answer.body.value).to.deep.include({ retry_of: earlier, reused_steps: ['a'], status: 'queued' });
      expect(answer.headers.get('location')).to.equal(`/api/v1/executions/${id}`);
      const events = await player.events(id);
      expect(events.map(({ seq, type }) => [seq, type])).to.deep.equal([
        [1, 'queued'],
        [2, 'step_reused'],
      ]);
      expect(events[0]?.data).to.deep.include({ submitted_by: 'admin', retry_of: earlier });
      expect(events[1]?.data).to.deep.include({ step_id: 'a', from_execution: earlier, output: { of: 1 } });
      expect((await read(id)).body.value).to.deep.include({
        ...{ retry_of: earlier, root_id: earlier, parameters: { x: 1 }, workflow_version: 1 },
      });
      expect((await read(earlier)).body.value).to.include({ status: 'failed', resolution: 'retried' });
    });

    it('of a retry keeps the root, the edited inputs and what was reused', async () => {
      const first = await failed();
      const second = (await call(`/executions/${first}/retry`, { inputs: { b: { y: 2 } } })).body.text(
        'execution_id',
      );
      await player.fail(second, { step: 'c', outputs: { b: 'B' } });

      const third = await call(`/executions/${second}/retry`);

      const id = third.body.text('execution_id');
      expect(reused(third)).to.deep.equal(['a', 'b']);
      expect((await player.events(id))[0]?.data['inputs']).to.deep.equal({ b: { y: 2 } });
      expect((await read(id)).body.value).to.include({ retry_of: second, root_id: first });
    });

    it('takes other parameters, and runs again what may have read those that changed', async () => {
      const earlier = await failed();

      const same = await call(`/executions/${earlier}/retry`, { parameters: { x: 1, unread: true } });
      const other = await call(`/executions/${earlier}/retry`, { parameters: { x: 2 } });

      expect(reused(same)).to.deep.equal(['a']);
      expect(reused(other)).to.deep.equal([]);
      expect((await read(other.body.text('execution_id'))).body.at('parameters')).to.deep.equal({ x: 2 });
    });

    it('runs on the version it ran on, or on the newest', async () => {
      const own = await gateway.createWorkflow({ definition: chain() });
      const earlier = await failed(own);
      await save(own, chain({ fixed: true }));

      const same = await call(`/executions/${earlier}/retry`, { version: 'same' });
      const latest = await call(`/executions/${earlier}/retry`, { version: 'latest' });
      await save(own, { ...chain(), nodes: [node('a'), node('b'), node('c')] });
      const changed = await call(`/executions/${earlier}/retry`, { version: 'latest' });

      const version = async (answer: Answer) =>
        (await read(answer.body.text('execution_id'))).body.at('workflow_version');
      expect([await version(same), reused(same)]).to.deep.equal([1, ['a']]);
      expect([await version(latest), reused(latest)]).to.deep.equal([2, ['a']]);
      expect([await version(changed), reused(changed)]).to.deep.equal([3, []]);
    });

    describe('of an execution that ran to a step', () => {
      async function failedOnTheWay(): Promise<string> {
        const answer = await call(`/workflows/${workflow}/execute`, {
          parameters: { x: 1 },
          until_step: 'b',
        });
        const earlier = answer.body.text('execution_id');
        await player.fail(earlier, { step: 'b', outputs: { a: 'A' } });
        return earlier;
      }
      const wishOf = async (answer: Answer): Promise<unknown[]> => {
        const { body } = await read(answer.body.text('execution_id'));
        return [body.at('until_step'), body.at('steps_total'), reused(answer)];
      };

      it('runs to it again, to another one, or to the end', async () => {
        const earlier = await failedOnTheWay();

        const same = await call(`/executions/${earlier}/retry`);
        const shorter = await call(`/executions/${earlier}/retry`, { until_step: 'a' });
        const whole = await call(`/executions/${earlier}/retry`, { until_step: null });

        expect(await wishOf(same)).to.deep.equal(['b', 2, ['a']]);
        expect(await wishOf(shorter)).to.deep.equal(['a', 1, ['a']]);
        expect(await wishOf(whole)).to.deep.equal([null, 3, ['a']]);
        const [queued] = await player.events(same.body.text('execution_id'));
        expect(queued?.data['until_step']).to.equal('b');
      });

      it('is refused where the newest version has no such step, and for steps that are left out (422)', async () => {
        const own = await gateway.createWorkflow({ definition: chain() });
        const answer = await call(`/workflows/${own}/execute`, { until_step: 'b' });
        const earlier = answer.body.text('execution_id');
        await player.fail(earlier, { step: 'b', outputs: { a: 'A' } });
        await save(own, { name: 'Chain', nodes: [node('a'), node('other')], edges: [] });

        const gone = await call(`/executions/${earlier}/retry`, { version: 'latest' });
        const input = await call(`/executions/${earlier}/retry`, { inputs: { c: 1 } });
        const begin = await call(`/executions/${earlier}/rerun`, { from_step: 'c' });

        expect([gone.status, input.status, begin.status]).to.deep.equal([422, 422, 422]);
        expect(gone.body.at('errors', 0, 'loc')).to.deep.equal(['body', 'until_step']);
        expect(input.body.at('errors', 0, 'loc')).to.deep.equal(['body', 'inputs', 'c']);
        expect(begin.body.at('errors', 0, 'loc')).to.deep.equal(['body', 'from_step']);
        expect(begin.body.at('errors', 0, 'msg')).to.include('not before step b');
      });

      it('goes on behind it as a rerun', async () => {
        const answer = await call(`/workflows/${workflow}/execute`, {
          parameters: { x: 1 },
          until_step: 'b',
        });
        const earlier = answer.body.text('execution_id');
        await player.complete(earlier, { a: 'A', b: 'B' });

        const onwards = await call(`/executions/${earlier}/rerun`, { from_step: 'c', until_step: null });

        expect(await wishOf(onwards)).to.deep.equal([null, 3, ['a', 'b']]);
      });
    });

    it('keeps large outputs where they are', async () => {
      const earlier = await gateway.execute(workflow, { x: 1 });
      const uuid = executionUuid(earlier) ?? '';
      const stored = await player.runtime.worker.storeOutput(
        uuid,
        'x'.repeat(70_000),
        [JSON.stringify('x'.repeat(70_000))],
        new AbortController().signal,
      );
      if (!('output_ref' in stored)) throw new Error('the output was kept inline');
      const base = { step_id: 'a', step_name: 'a', kind: 'set', attempt: 1, progress: 0, duration_ms: 1 };
      const error = { code: 'boom', message: 'no', step_id: 'b' };
      await player.play(
        earlier,
        [
          started,
          { type: 'step_completed', data: { ...base, output_ref: stored.output_ref } },
          { type: 'failed', data: { error } },
        ],
        { status: 'failed', result: null, error: JSON.stringify(error) },
      );

      const answer = await call(`/executions/${earlier}/retry`);

      const event = (await player.events(answer.body.text('execution_id')))[1];
      expect(event?.data['output_ref']).to.deep.equal(stored.output_ref);
      const blob = await gateway.request('GET', `/blobs/${stored.output_ref.reference}`, {
        token: gateway.admin.token,
      });
      expect(blob.status).to.equal(200);
    });

    it('under an idempotency key is one, and another wish under it is refused', async () => {
      const earlier = await failed();
      const key = { 'idempotency-key': `retry-${earlier}` };

      const [one, two] = [
        await call(`/executions/${earlier}/retry`, {}, key),
        await call(`/executions/${earlier}/retry`, {}, key),
      ];
      const other = await call(`/executions/${earlier}/retry`, { version: 'latest' }, key);
      const rerun = await call(`/executions/${earlier}/rerun`, {}, key);

      expect(two.body.text('execution_id')).to.equal(one.body.text('execution_id'));
      expect([other.status, rerun.status]).to.deep.equal([409, 409]);
    });

    it('is refused for what runs and for what ended well', async () => {
      const live = await gateway.execute(workflow);
      const done = await completed();

      const [running, well] = [
        await call(`/executions/${live}/retry`),
        await call(`/executions/${done}/retry`),
      ];

      expect([running.status, well.status]).to.deep.equal([409, 409]);
      expect(running.body.text('detail')).to.include('is queued');
      expect(well.body.text('detail')).to.include('rerun it instead');
    });
  });

  describe('rerun', () => {
    it('runs everything again, or a step and what is behind it', async () => {
      const earlier = await completed();

      const all = await call(`/executions/${earlier}/rerun`);
      const some = await call(`/executions/${earlier}/rerun`, { from_step: 'c', inputs: { c: 'edited' } });

      expect(reused(all)).to.deep.equal([]);
      expect(reused(some)).to.deep.equal(['a', 'b']);
      const events = await player.events(some.body.text('execution_id'));
      expect(events[0]?.data['inputs']).to.deep.equal({ c: 'edited' });
      expect(events.slice(1).map(({ data }) => data['output'])).to.deep.equal(['A', 'B']);
      expect((await read(earlier)).body.value).to.include({ status: 'completed', resolution: null });
    });

    it('finds its repetitions in lists', async () => {
      const earlier = await completed();
      const id = (await call(`/executions/${earlier}/rerun`)).body.text('execution_id');

      const list = await gateway.request('GET', `/executions?retry_of=${earlier}`, {
        token: gateway.admin.token,
      });

      expect(list.body.list().map((item) => item.at('execution_id'))).to.deep.equal([id]);
    });
  });

  it('tells whom the request names of its end', async () => {
    const earlier = await completed();
    const callback = { url: 'https://example.com/told' };

    const answer = await call(`/executions/${earlier}/rerun`, { callback });

    const { rows } = await player.pool.query<{ target: unknown }>(
      'SELECT target FROM callbacks WHERE execution_id = $1',
      [executionUuid(answer.body.text('execution_id'))],
    );
    expect(rows[0]?.target).to.include(callback);
  });

  describe('is refused', () => {
    const hostile: [what: string, json: object, loc: unknown[]][] = [
      ['an unknown step to begin at', { from_step: 'nowhere' }, ['body', 'from_step']],
      ['an input of an unknown step', { inputs: { nowhere: 1 } }, ['body', 'inputs', 'nowhere']],
      ['an unknown version', { version: 7 }, ['body', 'version']],
      ['parameters that are none', { parameters: [] }, ['body', 'parameters']],
      ['fields nobody knows', { from: 'b' }, ['body']],
    ];
    for (const [what, json, loc] of hostile) {
      it(`with ${what}`, async () => {
        const answer = await call(`/executions/${await completed()}/rerun`, json);

        expect(answer.status, answer.text).to.equal(422);
        expect(answer.body.at('errors', 0, 'loc')).to.deep.equal(loc);
      });
    }

    it('from a step that was skipped and would be again', async () => {
      const branches = {
        name: 'Branches',
        nodes: [
          { id: 'if', type: 'condition', data: { config: { expression: 'true' } } },
          node('a'),
          node('b'),
        ],
        edges: [
          { source: 'if', target: 'a', label: 'true' },
          { source: 'if', target: 'b', label: 'false' },
        ],
      };
      const earlier = await gateway.execute(await gateway.createWorkflow({ definition: branches }));
      await player.play(
        earlier,
        [
          started,
          stepCompleted('if', true, 'true'),
          stepSkipped('b'),
          { type: 'completed', data: { steps_completed: 1 } },
        ],
        { status: 'completed', result: null, error: null },
      );

      const refused = await call(`/executions/${earlier}/rerun`, { from_step: 'b' });
      const accepted = await call(`/executions/${earlier}/rerun`, { from_step: 'if' });

      expect([refused.status, accepted.status]).to.deep.equal([422, 202]);
      expect(refused.body.text('detail')).to.include('step b was skipped and would be again');
    });

    it('of a part of a map', async () => {
      const earlier = await failed();
      await player.pool.query("UPDATE executions SET shard = '{}' WHERE id = $1", [executionUuid(earlier)]);

      const answer = await call(`/executions/${earlier}/retry`);

      expect(answer.status).to.equal(409);
      expect(answer.body.text('detail')).to.include('is a part of a map');
    });

    it('with parameters that the schema refuses', async () => {
      const schema = { type: 'object', properties: { x: { type: 'integer' } } };
      const own = await gateway.createWorkflow({ definition: { ...chain(), parameters_schema: schema } });
      const earlier = await failed(own);

      const answer = await call(`/executions/${earlier}/retry`, { parameters: { x: 'text' } });

      expect(answer.status).to.equal(422);
      expect(answer.body.at('errors', 0, 'loc')).to.deep.equal(['body', 'parameters', 'x']);
    });

    it('of an archived or deleted workflow', async () => {
      const own = await gateway.createWorkflow({ definition: chain() });
      const earlier = await failed(own);

      await gateway.request('PATCH', `/workflows/${own}`, {
        token: gateway.admin.token,
        json: { status: 'archived' },
      });
      const archived = await call(`/executions/${earlier}/retry`);
      await gateway.request('DELETE', `/workflows/${own}`, { token: gateway.admin.token });
      const deleted = await call(`/executions/${earlier}/retry`);

      expect([archived.status, deleted.status]).to.deep.equal([409, 409]);
      expect(archived.body.text('detail')).to.include('archived');
      expect(deleted.body.text('detail')).to.include('deleted');
    });

    it('to those who may not see the execution, or not execute', async () => {
      const earlier = await failed();
      const reader = await gateway.createUser({ scopes: ['workflow:read'] });

      for (const verb of ['retry', 'rerun', 'pause', 'resume', 'steps/a/skip']) {
        const foreign = await call(`/executions/${earlier}/${verb}`, {}, {}, gateway.user);
        const unable = await call(`/executions/${earlier}/${verb}`, {}, {}, reader);
        const unknown = await call(`/executions/exec_00000000-0000-7000-8000-000000000000/${verb}`);
        expect([foreign.status, unable.status, unknown.status], verb).to.deep.equal([403, 403, 404]);
      }
    });
  });

  it('retries many, and not twice', async () => {
    const own = await gateway.createWorkflow({ definition: chain() });
    const [one, two] = [await failed(own), await failed(own)];
    const body = { action: 'retry', filter: { workflow: own } };

    const first = await call('/executions/bulk', body);
    const second = await call('/executions/bulk', body);

    expect(first.body.value).to.deep.include({ matched: 2, succeeded: 2, failed: [] });
    expect(first.body.list('created').map((item) => item.at('retry_of'))).to.have.members([one, two]);
    expect(second.body.value).to.deep.include({ matched: 0 });
  });

  it('retries many once, also where two ask for it at once, or one whose answer was lost asks again', async () => {
    const own = await gateway.createWorkflow({ definition: chain() });
    const ids = [await failed(own), await failed(own)];
    const byFilter = { action: 'retry', filter: { workflow: own } };
    const createdBy = (answer: Answer) =>
      answer.body.list('created').map((item) => `${item.text('retry_of')} ${item.text('execution_id')}`);

    const both = await Promise.all([1, 2].map(() => call('/executions/bulk', byFilter)));
    const byId = { action: 'retry', ids };
    const key = { 'Idempotency-Key': 'k'.repeat(150) };
    const [keyed, repeated] = [
      await call('/executions/bulk', byId, key),
      await call('/executions/bulk', byId, key),
    ];
    const unkeyed = await call('/executions/bulk', byId);
    const tooLong = await call('/executions/bulk', byId, { 'Idempotency-Key': 'k'.repeat(151) });

    expect(new Set(both.flatMap(createdBy))).to.have.length(2);
    expect(createdBy(keyed)).to.have.members(createdBy(repeated)).and.length(2);
    expect(createdBy(unkeyed)).not.to.include.members(createdBy(keyed));
    expect(tooLong.status).to.equal(422);
  });
});
