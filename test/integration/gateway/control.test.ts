import { expect } from 'chai';
import type { Answer } from '../../support/http.js';
import { type Account, type GatewayUnderTest, startGateway } from '../../support/platform.js';
import { eventually } from '../../support/poll.js';
import { createPlayer, paused, type Player, started, stepCompleted, stepStarted } from './support/player.js';

const CHAIN = {
  name: 'Chain',
  nodes: ['a', 'b', 'c'].map((id) => ({ id, type: 'set', data: { config: { values: {} } } })),
  edges: [
    { source: 'a', target: 'b' },
    { source: 'b', target: 'c' },
  ],
};

describe('steering executions', () => {
  let gateway: GatewayUnderTest;
  let player: Player;
  let workflow = '';
  before(async () => {
    gateway = await startGateway();
    player = await createPlayer(gateway.database.url);
    workflow = await gateway.createWorkflow({ definition: CHAIN });
  });
  after(async () => {
    await player.stop();
    await gateway.stop();
  });

  const call = (path: string, json?: object, who: Account = gateway.admin): Promise<Answer> =>
    gateway.request('POST', path, { token: who.token, ...(json && { json }) });
  const statusOf = async (id: string): Promise<unknown> =>
    (await gateway.request('GET', `/executions/${id}`, { token: gateway.admin.token })).body.at('status');
  const signalled = async (id: string, count: number) =>
    eventually(async () => {
      const signals = await player.signals(id);
      expect(signals).to.have.length(count);
      return signals;
    });

  describe('pause', () => {
    it('tells the worker and answers with the state when it has obeyed', async () => {
      const id = await gateway.execute(workflow);
      await player.play(id, [started]);

      const asked = call(`/executions/${id}/pause`);
      const [signal] = await signalled(id, 1);
      await player.play(id, [paused('admin')], { status: 'paused' });
      const answer = await asked;

      expect(answer.status).to.equal(200);
      expect(answer.body.at('status')).to.equal('paused');
      expect(signal).to.deep.include({ kind: 'pause', payload: { by: 'admin' } });
    });

    it('answers 202 with the real state when the worker is busy', async () => {
      const id = await gateway.execute(workflow);
      await player.play(id, [started]);

      const answer = await call(`/executions/${id}/pause`);

      expect(answer.status).to.equal(202);
      expect(answer.body.at('status')).to.equal('running');
    });

    it('changes nothing for one that is paused', async () => {
      const id = await gateway.execute(workflow);
      await player.play(id, [started, paused()], { status: 'paused' });

      const answer = await call(`/executions/${id}/pause`);

      expect([answer.status, answer.body.at('status')]).to.deep.equal([200, 'paused']);
      expect(await player.signals(id)).to.deep.equal([]);
    });

    it('loses against the end, and says so', async () => {
      const id = await gateway.execute(workflow);
      await player.play(id, [started]);

      const asked = call(`/executions/${id}/pause`);
      await signalled(id, 1);
      await player.play(id, [{ type: 'completed', data: { steps_completed: 0 } }], {
        status: 'completed',
        result: null,
        error: null,
      });
      const answer = await asked;

      expect(answer.status).to.equal(409);
      expect(answer.body.text('detail')).to.include(`Execution ${id} is completed`);
    });

    it('is refused with what it is for one that has ended', async () => {
      const id = await gateway.execute(workflow);
      await player.fail(id, { step: 'a' });

      for (const verb of ['pause', 'resume']) {
        const answer = await call(`/executions/${id}/${verb}`);
        expect(answer.status).to.equal(409);
        expect(answer.body.text('detail')).to.equal(
          `Execution ${id} is failed: what has ended cannot be ${verb}d`,
        );
      }
    });

    it('is taken back by a later resume, in this order', async () => {
      const id = await gateway.execute(workflow);
      await player.play(id, [started]);

      const first = call(`/executions/${id}/pause`);
      await signalled(id, 1);
      const second = await call(`/executions/${id}/resume`);
      await player.play(id, [paused(), { type: 'resumed', data: { worker_id: 'w', by: 'admin' } }], {
        status: 'running',
      });

      expect(second.status).to.equal(200);
      expect((await player.signals(id)).map(({ kind }) => kind)).to.deep.equal(['pause', 'resume']);
      expect((await first).status).to.equal(202);
    });
  });

  describe('resume', () => {
    it('wakes it, and answers when it goes on', async () => {
      const id = await gateway.execute(workflow);
      await player.play(id, [started, paused()], { status: 'paused' });

      const asked = call(`/executions/${id}/resume`);
      await signalled(id, 1);
      await player.play(id, [{ type: 'resumed', data: { worker_id: 'w', by: 'admin' } }]);
      const answer = await asked;

      expect([answer.status, answer.body.at('status')]).to.deep.equal([200, 'running']);
    });

    it('changes nothing for one that is not paused', async () => {
      const id = await gateway.execute(workflow);

      const answer = await call(`/executions/${id}/resume`);

      expect([answer.status, answer.body.at('status')]).to.deep.equal([200, 'queued']);
      expect(await player.signals(id)).to.deep.equal([]);
    });
  });

  it('a paused execution can be cancelled', async () => {
    const id = await gateway.execute(workflow);
    await player.play(id, [started, paused()], { status: 'paused' });

    const answer = await call(`/executions/${id}/cancel`, { reason: 'enough' });

    expect([answer.status, answer.body.at('status')]).to.deep.equal([200, 'cancelled']);
    expect((await player.events(id)).at(-1)?.data).to.deep.include({ by: 'admin', reason: 'enough' });
  });

  describe('skip', () => {
    it('tells the worker which step, and what stands in for its output', async () => {
      const id = await gateway.execute(workflow);
      await player.play(id, [started, stepStarted('a')]);

      const answer = await call(`/executions/${id}/steps/a/skip`, { output: { x: 1 } });

      expect(answer.status).to.equal(202);
      expect(answer.body.at('execution_id')).to.equal(id);
      expect((await player.signals(id))[0]).to.deep.include({
        kind: 'skip',
        payload: { by: 'admin', step_id: 'a', output: { x: 1 } },
      });
    });

    it('needs no body, and takes steps that have not begun', async () => {
      const id = await gateway.execute(workflow);

      expect((await call(`/executions/${id}/steps/c/skip`)).status).to.equal(202);
    });

    it('is refused for unknown steps, settled steps, wrong iterations and what has ended', async () => {
      const id = await gateway.execute(workflow);
      await player.play(id, [started, stepStarted('a'), stepCompleted('a', 1)]);

      const unknown = await call(`/executions/${id}/steps/nowhere/skip`);
      const settled = await call(`/executions/${id}/steps/a/skip`);
      const iteration = await call(`/executions/${id}/steps/b/skip`, { iteration: '0' });
      const wrong = await call(`/executions/${id}/steps/b/skip`, { iteration: 'x' });
      await player.play(id, [{ type: 'completed', data: { steps_completed: 1 } }], {
        ...{ status: 'completed', result: null, error: null },
      });
      const ended = await call(`/executions/${id}/steps/b/skip`);

      expect([unknown.status, unknown.body.at('detail')]).to.deep.equal([404, 'Step nowhere not found']);
      expect([settled.status, settled.body.at('detail')]).to.deep.equal([
        409,
        'Step a is completed and cannot be skipped any more',
      ]);
      expect([iteration.status, wrong.status]).to.deep.equal([422, 422]);
      expect([ended.status, ended.body.at('detail')]).to.deep.equal([
        409,
        `Execution ${id} is completed: what has ended cannot be changed`,
      ]);
    });
  });

  describe('in bulk', () => {
    it('by id: each is told apart, and what could not be done is named', async () => {
      const mine = await gateway.execute(workflow);
      const over = await gateway.execute(workflow);
      await player.fail(over, { step: 'a' });
      const nobody = 'exec_00000000-0000-7000-8000-000000000000';

      const { status, body } = await call('/executions/bulk', {
        action: 'cancel',
        ids: [mine, mine, over, nobody],
      });

      expect(status).to.equal(200);
      expect(body.value).to.deep.include({ matched: 3, succeeded: 1, created: [], more: false });
      expect(body.list('failed').map((item) => item.value)).to.have.deep.members([
        { execution_id: over, detail: `Execution ${over} is failed already` },
        { execution_id: nobody, detail: `Execution ${nobody} not found` },
      ]);
      expect(await statusOf(mine)).to.equal('cancelled');
    });

    it('by filter: what fits, and not what was told before', async () => {
      const own = await gateway.createWorkflow({ definition: CHAIN });
      const ids = [await gateway.execute(own), await gateway.execute(own)];
      const filter = { workflow: own };

      const dry = await gateway.request('POST', '/executions/bulk?dry_run=true', {
        token: gateway.admin.token,
        json: { action: 'pause', filter },
      });
      const first = await call('/executions/bulk', { action: 'pause', filter });
      const second = await call('/executions/bulk', { action: 'pause', filter });
      const third = await call('/executions/bulk', {
        action: 'cancel',
        filter: { ...filter, status: ['queued'] },
      });

      expect(dry.body.value).to.deep.include({ matched: 2, succeeded: 0, more: false });
      expect(first.body.value).to.deep.include({ matched: 2, succeeded: 2, failed: [] });
      expect(second.body.value).to.deep.include({ matched: 0, succeeded: 0 });
      expect(third.body.value).to.deep.include({ matched: 2, succeeded: 2 });
      for (const id of ids) expect(await statusOf(id)).to.equal('cancelled');
    });

    it('resumes what is paused', async () => {
      const own = await gateway.createWorkflow({ definition: CHAIN });
      const id = await gateway.execute(own);
      await player.play(id, [started, paused()], { status: 'paused' });

      const answer = await call('/executions/bulk', { action: 'resume', filter: { workflow: own } });

      expect(answer.body.value).to.deep.include({ matched: 1, succeeded: 1 });
      expect((await player.signals(id)).map(({ kind }) => kind)).to.deep.equal(['resume']);
    });

    it('reaches nobody else’s executions', async () => {
      const own = await gateway.createWorkflow({ definition: CHAIN, owner: 'user' });
      const mine = await gateway.execute(own);
      const foreign = await gateway.execute(workflow);

      const byId = await call('/executions/bulk', { action: 'cancel', ids: [mine, foreign] }, gateway.user);
      const byOwner = await call(
        '/executions/bulk',
        { action: 'pause', filter: { owner: 'admin' } },
        gateway.user,
      );
      const byTime = await call(
        '/executions/bulk',
        { action: 'cancel', filter: { since: '2000-01-01T00:00:00Z' } },
        gateway.user,
      );
      const byWorkflow = await call(
        '/executions/bulk',
        { action: 'cancel', filter: { workflow } },
        gateway.user,
      );

      expect(byId.body.at('succeeded')).to.equal(1);
      expect(byId.body.list('failed').map((item) => item.at('detail'))).to.deep.equal([
        'Access denied to this execution',
      ]);
      expect(byOwner.body.at('matched')).to.equal(0);
      expect(byTime.body.at('matched')).to.equal(0);
      expect(byWorkflow.status).to.equal(403);
      expect(await statusOf(foreign)).to.equal('queued');
    });

    const hostile: [what: string, json: object][] = [
      ['neither ids nor filter', { action: 'cancel' }],
      [
        'both',
        { action: 'cancel', ids: ['exec_00000000-0000-7000-8000-000000000000'], filter: { owner: 'user' } },
      ],
      ['an empty filter', { action: 'cancel', filter: {} }],
      ['no ids', { action: 'cancel', ids: [] }],
      [
        'too many ids',
        {
          action: 'cancel',
          ids: Array.from(
            { length: 1_001 },
            (_, n) => `exec_00000000-0000-7000-8000-${String(n).padStart(12, '0')}`,
          ),
        },
      ],
      ['ids that are none', { action: 'cancel', ids: ['exec_1'] }],
      ['an unknown action', { action: 'explode', filter: { owner: 'user' } }],
      ['a status the action is not for', { action: 'cancel', filter: { status: ['completed'] } }],
      ['a filter nobody knows', { action: 'cancel', filter: { colour: 'x' } }],
      ['a fingerprint that is none', { action: 'retry', filter: { error_fingerprint: "' OR 1=1 --" } }],
    ];
    for (const [what, json] of hostile) {
      it(`refuses ${what}`, async () => {
        const answer = await call('/executions/bulk', json);

        expect(answer.status, answer.text).to.equal(422);
        expect(answer.body.list('errors')).not.to.deep.equal([]);
      });
    }

    it('survives times before any id', async () => {
      const answer = await call('/executions/bulk', {
        action: 'retry',
        filter: { until: '0001-01-01T00:00:00Z' },
      });

      expect(answer.body.at('matched')).to.equal(0);
    });
  });
});
