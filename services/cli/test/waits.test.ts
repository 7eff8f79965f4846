import { expect } from 'chai';
import { EXECUTION } from './support/platform.js';
import { setup, type Bundle } from './support/setup.js';

const APPROVAL = 'appr_01936d5e-8f00-7abc-8def-0123456789ab';

function approval(changes: object = {}): object {
  return {
    ...{
      approval_id: APPROVAL,
      kind: 'approval',
      status: 'open',
      workflow_id: 'hello',
      workflow_name: 'Hello',
    },
    ...{ execution_id: EXECUTION, step_id: 'ask', iteration: '3', attempt: 1, message: 'Ship it?' },
    ...{ owner: 'ann', submitted_by: 'ann', approvers: [], required: 2, exclude_submitter: false },
    ...{ default_outcome: null, requested_at: '2026-11-01T12:00:00.000Z', deadline: null },
    ...{ decisions: [], decided_at: null, may_decide: true },
    ...changes,
  };
}

describe('millrace answers what waits', () => {
  let bundle: Bundle;
  beforeEach(async () => {
    bundle = await setup();
  });
  afterEach(() => bundle.stop());

  it('lists open approvals', async () => {
    const { platform, millrace } = bundle;
    platform.routes['GET /approvals'] = () => ({ status: 200, body: [approval({ may_decide: false })] });

    const ran = await millrace(['approvals', 'list', '--workflow', 'hello']);

    expect(ran.code).to.equal(0);
    expect(ran.stdout).to.match(/appr_\S+ +Hello +ask\[3\] +open 0\/2 \(not yours to decide\) .*Ship it\?/);
    expect(Object.fromEntries(platform.seen.at(-1)?.query ?? [])).to.deep.equal({
      workflow: 'hello',
      status: 'open',
      limit: '50',
    });
  });

  it('decides, and tells how many are still wanted', async () => {
    const { platform, millrace } = bundle;
    const decisions = [{ by: 'ann', decision: 'approve', comment: null, at: '2026-11-01T12:00:01.000Z' }];
    platform.routes[`POST /approvals/${APPROVAL}/decide`] = () => ({
      status: 200,
      body: approval({ decisions }),
    });

    const ran = await millrace([
      ...['approvals', 'decide', APPROVAL, 'approve'],
      ...['--comment', 'fine', '--output', '{"n": 1}'],
    ]);

    expect(ran).to.deep.include({ code: 0, stdout: `open  ${APPROVAL}  1 of 2 approvals are there\n` });
    expect(platform.seen.at(-1)?.body).to.deep.equal({
      decision: 'approve',
      comment: 'fine',
      output: { n: 1 },
    });
  });

  it('knows what a decision is', async () => {
    const ran = await bundle.millrace(['approvals', 'decide', APPROVAL, 'maybe']);

    expect(ran.code).to.equal(1);
    expect(ran.stderr).to.include('it is one of approve, reject, retry, fail, succeed');
  });

  it('sends an event under an id of its own', async () => {
    const { platform, millrace } = bundle;
    platform.routes['POST /events'] = () => ({
      status: 202,
      body: { event_id: 'evt_1', delivered: 0, kept: true },
    });

    const ran = await millrace(['send-event', 'paid', '--key', 'o-1', '--payload', '{"n":1}', '--ttl', '60']);

    expect(ran.stdout).to.equal('kept  evt_1  nobody waits for it yet\n');
    const { id, ...sent } = platform.seen.at(-1)?.body as Record<string, unknown>;
    expect(id).to.be.a('string');
    expect(sent).to.deep.equal({ name: 'paid', key: 'o-1', payload: { n: 1 }, ttl_seconds: 60 });
  });
});
