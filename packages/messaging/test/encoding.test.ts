import { expect } from 'chai';
import type { TransientFrame } from '@millrace/contracts';
import { encodeControl, encodeRange, pack, unpack } from '../src/events/encoding.js';
import { fitTransientFrame } from '../src/events/truncate.js';

const frame = (line: string): TransientFrame => ({
  type: 'log',
  execution_id: 'exec_a',
  workflow_id: 'wf_one',
  timestamp: '2026-01-01T00:00:00.000Z',
  data: { step_id: 'step_1', line },
});

describe('payloads', () => {
  it('hold as many items as fit, in order, and none is larger than the limit', () => {
    const items = Array.from({ length: 1_000 }, (_, index) =>
      encodeControl({ workerId: 'worker ☃', executionId: `exec_${String(index)}`, kind: 'signal' }),
    );

    const payloads = pack('control', items, 7_900);

    const decoded = payloads.map(unpack);
    const executions = decoded.flatMap((message) =>
      message?.kind === 'control' ? message.hints.map(({ executionId }) => executionId) : [],
    );
    expect(executions).to.deep.equal(Array.from({ length: 1_000 }, (_, index) => `exec_${String(index)}`));
    for (const payload of payloads) expect(Buffer.byteLength(payload)).to.be.at.most(7_900);
    expect(payloads.length).to.be.lessThan(15);
  });

  it('are none for no items', () => {
    expect(pack('committed', [], 7_900)).to.deep.equal([]);
  });

  for (const text of [
    '',
    'nonsense',
    'null',
    '[]',
    '{}',
    '{"kind":"other","items":[]}',
    '{"kind":"control"}',
  ]) {
    it(`are not what ${JSON.stringify(text)} is`, () => {
      expect(unpack(text)).to.equal(undefined);
    });
  }

  it('lose the items that have a wrong shape, and only those', () => {
    const good = { workflowId: 'wf_one', executionId: 'exec_a', fromSeq: 1, toSeq: 2, terminal: true };
    const items = ['null', '7', '{"workflow_id":"wf_one"}', encodeRange(good, true)];

    const decoded = unpack(`{"kind":"committed","items":[${items.join(',')}]}`);

    expect(decoded).to.deep.equal({ kind: 'committed', ranges: [good] });
  });
});

describe('fitTransientFrame', () => {
  it('leaves alone what fits', () => {
    expect(fitTransientFrame(frame('short'), 1_000)).to.equal(JSON.stringify(frame('short')));
  });

  for (const [what, unit] of [
    ['plain text', 'x'],
    ['wide characters', '☃'],
    ['surrogate pairs', '😀'],
    ['escapes', '\u0000"'],
  ] as const) {
    it(`cuts ${what} as little as it must and says so`, () => {
      const line = unit.repeat(5_000);

      const json = fitTransientFrame(frame(line), 1_000) ?? '';

      const cut: unknown = JSON.parse(json);
      expect(cut).to.have.nested.property('data.truncated', true);
      expect(cut).to.have.nested.property('data.step_id', 'step_1');
      expect(Buffer.byteLength(json)).to.be.within(980, 1_000);
      expect(json).not.to.match(/\\ud[89ab]/);
    });
  }

  it('gives up on a frame that is large without its longest text', () => {
    const wide = frame('short');
    wide.data = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`key_${String(index)}`, 'value']),
    );

    expect(fitTransientFrame(wide, 1_000)).to.equal(undefined);
  });
});
