import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { openCredentials } from '../credentials.js';

describe('credentials of an installation', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'millrace-credentials-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('are made once, kept for the owner alone and found again', () => {
    const first = openCredentials(folder, {});
    const second = openCredentials(folder, {});

    expect(first.made).to.deep.equal(['JWT_SECRET', 'SECRETS_KEY', 'ADMIN_PASSWORD', 'USER_PASSWORD']);
    expect(Buffer.from(first.secrets.JWT_SECRET, 'base64url')).to.have.length(48);
    expect(Buffer.from(first.secrets.SECRETS_KEY, 'base64url')).to.have.length(32);
    expect(statSync(first.file).mode & 0o777).to.equal(0o600);
    expect(second.made).to.deep.equal([]);
    expect(second.secrets).to.deep.equal(first.secrets);
  });

  it('come from the environment first and are not written then', () => {
    const { secrets, file } = openCredentials(folder, { ADMIN_PASSWORD: 'from outside' });

    expect(secrets.ADMIN_PASSWORD).to.equal('from outside');
    expect(readFileSync(file, 'utf8')).not.to.include('ADMIN_PASSWORD');
  });

  it('keep what the file has when one more is needed', () => {
    writeFileSync(path.join(folder, 'credentials'), 'ADMIN_PASSWORD=kept-one\n');

    const { secrets, made } = openCredentials(folder, {});

    expect(secrets.ADMIN_PASSWORD).to.equal('kept-one');
    expect(made).to.deep.equal(['JWT_SECRET', 'SECRETS_KEY', 'USER_PASSWORD']);
  });
});
