import { expect } from 'chai';
import { placeholderFor, Placeholders } from '../../src/secrets/placeholders.js';

describe('placeholders', () => {
  it('are found and replaced at any depth, keys included', () => {
    const placeholders = new Placeholders();
    const of = (name: string): string => placeholderFor(placeholders.nonce, name);
    const value = { a: [`Bearer ${of('one')}`, { [of('two.x-y')]: `${of('one')}${of('one')}` }], b: 1 };

    expect(placeholders.namesIn(value)).to.have.members(['one', 'two.x-y']);
    expect(placeholders.hide(value)).to.deep.equal({
      a: ['Bearer [secret:one]', { '[secret:two.x-y]': '[secret:one][secret:one]' }],
      b: 1,
    });
    expect(placeholders.replace(value, (name) => `<${name}>`)).to.deep.equal({
      a: ['Bearer <one>', { '<two.x-y>': '<one><one>' }],
      b: 1,
    });
  });

  it('of another attempt mean nothing', () => {
    const [mine, other] = [new Placeholders(), new Placeholders()];
    const forged = `${placeholderFor(other.nonce, 'one')} ${placeholderFor('', 'one')} [secret:one]`;

    expect(mine.nonce).not.to.equal(other.nonce);
    expect(mine.namesIn(forged)).to.deep.equal([]);
    expect(mine.replace(forged, () => 'revealed')).to.equal(forged);
  });

  it('are none before an expression asked for one', () => {
    const placeholders = new Placeholders();
    const value = { a: 'secret_' };

    expect(placeholders.namesIn(value)).to.deep.equal([]);
    expect(placeholders.hide(value)).to.equal(value);
  });

  it('put values in as they are, without patterns of replacement', () => {
    const placeholders = new Placeholders();
    const text = placeholderFor(placeholders.nonce, 'a');

    expect(placeholders.replace(text, () => '$& $1 $$')).to.equal('$& $1 $$');
  });
});
