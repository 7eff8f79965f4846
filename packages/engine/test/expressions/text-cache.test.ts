import { expect } from 'chai';
import { TextCache } from '../../src/expressions/text-cache.js';

describe('TextCache', () => {
  it('E9 keeps what was used last, up to so many characters', () => {
    const cache = new TextCache<number>(10);
    const made: string[] = [];
    const get = (text: string): number => cache.getOrMake(text, () => made.push(text));
    for (const text of ['aaaaa', 'bbbbb', 'aaaaa', 'ccccc', 'aaaaa', 'bbbbb']) get(text);
    expect(made).to.deep.equal(['aaaaa', 'bbbbb', 'ccccc', 'bbbbb']);
  });

  it('E9 does not keep a text longer than all', () => {
    const cache = new TextCache<number>(3);
    const make = (): number => 1;
    expect([cache.getOrMake('long text', make), cache.getOrMake('long text', make)]).to.deep.equal([1, 1]);
  });
});
