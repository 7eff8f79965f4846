import type { JsonObject } from '@millrace/contracts';
import { expect } from 'chai';
import { eventually } from '../../../test/support/poll.js';
import { manual, type RunSetup, setupRun, step } from './support/run.js';

const edge = (source: string, target: string, label?: string): object => ({
  source,
  target,
  ...(label && { label }),
});
const runs: ReturnType<typeof setupRun>[] = [];

function setup(request: RunSetup): ReturnType<typeof setupRun> {
  const made = setupRun(request);
  runs.push(made);
  return made;
}

const approve = (stepId: string, attempt = 1): JsonObject => ({
  ...{ step_id: stepId, attempt },
  outcome: { ok: true, output: { decision: 'approved' }, branch: 'approved' },
});

describe('the run of an execution', () => {
  afterEach(async () => {
    for (const { run, ending } of runs.splice(0)) {
      run.fence();
      await ending;
    }
  });

  describe('what was decided together', () => {
    it('starts nothing more once a step that was settled at once has failed the execution', async () => {
      const { ending, db } = setup({
        nodes: [
          { id: 'a', type: 'condition', data: { config: { expression: 'parameters.missing.field' } } },
          step('b', 'set'),
        ],
      });

      expect(await ending).to.equal('finished');

      expect(db.status).to.equal('failed');
      expect(db.events.at(-1)).to.have.nested.property('data.error.step_id', 'a');
      expect(db.types).to.deep.equal(['resumed', 'step_started', 'step_failed', 'failed']);
    });

    it('starts no loser of a join that a step settled at once has let fire', async () => {
      const { ending, db } = setup({
        nodes: [step('a', 'set'), step('b', 'set'), step('j', 'set', { join: 'any' })],
        edges: [edge('a', 'j'), edge('b', 'j')],
      });

      expect(await ending).to.equal('finished');

      expect(db.status).to.equal('completed');
    });
  });

  describe('waiting', () => {
    it('keeps the slot until what it waits for is known outside', async () => {
      const http = manual();
      const made = setup({
        nodes: [step('ask', 'approval'), step('h', 'http_request')],
        http: { h: http.run },
      });
      const { db } = made;
      const opening = db.hold('openWaits');
      await opening.reached;
      await http.started;
      http.end();
      await eventually(() => expect(db.types).to.include('step_completed'));
      await turns();
      expect(db.status).to.equal('running');

      opening.release();

      expect(await made.ending).to.equal('suspended');
      expect(db.waits.map(({ stepId }) => stepId)).to.deep.equal(['ask']);
    });

    it('records that a child was refused although nothing else is left to do', async () => {
      const http = manual();
      const made = setup({
        nodes: [step('sub', 'sub_workflow', { on_error: 'continue' }), step('h', 'http_request')],
        http: { h: http.run },
      });
      const { db } = made;
      const error = { code: 'child_refused', message: 'no', fault: 'workflow', retryable: false } as const;
      db.startChild = () => ({ ok: false, error });
      const starting = db.hold('startChildren');
      await starting.reached;
      await http.started;
      http.end();
      await turns();

      starting.release();

      expect(await made.ending).to.equal('finished');
      expect(db.status).to.equal('completed');
      expect(db.types).to.include('step_failed');
    });

    it('makes known what began to wait while something else was being made known', async () => {
      const http = manual();
      const made = setup({
        nodes: [step('one', 'approval'), step('h', 'http_request'), step('two', 'approval')],
        edges: [edge('h', 'two')],
        http: { h: http.run },
      });
      const { db } = made;
      const opening = db.hold('openWaits');
      await opening.reached;
      http.end();
      await turns();
      opening.release();

      expect(await made.ending).to.equal('suspended');
      expect(db.waits.map(({ stepId }) => stepId)).to.deep.equal(['one', 'two']);
    });

    it('goes on where a child ended before its start was noticed', async () => {
      const made = setup({
        nodes: [step('sub', 'sub_workflow'), step('z', 'set')],
        edges: [edge('sub', 'z')],
      });
      const { db } = made;
      const starting = db.hold('startChildren');
      await starting.reached;
      made.send('child', { step_id: 'sub', attempt: 1, slot: 0, outcome: { ok: true, output: 5 } });
      await turns();
      starting.release();

      expect(await made.ending).to.equal('finished');
      expect(db.status).to.equal('completed');
    });

    it('ends with the error of what could not be made known', async () => {
      const made = setup({ nodes: [step('ask', 'approval')] });
      made.db.door.openWaits = () => Promise.reject(new Error('a text that the database refuses'));

      expect(await made.ending).to.equal('finished');
      expect(made.db.status).to.equal('failed');
    });
  });

  describe('appends', () => {
    it('are one at a time, also when it ends while something is being made known', async () => {
      const http = manual();
      const made = setup({
        nodes: [step('ask', 'approval'), step('h', 'http_request')],
        http: { h: http.run },
      });
      const { db } = made;
      await http.started;
      const opening = db.hold('openWaits');
      await opening.reached;
      const appending = db.hold('append');
      made.send('cancel', { by: 'ada' });
      await appending.reached;
      opening.release();
      await turns();
      appending.release();

      expect(await made.ending).to.equal('finished');
      expect(db.status).to.equal('cancelled');
      expect(db.overlaps).to.equal(0);
    });

    it('are one at a time, also when the end is appended before a wait was made known', async () => {
      const made = setup({ nodes: [step('ask', 'approval'), step('z', 'set')] });
      const { db } = made;
      const first = db.hold('append');
      await first.reached;
      made.send('cancel', { by: 'ada' });
      await turns();
      first.release();

      expect(await made.ending).to.equal('finished');
      expect(db.status).to.equal('cancelled');
      expect(db.overlaps).to.equal(0);
    });
  });

  describe('a pause', () => {
    it('waits for what runs, and takes answers meanwhile', async () => {
      const http = manual();
      const made = setup({
        nodes: [step('ask', 'approval'), step('h', 'http_request'), step('z', 'http_request')],
        edges: [edge('ask', 'z', 'approved')],
        http: { h: http.run },
      });
      const { db } = made;
      await http.started;
      made.send('pause', { by: 'ada' });
      made.send('approval', approve('ask'));
      await eventually(() => expect(db.types).to.include('step_completed'));
      http.end();

      expect(await made.ending).to.equal('suspended');
      expect(db.status).to.equal('paused');
      expect(db.types.filter((type) => type === 'step_started')).to.have.length(2);
      expect(db.inboxRead).to.equal(2);
    });

    it('is read again after a crash that came before it was an event, with all that followed it', async () => {
      const http = manual();
      const made = setup({
        nodes: [step('ask', 'approval'), step('h', 'http_request')],
        http: { h: http.run },
      });
      const { db } = made;
      await http.started;
      made.send('pause', { by: 'ada' });
      made.send('approval', approve('ask'));
      await eventually(() => expect(db.types).to.include('step_completed'));

      expect(db.inboxRead).to.equal(0);
    });

    it('is taken back by a resume, and asked for again by the next pause', async () => {
      const http = manual();
      const made = setup({
        nodes: [step('h', 'http_request'), step('z', 'set')],
        edges: [edge('h', 'z')],
        http: { h: http.run },
      });
      const { db } = made;
      await http.started;
      made.send('pause', { by: 'ada' });
      made.send('resume', { by: 'ada' });
      await turns();
      made.send('pause', { by: 'bea' });
      await turns();
      http.end();

      expect(await made.ending).to.equal('suspended');
      expect(db.events.at(-1)).to.deep.include({ type: 'paused', data: { by: 'bea' } });
      expect(db.types).not.to.include('completed');
    });

    it('does not outlast the limit of the execution', async () => {
      const http = manual();
      const made = setup({
        nodes: [step('h', 'http_request')],
        more: { timeout_seconds: 0.3 },
        http: { h: http.run },
      });
      await http.started;
      made.send('pause', { by: 'ada' });

      expect(await made.ending).to.equal('finished');
      expect(made.db.status).to.equal('timed_out');
    });
  });

  it('gives an execution back with its pause unread by the log, so that whoever takes it pauses it', async () => {
    const http = manual();
    const made = setup({
      nodes: [step('h', 'http_request'), step('z', 'set')],
      edges: [edge('h', 'z')],
      http: { h: http.run },
    });
    await http.started;
    made.send('pause', { by: 'ada' });
    await turns();
    made.run.release();
    http.end();

    expect(await made.ending).to.equal('released');
    expect(made.db.inboxRead).to.equal(0);
    expect(made.db.types).not.to.include('paused');
  });

  it('counts what answers bring against the limit of the log', async () => {
    const made = setup({
      nodes: [step('ask', 'approval'), step('h', 'http_request')],
      edges: [edge('ask', 'h', 'approved')],
      options: { limits: { maxEvents: 1_000, maxLogBytes: 100, snapshotEvery: 1_000 } },
    });
    const opening = made.db.hold('openWaits');
    await opening.reached;
    made.send('approval', {
      ...{ step_id: 'ask', attempt: 1 },
      outcome: { ok: true, output: 'x'.repeat(200), branch: 'approved' },
    });
    opening.release();

    expect(await made.ending).to.equal('finished');
    expect(made.db.events.at(-1)).to.have.nested.property('data.error.code', 'log_too_large');
  });

  it('does not mind a message that cannot be read', async () => {
    const made = setup({ nodes: [step('ask', 'approval'), step('z', 'set')], edges: [edge('ask', 'z')] });
    const opening = made.db.hold('openWaits');
    await opening.reached;
    opening.release();
    made.send('approval', { nonsense: true });
    made.send('approval', approve('ask'));

    expect(await made.ending).to.equal('finished');
    expect(made.db.status).to.equal('completed');
  });
});

/** Lets everything that is ready to run do so. */
async function turns(): Promise<void> {
  for (let left = 20; left > 0; left -= 1) await new Promise(setImmediate);
}
