import { expect } from 'chai';
import { EXECUTION, execution, problem } from './support/platform.js';
import { setup, type Bundle } from './support/setup.js';

const RETRY = 'exec_01936d5e-8f00-7abc-8def-0123456789ff';
const FINGERPRINT = '5f2b0c6a9d3e4f718c0a1b2d3e4f5a6b';

describe('millrace steers and repeats', () => {
  let bundle: Bundle;
  beforeEach(async () => {
    bundle = await setup();
  });
  afterEach(() => bundle.stop());

  const made = (reused: string[]) => ({
    status: 202,
    body: {
      ...{ execution_id: RETRY, workflow_id: 'hello', status: 'queued', message: '', websocket_url: '' },
      ...{ created_at: '2026-11-01T12:00:01.000Z', retry_of: EXECUTION, reused_steps: reused },
    },
  });

  it('pause and resume tell what came of it', async () => {
    const { platform, millrace } = bundle;
    platform.routes[`POST /executions/${EXECUTION}/pause`] = () => ({
      status: 200,
      body: execution('paused'),
    });
    platform.routes[`POST /executions/${EXECUTION}/resume`] = () => ({
      status: 202,
      body: execution('paused'),
    });

    const paused = await millrace(['pause', EXECUTION]);
    const resumed = await millrace(['resume', EXECUTION]);

    expect(paused).to.deep.include({ code: 0, stdout: `paused  ${EXECUTION}\n` });
    expect(resumed.stdout).to.equal(
      `paused  ${EXECUTION}  the request is recorded; its worker has not obeyed yet\n`,
    );
  });

  it('refusals are told in their own words', async () => {
    const { platform, millrace } = bundle;
    platform.routes[`POST /executions/${EXECUTION}/pause`] = () =>
      problem(409, 'conflict', 'It is completed');

    const ran = await millrace(['pause', EXECUTION]);

    expect(ran.code).to.equal(1);
    expect(ran.stderr).to.include('error: It is completed');
  });

  it('skip sends the output as JSON or text', async () => {
    const { platform, millrace } = bundle;
    platform.routes[`POST /executions/${EXECUTION}/steps/b/skip`] = () => ({
      status: 202,
      body: execution('running'),
    });

    await millrace(['skip', EXECUTION, 'b', '--output', '{"n":1}', '--iteration', '3']);
    const plain = await millrace(['skip', EXECUTION, 'b', '--output', 'text']);

    expect(platform.seen.map(({ body }) => body)).to.deep.equal([
      { output: { n: 1 }, iteration: '3' },
      { output: 'text' },
    ]);
    expect(plain.stdout).to.equal(`running  ${EXECUTION}  step b will be skipped\n`);
  });

  it('retry prints the new id and says what is kept', async () => {
    const { platform, millrace } = bundle;
    platform.routes[`POST /executions/${EXECUTION}/retry`] = () => made(['a']);

    const ran = await millrace([
      'retry',
      EXECUTION,
      '--latest',
      '-i',
      'b={"x":1}',
      '-P',
      '{"n":1}',
      '-p',
      'm=two',
    ]);

    expect(ran.stdout).to.equal(`${RETRY}\n`);
    expect(ran.stderr).to.include('1 step keeps its output');
    expect(platform.seen.at(-1)?.body).to.deep.equal({
      ...{ version: 'latest', parameters: { n: 1, m: 'two' }, inputs: { b: { x: 1 } } },
    });
    expect(platform.seen.at(-1)?.headers['idempotency-key']).to.match(/^[0-9a-f-]{36}$/);
  });

  it('rerun begins where it is told to', async () => {
    const { platform, millrace } = bundle;
    platform.routes[`POST /executions/${EXECUTION}/rerun`] = () => made([]);

    const ran = await millrace(['rerun', EXECUTION, '--from', 'b', '--json']);

    expect(JSON.parse(ran.stdout)).to.include({ execution_id: RETRY });
    expect(platform.seen.at(-1)?.body).to.deep.equal({ version: 'same', from_step: 'b' });
  });

  it('rerun runs to the step it is told, or to the end', async () => {
    const { platform, millrace } = bundle;
    platform.routes[`POST /executions/${EXECUTION}/rerun`] = () => made([]);

    await millrace(['rerun', EXECUTION, '--until', 'b']);
    await millrace(['rerun', EXECUTION, '--from', 'c', '--to-end']);
    const both = await millrace(['rerun', EXECUTION, '--until', 'b', '--to-end']);

    expect(platform.seen.map(({ body }) => body)).to.deep.equal([
      { version: 'same', until_step: 'b' },
      { version: 'same', until_step: null, from_step: 'c' },
    ]);
    expect(both.code).to.equal(1);
    expect(both.stderr).to.include('exclude each other');
  });

  it('retry refuses a single parameter, because all are replaced', async () => {
    const ran = await bundle.millrace(['retry', EXECUTION, '-p', 'a=1']);

    expect(ran.code).to.equal(1);
    expect(ran.stderr).to.include('--param is laid over --params');
    expect(bundle.platform.seen).to.deep.equal([]);
  });

  describe('dead-letters', () => {
    const group = {
      ...{ fingerprint: FINGERPRINT, workflow_id: 'hello', code: 'boom', step_id: 'a', message: 'it broke' },
      ...{
        count: 3,
        first_seen: '2026-11-01T12:00:00.000Z',
        last_seen: '2026-11-02T12:00:00.000Z',
        executions: [],
      },
    };
    const bulk = (succeeded: number, more: boolean, failed: object[] = []) => ({
      status: 200,
      body: { matched: succeeded + failed.length, succeeded, failed, created: [], more },
    });

    it('are listed', async () => {
      const { platform, millrace } = bundle;
      platform.routes['GET /dead-letters'] = () => ({ status: 200, body: [group] });

      const ran = await millrace(['dead-letters', '--workflow', 'hello', '--since', '2026-11-01']);

      expect(ran.stdout.split('\n')[1]).to.match(
        /^5f2b0c6a\w+ +3 +hello +a +boom +2026-11-02T12:00:00Z +it broke$/,
      );
      expect(platform.seen.at(-1)?.query.get('since')).to.equal('2026-11-01T00:00:00.000Z');
    });

    it('are redriven until there are no more', async () => {
      const { platform, millrace } = bundle;
      const answers = [
        bulk(1_000, true),
        bulk(4, false, [{ execution_id: EXECUTION, detail: 'Access denied' }]),
      ];
      platform.routes[`POST /dead-letters/${FINGERPRINT}/redrive`] = () => answers.shift() ?? bulk(0, false);

      const ran = await millrace(['dead-letters', 'redrive', FINGERPRINT, '--latest']);

      expect(ran.code).to.equal(1);
      expect(ran.stdout).to.equal('redriven  1004 of 1005\n');
      expect(ran.stderr).to.include(`${EXECUTION}: Access denied`);
      expect(platform.seen.map(({ body }) => body)).to.deep.equal([
        { version: 'latest', limit: 1_000 },
        { version: 'latest', limit: 1_000 },
      ]);
    });

    it('are redriven no further than told, nor for ever', async () => {
      const { platform, millrace } = bundle;
      platform.routes[`POST /dead-letters/${FINGERPRINT}/redrive`] = () =>
        bulk(0, true, [{ execution_id: EXECUTION, detail: 'no' }]);

      const ran = await millrace(['dead-letters', 'redrive', FINGERPRINT, '-n', '7']);

      expect(platform.seen.map(({ body }) => body)).to.deep.equal([{ version: 'same', limit: 7 }]);
      expect(ran.stdout).to.equal('redriven  0 of 1, there are more\n');
    });

    it('are discarded', async () => {
      const { platform, millrace } = bundle;
      platform.routes[`POST /dead-letters/${FINGERPRINT}/discard`] = () => ({
        status: 200,
        body: { discarded: 3 },
      });

      expect((await millrace(['dead-letters', 'discard', FINGERPRINT])).stdout).to.equal('discarded  3\n');
    });

    it('need a fingerprint and a known action', async () => {
      expect((await bundle.millrace(['dead-letters', 'redrive'])).stderr).to.include('Which ones?');
      expect((await bundle.millrace(['dead-letters', 'burn'])).stderr).to.include('list, redrive, discard');
    });
  });
});
