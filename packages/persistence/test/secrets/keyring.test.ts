import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { createKeyring, type Keyring, type Place, type Sealed } from '../../src/index.js';

const PLACE: Place = ['secret', 'row-1', 'owner-1', 'token'];

function setup(): { ring: Keyring; key: Buffer; sealed: Sealed } {
  const key = randomBytes(32);
  const ring = createKeyring({ key });
  return { ring, key, sealed: ring.seal('s3cret välue', PLACE) };
}

const flip = (bytes: Buffer, at = 0): Buffer => {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
};

describe('the keyring', () => {
  it('opens what it sealed, where it was sealed for', () => {
    const { ring, sealed } = setup();

    expect(ring.open(sealed, PLACE)).to.deep.equal({ ok: true, text: 's3cret välue' });
  });

  it('hides the text, and never the same way twice', () => {
    const { ring, sealed } = setup();
    const again = ring.seal('s3cret välue', PLACE);

    expect(sealed.ciphertext.includes('s3cret')).to.equal(false);
    expect(again.nonce.equals(sealed.nonce)).to.equal(false);
    expect(again.ciphertext.equals(sealed.ciphertext)).to.equal(false);
  });

  for (const part of ['ciphertext', 'nonce', 'tag'] as const) {
    it(`notices a changed ${part}`, () => {
      const { ring, sealed } = setup();

      const opened = ring.open({ ...sealed, [part]: flip(sealed[part]) }, PLACE);

      expect(opened).to.deep.equal({ ok: false, reason: 'damaged' });
    });
  }

  it('refuses a shortened tag', () => {
    const { ring, sealed } = setup();

    expect(ring.open({ ...sealed, tag: sealed.tag.subarray(0, 4) }, PLACE).ok).to.equal(false);
  });

  for (const [what, place] of [
    ['another row', ['secret', 'row-2', 'owner-1', 'token']],
    ['another owner', ['secret', 'row-1', 'owner-2', 'token']],
    ['another name', ['secret', 'row-1', 'owner-1', 'tokens']],
    ['another purpose', ['webhook', 'row-1', 'owner-1', 'token']],
    ['the same letters divided otherwise', ['secret', 'row-1owner-1', '', 'token']],
  ] as const) {
    it(`does not open in ${what}`, () => {
      const { ring, sealed } = setup();

      expect(ring.open(sealed, place)).to.deep.equal({ ok: false, reason: 'damaged' });
    });
  }

  it('opens with previous keys, seals with the newest, and says which key a text needs', () => {
    const { key, sealed, ring: old } = setup();
    const ring = createKeyring({ key: randomBytes(32), previousKeys: [key] });
    const fresh = ring.seal('new', PLACE);

    expect(ring.open(sealed, PLACE)).to.deep.equal({ ok: true, text: 's3cret välue' });
    expect(fresh.keyId).to.equal(ring.currentKeyId).and.not.equal(old.currentKeyId);
    expect(old.open(fresh, PLACE)).to.deep.equal({ ok: false, reason: 'unknown_key' });
  });

  it('is not fooled by a key id that is not the one it was sealed with', () => {
    const { key, sealed } = setup();
    const ring = createKeyring({ key: randomBytes(32), previousKeys: [key] });

    expect(ring.open({ ...sealed, keyId: ring.currentKeyId }, PLACE)).to.deep.equal({
      ok: false,
      reason: 'damaged',
    });
  });

  it('has keys of 32 bytes', () => {
    expect(() => createKeyring({ key: randomBytes(16) })).to.throw(RangeError);
  });
});
