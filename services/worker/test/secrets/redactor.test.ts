import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { createRedactor } from '../../src/secrets/redactor.js';

const VALUE = 'pä$$ w/rd+"q"\\&=?1';
const redactor = createRedactor(new Map([['key', VALUE]]));

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const base64url = (text: string): string => Buffer.from(text).toString('base64url');

/** Nothing of a value is left that could be read back out of any run of Base64. */
function expectHidden(text: string): void {
  expect(text).to.include('[secret:key]').and.not.include(VALUE);
  for (const run of text.match(/[A-Za-z0-9+/_-]{4,}/g) ?? []) {
    for (const skip of [0, 1, 2, 3]) {
      expect(Buffer.from(run.slice(skip), 'base64').toString('latin1')).not.to.include('$$');
    }
  }
}

describe('redaction', () => {
  for (const [encoding, text] of [
    ['as it is', `a ${VALUE} b`],
    ['twice', `${VALUE}${VALUE}`],
    ['in JSON', JSON.stringify({ a: VALUE })],
    ['in JSON in JSON', JSON.stringify(JSON.stringify({ a: VALUE }))],
    ['in ASCII JSON', '{"a":"p\\u00e4$$ w/rd+\\"q\\"\\\\&=?1"}'],
    ['in JSON with escaped slashes', 'pä$$ w\\/rd+\\"q\\"\\\\&=?1'],
    ['in an address', `https://x.example/?a=${encodeURIComponent(VALUE)}&b`],
    ['in an address, lower case', encodeURIComponent(VALUE).toLowerCase()],
    ['in a form', new URLSearchParams({ a: VALUE }).toString()],
    ['in hexadecimal', Buffer.from(VALUE).toString('hex')],
    ['in upper hexadecimal', Buffer.from(VALUE).toString('hex').toUpperCase()],
    ['in HTML', '<p>pä$$ w/rd+&quot;q&quot;\\&amp;=?1</p>'],
    ['in Base64', base64(VALUE)],
    ['in Base64 without padding', base64(VALUE).replace(/=+$/, '')],
    ['in Base64 for addresses', base64url(VALUE)],
    ['behind a user of one letter', `Basic ${base64(`u:${VALUE}`)}`],
    ['behind a user of two letters', `Basic ${base64(`us:${VALUE}`)}`],
    ['behind a user of three letters', `Basic ${base64(`use:${VALUE}`)}`],
    ['inside of Base64', base64url(`{"a":"${VALUE}","b":[1,2]}`.replaceAll('"', "'")).replace(/=+$/, '')],
  ] as const) {
    it(`hides a value ${encoding}`, () => {
      if (encoding === 'inside of Base64') {
        const plain = createRedactor(new Map([['key', 'some-$$-value']]));
        for (const before of ['', 'a', 'ab', 'abc']) {
          expectHidden(plain.text(base64(`${before}some-$$-value and more`)));
        }
        return;
      }
      expectHidden(redactor.text(text));
    });
  }

  it('hides random values in Base64 at any offset, and leaves what is around them', () => {
    for (let round = 0; round < 300; round += 1) {
      const value = randomBytes(4 + (round % 40)).toString('latin1');
      const own = createRedactor(new Map([['key', value]]));
      const text = base64(`${'x'.repeat(round % 7)}${value}${'y'.repeat(round % 5)}`);

      const shown = own.text(`before ${text} after`);

      expect(shown, text).to.match(/^before .*\[secret:key\].* after$/);
    }
  });

  it('walks JSON, keys included, and shares what it does not change', () => {
    const same = { list: [1, { deep: 'nothing here' }] };
    const given = { same, [`key ${VALUE}`]: [`x${VALUE}`, null, true, 1.5] };

    const shown = redactor.json(given);

    expect(shown).to.deep.equal({ same, 'key [secret:key]': ['x[secret:key]', null, true, 1.5] });
    expect(shown.same).to.equal(same);
    expect(redactor.json(same)).to.equal(same);
  });

  it('lets others have their turn while it walks through what is large', async () => {
    const rows = Array.from({ length: 50_000 }, (_, n) => ({ n, name: n === 49_999 ? VALUE : `row ${n}` }));
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);

    const shown = await redactor.jsonInTurns(rows);

    clearInterval(timer);
    expect(shown.at(-1)).to.deep.equal({ n: 49_999, name: '[secret:key]' });
    expect(shown[0]).to.equal(rows[0]);
    expect(turns).to.be.greaterThan(0);
  });

  it('hides a value of digits that came back as a number', () => {
    const digits = createRedactor(new Map([['pin', '48151623']]));

    expect(digits.json({ a: 48151623, b: 7, c: '48151623' })).to.deep.equal({
      a: '[secret:pin]',
      b: 7,
      c: '[secret:pin]',
    });
  });

  it('hides what HTTP trims, and single lines of a value of several', () => {
    const pem = '-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n';
    const own = createRedactor(
      new Map([
        ['token', ' abcdefgh \n'],
        ['pem', pem],
      ]),
    );

    expect(own.text('got "abcdefgh"')).to.equal('got "[secret:token]"');
    expect(own.text('line 2: hkiG9w0BAQEFAASC!')).to.equal('line 2: [secret:pem]!');
  });

  it('hides the beginning of a value that a shortened text ends with', () => {
    const own = createRedactor(new Map([['key', 'sk-0123456789abcdef']]));

    expect(own.text('the server said: sk-0123456789a…')).to.equal('the server said: [secret:key]…');
    expect(own.text('the server said: sk-0123456789')).to.equal('the server said: [secret:key]');
    expect(own.text('ask')).to.equal('ask');
  });

  it('hides the longer of two values that begin alike as a whole', () => {
    const own = createRedactor(
      new Map([
        ['a', 'token'],
        ['b', 'token-of-the-other'],
      ]),
    );

    expect(own.text('token-of-the-other token')).to.equal('[secret:b] [secret:a]');
  });

  describe('of text in pieces', () => {
    function streamed(value: string, pieces: readonly string[]): string[] {
      const emitted: string[] = [];
      const stream = createRedactor(new Map([['key', value]])).stream((text) => emitted.push(text));
      for (const piece of pieces) stream.push(piece);
      stream.end();
      return emitted;
    }

    for (const [what, text] of [
      ['as it is', `a token ${VALUE} and more`],
      ['in JSON', `a token ${JSON.stringify(VALUE)} and more`],
      ['in Base64', `a token ${base64(VALUE)} and more`],
    ] as const) {
      it(`finds a value ${what}, wherever it is cut`, () => {
        for (let at = 0; at <= text.length; at += 1) {
          const frames = streamed(VALUE, [text.slice(0, at), text.slice(at)]);
          const shown = frames.join('');
          expect(shown).to.match(/^a token "?\[secret:key\]\S* and more$/);
          expect(frames.every((frame) => !frame.includes('$$'))).to.equal(true);
        }
        expect(streamed(VALUE, text.split('')).join('')).to.match(/^a token "?\[secret:key\]\S* and more$/);
      });
    }

    it('lets go of everything that cannot be a beginning', () => {
      const emitted: string[] = [];
      const stream = createRedactor(new Map([['key', 'abcd1234']])).stream((text) => emitted.push(text));

      stream.push('hello abcd');
      expect(emitted).to.deep.equal(['hello ']);
      stream.push('x');
      expect(emitted).to.deep.equal(['hello ', 'abcdx']);
    });

    it('finds a value that begins within a beginning of itself', () => {
      expect(streamed('abababac', ['ababab', 'ababac']).join('')).to.equal('abab[secret:key]');
    });

    it('tells nothing of a beginning that nothing follows', () => {
      expect(streamed('abcdefgh1234', ['see abcdefgh']).join('')).to.equal('see [secret:key]');
    });
  });
});
