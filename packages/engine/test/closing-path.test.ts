import { expect } from 'chai';
import { closingPath } from '../src/index.js';
import { edges } from './support/workflows.js';

describe('G5 closingPath', () => {
  const chain = edges('a -> b, b -> c, c -> d, a -> d');

  it('names the shortest cycle that an edge would close', () => {
    expect(closingPath(chain, 'd', 'a')).to.deep.equal(['d', 'a', 'd']);
    expect(closingPath(chain, 'c', 'a')).to.deep.equal(['c', 'a', 'b', 'c']);
  });

  it('finds nothing against an edge along the others, or between strangers', () => {
    expect(closingPath(chain, 'b', 'd')).to.equal(undefined);
    expect(closingPath(chain, 'x', 'a')).to.equal(undefined);
  });

  it('takes an edge to its own source for a cycle (G4)', () => {
    expect(closingPath([], 'a', 'a')).to.deep.equal(['a', 'a']);
  });
});
