import { expect } from 'chai';
import type { NewEvent } from '@millrace/contracts';
import {
  canStart,
  createState,
  decide,
  fold,
  nextDueAt,
  settle,
  STEP_ERROR_CODES,
  stepStarted,
  stepState,
  waitingEvent,
} from '../src/index.js';
import {
  CONTEXT,
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

const SETTLING = { now: T0 + 1, random: () => 0.5, durationMs: 1 };

/** What became of each step, in the order of the events: `a completed`, `b skipped branch`. */
function outcomes(events: readonly NewEvent[]): string[] {
  return events.flatMap((event) => {
    switch (event.type) {
      case 'step_completed':
        return `${event.data.step_id} completed`;
      case 'step_failed':
        return `${event.data.step_id} failed ${event.data.error.code}`;
      case 'step_skipped':
      case 'step_discarded':
        return `${event.data.step_id} ${event.type.slice(5)} ${event.data.reason}`;
      default:
        return [];
    }
  });
}

const failing =
  (...ids: readonly string[]): Behaviour =>
  (step, attempt, current) =>
    ids.includes(step.id) ? failure('boom', false) : succeed(step, attempt, current);

const choosing =
  (branch: string): Behaviour =>
  (step) =>
    success(step.id, step.ports.length > 0 ? branch : undefined);

const condition = (id: string, data: Record<string, unknown> = {}): unknown => node(id, data, 'condition');

describe('decide', () => {
  it('D2 D5 starts what is ready, and not again what was started', () => {
    const state = startedState(planOf([node('a'), node('b'), node('c')], 'a -> c, b -> c'));
    const commands = decide(state, T0);
    expect(commands.map((command) => command.type === 'start' && command.step.step.id)).to.deep.equal([
      'a',
      'b',
    ]);
    fold(state, stepStarted(state, stepState(state, 'a'), { attempt: 1 }));
    expect(decide(state, T0)).to.have.length(1);
  });

  it('D2 D5 offers no more starts than asked for, and the rest later', () => {
    const state = startedState(planOf([node('a'), node('b'), node('c')]));
    expect(decide(state, T0, { maxStarts: 2 })).to.have.length(2);
    expect(decide(state, T0, { maxStarts: 0 })).to.deep.equal([]);
    expect(decide(state, T0)).to.have.length(3);
  });

  it('D6 appends a pinned output without running the step, also of a condition', () => {
    const plan = planOf(
      [condition('c', { pinned_output: false }), node('t'), node('f')],
      'c -true-> t, c -false-> f',
    );
    const { starts, events } = run(startedState(plan));
    expect(starts).to.deep.equal(['f']);
    expect(outcomes(events)).to.deep.equal(['c completed', 't skipped branch', 'f completed']);
  });

  it('D7 aborts what runs and fails with the first error', () => {
    const state = startedState(planOf([node('a'), node('b'), node('z')], 'a -> z'));
    for (const id of ['a', 'b']) fold(state, stepStarted(state, stepState(state, id), { attempt: 1 }));
    const event = settle(state, stepState(state, 'a'), 1, failure('boom', false), SETTLING);
    if (event !== null) fold(state, event);
    const commands = decide(state, T0);
    expect(commands.map((command) => command.type)).to.deep.equal(['abort', 'finish']);
    for (const command of commands) if ('event' in command) fold(state, command.event);
    expect(state.status).to.equal('failed');
    expect(state.failure).to.include({ code: 'boom', step_id: 'a', attempt: 1 });
  });

  it('K6 J6 leaves successors of the failure pending and records no late result', () => {
    const { state } = run(startedState(planOf([node('a'), node('b'), node('z')], 'a -> z')), failing('a'));
    expect(['a', 'b', 'z'].map((id) => stepState(state, id).status)).to.deep.equal([
      'failed',
      'discarded',
      'pending',
    ]);
    expect(settle(state, stepState(state, 'b'), 1, success(), SETTLING)).to.equal(null);
  });

  it('D3 has no commands for an execution that is queued, waits or has ended', () => {
    const plan = planOf([node('a')]);
    const state = createState(plan, CONTEXT);
    expect(decide(state, T0)).to.deep.equal([]);
    const waiting = startedState(plan);
    fold(waiting, waitingEvent(null, []));
    expect(decide(waiting, T0)).to.deep.equal([]);
    expect(decide(run(startedState(plan)).state, T0)).to.deep.equal([]);
  });

  it('D5 tells whether a start is still allowed when the shell comes to it late', () => {
    const plan = planOf([node('a'), node('b'), node('z', { join: 'any' })], 'a -> z, b -> z');
    const state = startedState(plan);
    const [a, b] = [stepState(state, 'a'), stepState(state, 'b')];
    expect([canStart(state, a, 1), canStart(state, b, 1), canStart(state, b, 2)]).to.deep.equal([
      true,
      true,
      false,
    ]);
    fold(state, stepStarted(state, a, { attempt: 1 }));
    const event = settle(state, a, 1, success(), SETTLING);
    if (event !== null) fold(state, event);
    expect(canStart(state, b, 1)).to.equal(false);
  });

  it('T3 R4 retries an attempt that exceeded its limit like any other failure', () => {
    const plan = planOf([
      node('a', { timeout_seconds: 1.5, retry: { max_attempts: 2, retry_on: ['step_timeout'] } }),
    ]);
    expect(plan.steps[0]?.timeoutMs).to.equal(1_500);
    const { starts } = run(startedState(plan), (_step, attempt) =>
      attempt === 1 ? failure(STEP_ERROR_CODES.timeout, false) : success(),
    );
    expect(starts).to.deep.equal(['a', 'a']);
  });

  it('D9 answers the output of one leaf, null when it was skipped', () => {
    const one = run(startedState(planOf([node('a'), node('b')], 'a -> b')));
    expect(one.events.at(-1)).to.deep.equal({
      type: 'completed',
      data: { steps_completed: 2, output: { from: 'b' } },
    });
    const skipped = run(startedState(planOf([condition('c'), node('b')], 'c -true-> b')), choosing('false'));
    expect(skipped.events.at(-1)).to.deep.equal({
      type: 'completed',
      data: { steps_completed: 1, output: null },
    });
  });

  it('D9 answers an object of the leaves that ran, those that failed and went on included', () => {
    const plan = planOf(
      [condition('c'), node('t'), node('f'), node('e', { on_error: 'continue' })],
      'c -true-> t, c -false-> f',
    );
    const { events } = run(startedState(plan), failing('e'));
    const last = events.at(-1);
    expect(last?.type === 'completed' && Object.keys(last.data.output ?? {})).to.deep.equal(['e', 't']);
  });

  it('D10 T1 suspends until the nearest due time, the deadline included', () => {
    const nodes = [node('d', { config: { seconds: 60 } }, 'delay')];
    for (const [limit, wakeAt] of [
      [{}, T0 + 60_000],
      [{ timeout_seconds: 5 }, T0 + 5_000],
    ] as const) {
      const state = startedState(planOf(nodes, '', limit));
      fold(state, stepStarted(state, stepState(state, 'd'), { attempt: 1, dueAt: T0 + 60_000 }));
      expect(decide(state, T0)).to.deep.equal([{ type: 'suspend', wakeAt, stepIds: ['d'] }]);
      expect(nextDueAt(state)).to.equal(wakeAt);
    }
  });

  it('T2 aborts what runs and ends as timed out at the limit, not before', () => {
    const state = startedState(planOf([node('a')], '', { timeout_seconds: 5 }));
    fold(state, stepStarted(state, stepState(state, 'a'), { attempt: 1 }));
    expect(decide(state, T0 + 4_999)).to.deep.equal([]);
    const commands = decide(state, T0 + 5_000);
    expect(commands.map((command) => command.type)).to.deep.equal(['abort', 'finish']);
    for (const command of commands) if ('event' in command) fold(state, command.event);
    expect(state.status).to.equal('timed_out');
  });

  it('T4 completes a sleeper when it is due', () => {
    const plan = planOf([node('d', { config: { seconds: 60 } }, 'delay'), node('a')], 'd -> a');
    const { state, starts } = run(startedState(plan), (step) =>
      step.kind === 'delay' ? { sleep: 60_000 } : success(),
    );
    expect(starts).to.deep.equal(['d', 'a']);
    expect(state.root.scope.steps['d']?.output).to.deep.equal({
      due_at: new Date(T0 + 60_000).toISOString(),
    });
  });
});

describe('joins', () => {
  it('J1 "all" waits for every predecessor', () => {
    const { starts } = run(
      startedState(planOf([node('a'), node('b'), node('z')], 'a -> z, b -> z')),
      succeed,
      {
        pick: (count) => count - 1,
      },
    );
    expect(starts).to.deep.equal(['a', 'b', 'z']);
  });

  it('J2 "all" runs behind a condition whose branches merge', () => {
    const plan = planOf(
      [condition('c'), node('t'), node('f'), node('m')],
      'c -true-> t, c -false-> f, t -> m, f -> m',
    );
    const { state, events } = run(startedState(plan), choosing('false'));
    expect(state.status).to.equal('completed');
    expect(outcomes(events)).to.deep.equal(['c completed', 't skipped branch', 'f completed', 'm completed']);
  });

  it('J2 K2 "all" is skipped when every edge is untaken, and skipping flows on', () => {
    const plan = planOf(
      [condition('c'), node('a'), node('b'), node('d')],
      'c -true-> a, c -true-> b, a -> d, b -> d',
    );
    const { events } = run(startedState(plan), choosing('false'));
    expect(outcomes(events).slice(1)).to.deep.equal([
      'a skipped branch',
      'b skipped branch',
      'd skipped upstream',
    ]);
  });

  it('J3 J5 "any" fires on the first result and gives up the rest', () => {
    const plan = planOf(
      [node('a'), node('slow'), node('later'), node('z', { join: 'any' })],
      'a -> z, slow -> later, later -> z',
    );
    const { state, events, starts } = run(startedState(plan));
    expect(starts).to.deep.equal(['a', 'slow', 'z']);
    expect(outcomes(events)).to.deep.equal([
      'a completed',
      'later skipped join',
      'slow discarded join',
      'z completed',
    ]);
    expect(state.status).to.equal('completed');
  });

  it('J5 a step with another way forward goes on', () => {
    const plan = planOf(
      [node('a'), node('b'), node('z', { join: 'any' }), node('own')],
      'a -> z, b -> z, b -> own',
    );
    const { events } = run(startedState(plan));
    expect(outcomes(events)).to.include.members(['b completed', 'own completed', 'z completed']);
  });

  it('J5 a sleeping loser is discarded without an abort', () => {
    const plan = planOf(
      [node('d', { config: { seconds: 60 } }, 'delay'), node('a'), node('z', { join: 'any' })],
      'd -> z, a -> z',
    );
    const { events } = run(startedState(plan), (step) =>
      step.kind === 'delay' ? { sleep: 60_000 } : success(),
    );
    expect(outcomes(events)).to.deep.equal(['a completed', 'd discarded join', 'z completed']);
  });

  it('J4 "any" fails when a predecessor failed and none completed', () => {
    const plan = planOf(
      [node('a'), condition('c'), node('h'), node('z', { join: 'any' })],
      'a -error-> h, a -> z, c -true-> z',
    );
    const behaviour: Behaviour = (step, _attempt, current) =>
      step.id === 'a' ? failure('boom', false) : choosing('false')(step, 1, current);
    const { state, events } = run(startedState(plan), behaviour);
    expect(outcomes(events)).to.include('z failed join_failed');
    expect(state.status).to.equal('failed');
  });

  it('J4 "any" is skipped when all predecessors were', () => {
    const plan = planOf(
      [condition('c'), node('a'), node('b'), node('z', { join: 'any' })],
      'c -true-> a, c -true-> b, a -> z, b -> z',
    );
    const { state, events } = run(startedState(plan), choosing('false'));
    expect(outcomes(events).at(-1)).to.equal('z skipped upstream');
    expect(state.status).to.equal('completed');
  });
});

describe('edges', () => {
  it('K1 K5 follows the error edge after a failure, and only then', () => {
    const plan = planOf([node('a'), node('next'), node('handler')], 'a -> next, a -error-> handler');
    expect(outcomes(run(startedState(plan)).events)).to.have.members([
      'a completed',
      'next completed',
      'handler skipped branch',
    ]);
    const failed = run(startedState(plan), failing('a'));
    expect(outcomes(failed.events)).to.deep.equal([
      'a failed boom',
      'next skipped branch',
      'handler completed',
    ]);
    expect(failed.state.status).to.equal('completed');
    expect(failed.state.root.scope.steps['a']).to.deep.include({ output: null, status: 'failed' });
  });

  it('K3 a disabled step lets the flow through with null as its output', () => {
    const plan = planOf([node('a'), node('off', { disabled: true }), node('z')], 'a -> off, off -> z');
    const { state, starts } = run(startedState(plan));
    expect(starts).to.deep.equal(['a', 'z']);
    expect(state.root.scope.steps['off']).to.deep.equal({ output: null, status: 'skipped' });
  });

  it('K3 a disabled condition takes its first port; a disabled step on an untaken branch takes nothing', () => {
    const open = planOf(
      [condition('c', { disabled: true }), node('t'), node('f')],
      'c -true-> t, c -false-> f',
    );
    expect(run(startedState(open)).starts).to.deep.equal(['t']);
    const shut = planOf(
      [condition('c'), node('off', { disabled: true }), node('z')],
      'c -true-> off, off -> z',
    );
    expect(outcomes(run(startedState(shut), choosing('false')).events).slice(1)).to.deep.equal([
      'off skipped branch',
      'z skipped upstream',
    ]);
  });

  it('K4 goes on after a failure with the error as output', () => {
    const plan = planOf([node('a', { on_error: 'continue' }), node('b')], 'a -> b');
    const { state, starts } = run(startedState(plan), failing('a'));
    expect(starts).to.deep.equal(['a', 'b']);
    expect(state.root.scope.steps['a']?.output).to.deep.include({
      error: {
        code: 'boom',
        message: 'It broke',
        fault: 'remote',
        retryable: false,
        step_id: 'a',
        attempt: 1,
      },
    });
  });
});
