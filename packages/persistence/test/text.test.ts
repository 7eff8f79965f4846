import { expect } from 'chai';
import fc from 'fast-check';
import {
  assertStorable,
  isStorable,
  isStorableJson,
  prefixQuery,
  UnstorableTextError,
} from '../src/repositories/text.js';

describe('prefixQuery', () => {
  it('asks for every word, each as the beginning of one', () => {
    expect(prefixQuery('  Nightly report ')).to.equal(`'Nightly':* & 'report':*`);
  });

  it('takes words apart at everything that is no letter, mark or digit', () => {
    expect(prefixQuery(`ops@example.com/v1.2's e-mail_x`)).to.equal(
      ['ops', 'example', 'com', 'v1', '2', 's', 'e', 'mail', 'x'].map((word) => `'${word}':*`).join(' & '),
    );
  });

  it('keeps other scripts, composed', () => {
    expect(prefixQuery('u\u0308nï 東京')).to.equal(`'ünï':* & '東京':*`);
  });

  it('has nothing to ask without a word', () => {
    for (const text of ['', ' ', '&|!():*<->', `''`, '\0', '\ud800', '🦊']) {
      expect(prefixQuery(text), JSON.stringify(text)).to.equal(undefined);
    }
  });

  it('asks for sixteen words at most', () => {
    expect(prefixQuery('w '.repeat(100))?.split('&')).to.have.length(16);
  });

  it('lets no other character of the text into the query, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const query = prefixQuery(text);
        return query === undefined || /^'[\p{L}\p{N}\p{M}]+':\*( & '[\p{L}\p{N}\p{M}]+':\*)*$/u.test(query);
      }),
    );
  });
});

describe('text bound for the database', () => {
  it('is storable when it holds neither U+0000 nor half of a surrogate pair', () => {
    expect(['', 'plain', 'ünï', '🦊', '\u0001'].map(isStorable)).to.deep.equal([
      true,
      true,
      true,
      true,
      true,
    ]);
    expect(['\0', 'a\0b', '\ud800', '\udc00', '\udc00\ud800'].map(isStorable)).to.deep.equal([
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('is looked through in every key and value of JSON', () => {
    expect(isStorableJson({ a: ['x', { b: null, c: 1 }] })).to.equal(true);
    expect(isStorableJson({ a: ['x', { b: 'a\0' }] })).to.equal(false);
    expect(isStorableJson({ a: [{ '\ud800': 1 }] })).to.equal(false);
    expect(isStorableJson(undefined)).to.equal(true);
  });

  it('is looked through without recursion, however deep', () => {
    let deep: unknown = '\0';
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(isStorableJson(deep)).to.equal(false);
  });

  it('names the first field that cannot be stored', () => {
    expect(() => {
      assertStorable({ name: 'fine', note: null, text: 'a\0', more: '\0' });
    })
      .to.throw(UnstorableTextError)
      .with.property('field', 'text');
  });
});
