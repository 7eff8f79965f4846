import { expect } from 'chai';
import fc from 'fast-check';
import { retryPolicy } from '@millrace/contracts';
import { decide, fold, markInterrupted, retryDelayMs, settle, stepStarted, stepState } from '../src/index.js';
import {
  failure,
  node,
  planOf,
  run,
  startedState,
  succeed,
  success,
  T0,
  type Behaviour,
} from './support/workflows.js';

const policy = (more: Record<string, unknown> = {}) => retryPolicy.parse(more);
const always =
  (code?: string, retryable?: boolean): Behaviour =>
  () =>
    failure(code, retryable);

function attempts(retry: Record<string, unknown>, behaviour: Behaviour): number {
  return run(startedState(planOf([node('a', { retry })])), behaviour).starts.length;
}

describe('retry policy', () => {
  it('R1 makes as many attempts as allowed, then fails', () => {
    expect(attempts({ max_attempts: 3 }, always())).to.equal(3);
    expect(attempts({}, always())).to.equal(1);
  });

  it('R1 a later success counts', () => {
    const { state } = run(
      startedState(planOf([node('a', { retry: { max_attempts: 3 } })])),
      (_step, attempt) => (attempt < 3 ? failure() : success('done')),
    );
    expect([state.status, state.root.scope.steps['a']?.output]).to.deep.equal(['completed', 'done']);
  });

  it('R2 doubles an exponential delay up to the limit and keeps a fixed one', () => {
    const exponential = policy({ delay_seconds: 1, max_delay_seconds: 5, jitter: 0 });
    expect([1, 2, 3, 4, 99].map((failures) => retryDelayMs(exponential, failures, 0.9))).to.deep.equal([
      1_000, 2_000, 4_000, 5_000, 5_000,
    ]);
    expect(retryDelayMs(policy({ backoff: 'fixed', delay_seconds: 2, jitter: 0 }), 9, 0)).to.equal(2_000);
  });

  it('R2 R3 never exceeds the delay without jitter, nor falls below its certain share', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), unit, unit, (failures, jitter, random) => {
        const full = retryDelayMs(policy({ jitter: 0 }), failures, 0);
        const delay = retryDelayMs(policy({ jitter }), failures, random);
        expect(delay)
          .to.be.at.most(full)
          .and.at.least(Math.floor(full * (1 - jitter)));
      }),
    );
  });

  it('R7 waits at least as long as the remote system asked for', () => {
    const plan = planOf([node('a', { retry: { max_attempts: 2, delay_seconds: 1, jitter: 0 } })]);
    const { state } = run(startedState(plan), (_step, attempt) => {
      if (attempt > 1) return success();
      const error = { code: 'busy', message: 'Later', retryable: true, details: { retry_after_seconds: 30 } };
      return { ok: false, error };
    });
    expect(state.clock).to.be.at.least(T0 + 30_000);
  });

  it('R4 asks the error, or the list of codes where there is one', () => {
    expect(attempts({ max_attempts: 2 }, always('boom', false))).to.equal(1);
    expect(attempts({ max_attempts: 2, retry_on: ['boom'] }, always('boom', false))).to.equal(2);
    expect(attempts({ max_attempts: 2, retry_on: ['other'] }, always('boom', true))).to.equal(1);
  });

  it('R5 stops when the next attempt would begin after the budget', () => {
    const retry = { max_attempts: 10, backoff: 'fixed', delay_seconds: 10, jitter: 0, budget_seconds: 25 };
    expect(attempts(retry, always())).to.equal(3);
  });

  it('R6 suspends until the retry is due and starts the next attempt then', () => {
    const state = startedState(planOf([node('a', { retry: { max_attempts: 2, jitter: 0 } })]));
    fold(state, stepStarted(state, stepState(state, 'a'), { attempt: 1 }), T0);
    const event = settle(state, stepState(state, 'a'), 1, failure(), {
      now: T0,
      random: () => 0,
      durationMs: 1,
    });
    if (event !== null) fold(state, event);
    expect(decide(state, T0 + 999)).to.deep.equal([{ type: 'suspend', wakeAt: T0 + 1_000, stepIds: ['a'] }]);
    expect(decide(state, T0 + 1_000)[0]).to.include({ type: 'start', attempt: 2 });
  });
});

describe('crash recovery', () => {
  const http = (config: Record<string, unknown>): unknown =>
    node(
      'h',
      {
        config: { url: 'https://x.test', ...config },
        retry: { max_attempts: 5, retry_on: ['outcome_unknown'] },
      },
      'http_request',
    );

  function crashed(step: unknown) {
    const state = startedState(planOf([step]));
    const [only] = state.root.steps;
    if (only === undefined) throw new Error('a step expected');
    fold(state, stepStarted(state, only, { attempt: 1 }), T0);
    markInterrupted(state);
    markInterrupted(state);
    return { state, commands: decide(state, T0) };
  }

  for (const [title, step] of [
    ['a pure step', node('a')],
    ['an agent', node('a', { agent_type: 'planning' }, 'agent')],
    ['a GET', http({})],
    ['a PUT', http({ method: 'PUT' })],
    ['a POST declared idempotent', http({ method: 'POST', idempotent: true })],
  ] as const) {
    it(`C1 C2 repeats ${title} without counting a failure`, () => {
      const { state, commands } = crashed(step);
      expect(commands).to.have.length(1);
      expect(commands[0]).to.include({ type: 'start', attempt: 2 });
      const { state: end, starts } = run(state, succeed);
      expect([end.status, starts.length]).to.deep.equal(['completed', 1]);
    });
  }

  for (const method of ['POST', 'PATCH']) {
    it(`C3 fails a ${method} of unknown outcome whatever the retry policy`, () => {
      const { state, commands } = crashed(http({ method }));
      expect(commands).to.have.length(1);
      run(state);
      expect(state.failure).to.include({ code: 'outcome_unknown', step_id: 'h' });
    });
  }

  it('C4 leaves sleepers asleep', () => {
    const state = startedState(planOf([node('d', { config: { seconds: 60 } }, 'delay')]));
    fold(state, stepStarted(state, stepState(state, 'd'), { attempt: 1, dueAt: T0 + 60_000 }));
    markInterrupted(state);
    expect(stepState(state, 'd')).to.include({ status: 'sleeping', dueAt: T0 + 60_000 });
    expect(decide(state, T0)[0]).to.include({ type: 'suspend', wakeAt: T0 + 60_000 });
  });
});
