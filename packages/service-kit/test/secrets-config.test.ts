import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { ConfigError, loadConfig, secretsConfig } from '../src/index.js';

const key = randomBytes(32);
const place = ['test', 'row'] as const;

function load(env: Record<string, string>) {
  return loadConfig({ secrets: secretsConfig }, env).secrets.keyring;
}

function refusal(env: Record<string, string>): string {
  try {
    load(env);
    return 'accepted';
  } catch (error) {
    return error instanceof ConfigError ? error.message : String(error);
  }
}

describe('the key of secrets', () => {
  it('is read as hexadecimal and as Base64 of either alphabet', () => {
    const ids = [
      key.toString('hex'),
      key.toString('hex').toUpperCase(),
      key.toString('base64'),
      key.toString('base64url'),
    ].map((text) => load({ SECRETS_KEY: text })?.currentKeyId);

    expect(new Set(ids).size).to.equal(1);
  });

  it('may be missing, and then there is no keyring; in production it may not', () => {
    expect(load({})).to.equal(undefined);
    expect(load({ SECRETS_KEY: '' })).to.equal(undefined);
    expect(refusal({ NODE_ENV: 'production' })).to.include('SECRETS_KEY is missing');
  });

  it('opens what previous keys have sealed', () => {
    const old = load({ SECRETS_KEY: key.toString('base64') });
    const sealed = old?.seal('a value', place);
    const previous = `${randomBytes(32).toString('hex')}, ${key.toString('hex')}`;
    const ring = load({ SECRETS_KEY: randomBytes(32).toString('hex'), SECRETS_PREVIOUS_KEYS: previous });

    expect(sealed && ring?.open(sealed, place)).to.deep.equal({ ok: true, text: 'a value' });
  });

  for (const [what, text] of [
    ['too short', randomBytes(31).toString('base64')],
    ['too long', randomBytes(33).toString('hex')],
    ['no encoding of anything', 'correct horse battery staple and more, 32'],
  ] as const) {
    it(`is refused when it is ${what}, without being shown`, () => {
      const message = refusal({ SECRETS_KEY: text });

      expect(message).to.include('SECRETS_KEY must be 32 random bytes').and.not.include(text);
      expect(refusal({ SECRETS_KEY: key.toString('hex'), SECRETS_PREVIOUS_KEYS: text })).to.include(
        'SECRETS_PREVIOUS_KEYS must be',
      );
    });
  }

  for (const [what, weak] of [
    ['zeros', Buffer.alloc(32)],
    ['a sentence', Buffer.from('this is a sentence of 32 letters')],
    ['a pattern', Buffer.from('0123456789abcdef'.repeat(4), 'hex')],
  ] as const) {
    it(`is refused in production when it is ${what}; as a previous key it still opens`, () => {
      const text = weak.toString('hex');

      expect(refusal({ NODE_ENV: 'production', SECRETS_KEY: text })).to.include('32 random bytes');
      expect(load({ SECRETS_KEY: text })).not.to.equal(undefined);
      const env = { NODE_ENV: 'production', SECRETS_KEY: key.toString('hex'), SECRETS_PREVIOUS_KEYS: text };
      expect(load(env)).not.to.equal(undefined);
    });
  }

  it('is needed beside previous ones', () => {
    expect(refusal({ SECRETS_PREVIOUS_KEYS: key.toString('hex') })).to.include('SECRETS_KEY is missing');
  });
});
