import { expect } from 'chai';
import { problem } from './support/platform.js';
import { setup, type Bundle } from './support/setup.js';

const SECRET = {
  name: 'billing',
  description: 'Billing API',
  owner: 'admin',
  version: 2,
  created_at: '2026-01-01T00:00:00.000Z',
  created_by: 'admin',
  updated_at: '2026-01-02T00:00:00.123Z',
  updated_by: 'ada',
  last_used_at: null,
};

describe('millrace secrets', () => {
  let bundle: Bundle;
  beforeEach(async () => {
    bundle = await setup();
  });
  afterEach(() => bundle.stop());

  it('lists names and times', async () => {
    const { platform, millrace } = bundle;
    platform.routes['GET /secrets'] = () => ({ status: 200, body: [SECRET] });

    const people = await millrace(['secrets', 'list']);
    const scripts = await millrace(['secrets', 'list', '--json', '--owner', 'ada']);

    expect(people.stdout.split('\n').map((line) => line.trim().split(/ {2,}/))).to.deep.equal([
      ['SECRET', 'VERSION', 'UPDATED', 'LAST USED', 'DESCRIPTION'],
      ['billing', '2', '2026-01-02T00:00:00Z by ada', '-', 'Billing API'],
      [''],
    ]);
    expect(JSON.parse(scripts.stdout)).to.deep.equal(SECRET);
    expect(platform.seen.at(-1)?.query.get('owner')).to.equal('ada');
  });

  it('sets what is piped in, without the newline at its end', async () => {
    const { platform, millrace } = bundle;
    platform.routes['PUT /secrets/billing'] = () => ({ status: 201, body: { ...SECRET, version: 1 } });

    const ran = await millrace(['secrets', 'set', 'billing', '--description', 'Billing API'], {
      input: 'line one\nline two\n',
    });

    expect(ran).to.deep.equal({ code: 0, stdout: 'created  billing  version 1\n', stderr: '' });
    expect(platform.seen.at(-1)?.body).to.deep.equal({
      value: 'line one\nline two',
      description: 'Billing API',
    });
  });

  it('takes no value as an argument, and none that is empty', async () => {
    const { platform, millrace } = bundle;

    const argument = await millrace(['secrets', 'set', 'billing', 'the-value']);
    const empty = await millrace(['secrets', 'set', 'billing'], { input: '\n' });

    expect([argument.code, empty.code]).to.deep.equal([1, 1]);
    expect(empty.stderr).to.include('The value is empty');
    expect(platform.seen).to.deep.equal([]);
  });

  it('deletes, and says why it could not', async () => {
    const { platform, millrace } = bundle;
    platform.routes['DELETE /secrets/a'] = () => ({ status: 204 });
    platform.routes['DELETE /secrets/b'] = () => problem(403, 'forbidden', 'Not yours');

    const ran = await millrace(['secrets', 'delete', 'a', 'b']);

    expect(ran.stdout).to.equal('deleted  a\n');
    expect(ran.stderr).to.include('Not yours');
    expect(ran.code).to.equal(1);
  });
});
