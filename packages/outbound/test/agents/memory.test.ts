import { expect } from 'chai';
import { recall } from '../../src/index.js';
import { remember } from '../../src/agents/memory.js';

const said = (key: string, position: number, text: string) => ({
  output: { conversation: remember(key, position, text, { text }) },
});

describe('memory of agents', () => {
  it('orders the turns of a key by position, then by step, and keeps the last ones', () => {
    const steps = {
      z: said('talk', 1, 'first'),
      b: said('talk', 2, 'second b'),
      a: said('talk', 2, 'second a'),
      other: said('elsewhere', 9, 'not this'),
      c: said('talk', 3, 'third'),
    };

    const all = recall(steps, { key: 'talk' });
    const last = recall(steps, { key: 'talk', max_turns: 2 });

    expect(all.history.map(({ user }) => user)).to.deep.equal(['first', 'second a', 'second b', 'third']);
    expect(last.history.map(({ user }) => user)).to.deep.equal(['second b', 'third']);
    expect([all.position, last.position]).to.deep.equal([4, 4]);
  });

  it('begins where nobody spoke, and ignores what only looks like a conversation', () => {
    const steps = {
      a: { output: null },
      b: { output: { conversation: 'talk' } },
      c: { output: { conversation: { key: 'talk', position: 'first', turn: {} } } },
      d: {},
    };
    expect(recall(steps, { key: 'talk' })).to.deep.equal({ history: [], position: 1 });
  });

  it('keeps turns short', () => {
    const { turn } = remember('k', 1, 'u'.repeat(50_000), { text: 'a'.repeat(50_000) });
    expect([turn.user.length, turn.assistant.length]).to.deep.equal([8_000, 16_000]);
  });
});
