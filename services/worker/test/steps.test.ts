import { expect } from 'chai';
import type { GuardedHttp, HttpOutcome, HttpRequestSpec } from '@millrace/outbound';
import { seededRandom } from '../src/expressions/random.js';
import { Attempt, idempotencyKey } from '../src/run/attempt.js';
import { claimOf, planOf } from './support/claim.js';
import { delayStep } from '../src/steps/delay.js';
import { createHttpRequestStep } from '../src/steps/http-request.js';
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
    const [a, b] = planOf(['a', 'b']).steps;
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
    expect(idempotencyKey('0190', 'pay')).to.equal('exec_0190/pay/0');
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

describe('http_request', () => {
  function setup(outcome: HttpOutcome) {
    const sent: HttpRequestSpec[] = [];
    const http: GuardedHttp = {
      request(spec) {
        sent.push(spec);
        return Promise.resolve(outcome);
      },
      close: () => Promise.resolve(),
    };
    const [planned] = planOf(['a']).steps;
    if (planned === undefined) throw new Error('no step');
    const step = createHttpRequestStep(http);
    const run = (config: StepContext['config']) =>
      step.run({
        ...{ step: planned, attempt: 1, config, input: {}, scope: claimOf(['a']).state.scope, now: NOW },
        idempotencyKey: 'key',
        signal: new AbortController().signal,
        random: () => 0,
        evaluate: () => ({ ok: true, value: null }),
        log: () => undefined,
        progress: () => undefined,
        token: () => undefined,
      });
    return { sent, run };
  }

  const answering = (status: number, body: object | null = null): HttpOutcome => ({
    ok: true,
    response: { status, headers: {}, body: body as never, url: 'https://example.com/' },
  });

  it('sends scalars and lists of the query as they are, and deeper values as JSON', async () => {
    const { sent, run } = setup(answering(200));

    await run({ url: 'https://example.com/', query: { a: 1, b: ['x', 'y'], c: { deep: true } } });

    expect(sent[0]?.query).to.deep.equal({ a: 1, b: ['x', 'y'], c: '{"deep":true}' });
    expect(sent[0]?.idempotencyKey).to.equal('key');
    expect(sent[0]?.timeoutMs).to.equal(30_000);
  });

  for (const [status, retryable, fault] of [
    [404, false, 'workflow'],
    [408, true, 'workflow'],
    [429, true, 'workflow'],
    [500, true, 'remote'],
    [501, false, 'remote'],
    [503, true, 'remote'],
  ] as const) {
    it(`fails with ${String(status)}: ${retryable ? 'may be tried again' : 'final'}`, async () => {
      const outcome = await setup(answering(status)).run({ url: 'https://example.com/' });

      const error = outcome.ok ? undefined : outcome.error;
      expect(error).to.include({ code: 'http_status', retryable, fault });
    });
  }

  it('names what is wrong with a configuration that expressions filled in', async () => {
    const outcome = await setup(answering(200)).run({ url: 'https://example.com/', timeout_seconds: 'long' });

    const error = outcome.ok ? undefined : outcome.error;
    expect(error?.code).to.equal('configuration_invalid');
    expect(error?.message).to.match(/timeout_seconds/);
  });
});
