import { expect } from 'chai';
import { seededRandom } from '../src/expressions/random.js';
import { Attempt } from '../src/run/attempt.js';
import { idempotencyKey } from '../src/run/step-context.js';
import { claimOf } from './support/claim.js';
import { delayStep } from '../src/steps/delay.js';
import type { StepContext } from '../src/steps/types.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');

describe('seeded random numbers', () => {
  it('repeat for the same seed, differ for another, and lie between 0 and 1', () => {
    const draw = (seed: number): number[] => Array.from({ length: 100 }, seededRandom(seed));

    expect(draw(0.3)).to.deep.equal(draw(0.3));
    expect(draw(0.3)).to.not.deep.equal(draw(0.4));
    for (const value of draw(0.9)) expect(value).to.be.within(0, 1 - Number.EPSILON);
  });

  it('have one seed for all attempts of a step of an execution', () => {
    const [a, b] = claimOf(['a', 'b']).state.root.steps;
    if (a === undefined || b === undefined) throw new Error('no steps');
    const { seed } = new Attempt('e', a, 1, NOW);

    expect(new Attempt('e', a, 2, NOW + 1).seed).to.equal(seed);
    expect(new Attempt('e', b, 1, NOW).seed).to.not.equal(seed);
    expect(new Attempt('f', a, 1, NOW).seed).to.not.equal(seed);
    expect(seed).to.be.within(0, 1);
  });
});

describe('the idempotency key', () => {
  it('is of the root execution, the step and the iteration', () => {
    const [pay] = claimOf(['pay']).state.root.steps;
    if (pay === undefined) throw new Error('no step');
    const inBody = { ...pay, frame: { ...pay.frame, iteration: '3.1' } };

    expect(idempotencyKey('0190', pay)).to.equal('exec_0190/pay/0');
    expect(idempotencyKey('0190', inBody)).to.equal('exec_0190/pay/3.1');
  });
});

describe('delay', () => {
  const dueAt = (config: StepContext['config']) => delayStep.dueAt({ config, now: NOW });

  it('is due after seconds, also written as text', () => {
    expect(dueAt({ seconds: 1.5 })).to.deep.equal({ ok: true, value: NOW + 1_500 });
    expect(dueAt({ seconds: '60' })).to.deep.equal({ ok: true, value: NOW + 60_000 });
    expect(dueAt({ seconds: 0 })).to.deep.equal({ ok: true, value: NOW });
  });

  it('is due at a moment, also a past one', () => {
    const until = '2026-02-01T00:00:00Z';

    expect(dueAt({ until })).to.deep.equal({ ok: true, value: Date.parse(until) });
  });

  for (const config of [
    { seconds: -1 },
    { seconds: 'soon' },
    { seconds: '' },
    { seconds: null },
    { seconds: 400 * 86_400 },
    { until: 'tomorrow' },
    { until: '2030-01-01T00:00:00Z' },
    {},
  ]) {
    it(`refuses ${JSON.stringify(config)}`, () => {
      const due = dueAt(config);

      expect(due.ok ? undefined : due.error.code).to.equal('delay_invalid');
    });
  }
});
