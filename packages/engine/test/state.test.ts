import { expect } from 'chai';
import { EXECUTION_STATUSES, isTerminal, type NewEvent } from '@millrace/contracts';
import {
  assertMove,
  canMove,
  cancelledEvent,
  createState,
  currentStep,
  decide,
  EngineError,
  executionStarted,
  fold,
  markInterrupted,
  receiveAnswer,
  progress,
  provideOutput,
  queuedEvent,
  restore,
  resumedEvent,
  settle,
  snapshot,
  stepReused,
  stepStarted,
  stepState,
  unresolvedOutputs,
  waitingEvent,
  type ExecutionState,
} from '../src/index.js';
import {
  CONTEXT,
  failure,
  jsonObjectCopy,
  node,
  planOf,
  run,
  startedState,
  succeed,
  success,
  T0,
} from './support/workflows.js';

const SETTLING = { now: T0 + 1, random: () => 0.5, durationMs: 1 };

function refusal(act: () => void): { code: string; rule: string } {
  try {
    act();
  } catch (error) {
    if (error instanceof EngineError) return { code: error.code, rule: error.rule };
    throw error;
  }
  throw new Error('nothing was refused');
}

function start(state: ExecutionState, id: string, attempt = 1): void {
  fold(state, stepStarted(state, stepState(state, id), { attempt }), T0);
}

function complete(state: ExecutionState, id: string, output: unknown = null): void {
  const event = settle(state, stepState(state, id), stepState(state, id).attempt, success(output), SETTLING);
  if (event === null) throw new Error('not running');
  fold(state, event);
}

describe('statuses', () => {
  it('S1 S2 lets nothing leave a final status, and every other reach all but "completed" directly', () => {
    for (const from of EXECUTION_STATUSES) {
      for (const to of EXECUTION_STATUSES) {
        if (isTerminal(from)) expect(canMove(from, to), `${from} to ${to}`).to.equal(false);
      }
      if (!isTerminal(from)) {
        expect(['failed', 'cancelled', 'timed_out'].every((to) => canMove(from, to as 'failed'))).to.equal(
          true,
        );
        expect(canMove(from, 'completed')).to.equal(from === 'running');
      }
    }
  });

  it('S1 S2 names the rule it defends', () => {
    expect(refusal(() => assertMove('queued', 'waiting'))).to.deep.equal({
      code: 'illegal_move',
      rule: 'S1',
    });
    expect(refusal(() => assertMove('completed', 'running'))).to.deep.equal({
      code: 'illegal_move',
      rule: 'S2',
    });
  });
});

describe('fold', () => {
  const plan = planOf([node('a'), node('b')], 'a -> b');

  it('S3 wants "queued" first and only first', () => {
    const state = createState(plan, CONTEXT);
    expect(refusal(() => fold(state, executionStarted(state, 'w'))).rule).to.equal('S3');
    fold(state, queuedEvent({ workflow_version: 1, submitted_by: 'ada' }));
    expect(
      refusal(() => fold(state, queuedEvent({ workflow_version: 1, submitted_by: 'ada' }))).rule,
    ).to.equal('S3');
  });

  it('S3 refuses a gap and a repeated number', () => {
    const state = startedState(plan);
    const event = { ...resumedEvent('w'), timestamp: '2026-01-01T00:00:00.000Z' };
    for (const seq of [2, 4]) {
      expect(refusal(() => fold(state, { ...event, seq })).code).to.equal('sequence_gap');
    }
    fold(state, { ...event, seq: 3 });
    expect(state.lastSeq).to.equal(3);
  });

  it('S4 refuses an event of a step that the plan does not have', () => {
    const state = startedState(plan);
    const { data } = stepStarted(state, stepState(state, 'a'), { attempt: 1 });
    const event: NewEvent = { type: 'step_started', data: { ...data, step_id: 'ghost' } };
    expect(refusal(() => fold(state, event))).to.deep.equal({ code: 'unknown_step', rule: 'S4' });
  });

  it('S5 refuses step events while the execution waits', () => {
    const state = startedState(plan);
    const event = stepStarted(state, stepState(state, 'a'), { attempt: 1 });
    fold(state, waitingEvent(null, []));
    expect(refusal(() => fold(state, event)).rule).to.equal('S5');
    fold(state, resumedEvent('worker-2'));
    fold(state, event);
    expect(stepState(state, 'a').status).to.equal('running');
  });

  it('S6 never moves a settled step again', () => {
    const state = startedState(plan);
    start(state, 'a');
    const late = settle(state, stepState(state, 'a'), 1, success(), SETTLING);
    complete(state, 'a');
    if (late === null) throw new Error('an event expected');
    expect(refusal(() => fold(state, late)).rule).to.equal('S6');
    expect(refusal(() => start(state, 'a', 2)).rule).to.equal('S6');
  });

  it('S7 counts attempts one by one and records the current one only', () => {
    const state = startedState(plan);
    expect(refusal(() => start(state, 'a', 2)).rule).to.equal('S7');
    start(state, 'a');
    start(state, 'a', 2);
    expect(settle(state, stepState(state, 'a'), 1, success(), SETTLING)).to.equal(null);
  });

  it('S8 refuses to start a step before its predecessors', () => {
    const state = startedState(plan);
    expect(refusal(() => start(state, 'b')).rule).to.equal('S8');
  });

  it('S9 wants a branch from a condition and none from others', () => {
    const state = startedState(planOf([node('c', {}, 'condition')]));
    start(state, 'c');
    expect(refusal(() => settle(state, stepState(state, 'c'), 1, success(), SETTLING)).code).to.equal(
      'branch_missing',
    );
  });

  it('S12 leaves the state unchanged when it refuses', () => {
    const state = startedState(plan);
    const before = JSON.stringify(snapshot(state));
    refusal(() => start(state, 'b'));
    refusal(() => fold(state, { type: 'completed', data: { steps_completed: 0 } }));
    expect(JSON.stringify(snapshot(state))).to.equal(before);
  });

  it('E1 keeps the scope current, also for a step with a treacherous id', () => {
    const state = run(startedState(planOf([node('__proto__'), node('x')], '__proto__ -> x'))).state;
    expect(Object.keys(state.root.scope.steps)).to.deep.equal(['__proto__', 'x']);
    expect(state.root.scope.steps['x']).to.deep.equal({ output: { from: 'x' }, status: 'completed' });
    expect(state.root.scope.execution).to.include({ owner: 'ada', workflow_version: 1 });
  });

  it('reports progress and the step at work', () => {
    const state = startedState(plan);
    start(state, 'a');
    complete(state, 'a');
    start(state, 'b');
    expect(progress(state)).to.deep.equal({ stepsCompleted: 1, stepsTotal: 2, currentStep: 'b' });
    expect(currentStep(state)).to.equal('b');
  });

  it('C5 names effectful steps that began and left no result when cancelled', () => {
    const state = startedState(
      planOf([node('h', { config: { url: 'https://x.test' } }, 'http_request'), node('s')]),
    );
    start(state, 'h');
    start(state, 's');
    const event = cancelledEvent(state, { by: 'ada', reason: 'enough' });
    fold(state, event);
    expect(event.data).to.deep.equal({ by: 'ada', reason: 'enough', uncertain_steps: ['h'] });
    expect(decide(state, T0)).to.deep.equal([]);
  });

  it('C5 names them also when their worker died, and while a person is asked', () => {
    const http = (id: string, onUncertain: string) =>
      node(id, { config: { url: 'https://x.test' }, on_uncertain: onUncertain }, 'http_request');
    const state = startedState(planOf([http('h', 'ask'), http('r', 'retry'), http('f', 'fail')]));
    for (const id of ['h', 'r', 'f']) start(state, id);
    markInterrupted(state);
    const [ask] = decide(state, T0);
    if (ask?.type !== 'append') throw new Error('nobody is asked');
    fold(state, ask.event);
    expect(ask.event.type).to.equal('step_waiting');
    expect(cancelledEvent(state, { by: 'ada' }).data.uncertain_steps).to.have.members(['h', 'r', 'f']);
  });
});

describe('answers', () => {
  it('W1 say how long the step waited', () => {
    const state = startedState(planOf([node('s', { config: { name: 'paid', key: 'k' } }, 'wait_for_event')]));
    const wait = { type: 'event', name: 'paid', key: 'k' } as const;
    fold(state, stepStarted(state, stepState(state, 's'), { attempt: 1, wait }), T0);
    const outcome = { ok: true, output: 1, branch: 'received' } as const;
    const answer = { step_id: 's', attempt: 1, outcome };
    const event = receiveAnswer(state, answer, { now: T0 + 5_000, random: () => 0.5 });
    expect(event).to.have.nested.property('data.duration_ms', 5_000);
  });
});

describe('outputs by reference', () => {
  const reference = { reference: 'blob_1', size_bytes: 100_000, content_type: 'application/json' };

  it('S10 shows null until the output is provided', () => {
    const state = startedState(planOf([node('a'), node('b')], 'a -> b'));
    start(state, 'a');
    const event = settle(state, stepState(state, 'a'), 1, { ok: true, outputRef: reference }, SETTLING);
    if (event === null) throw new Error('an event expected');
    fold(state, event);
    const [unresolved] = unresolvedOutputs(state);
    if (unresolved === undefined) throw new Error('an output to be provided expected');
    expect(unresolved.reference).to.deep.equal(reference);
    expect(state.root.scope.steps['a']?.output).to.equal(null);

    provideOutput(state, unresolved.holder, [1, 2]);
    expect(unresolvedOutputs(state)).to.deep.equal([]);
    expect(state.root.scope.steps['a']?.output).to.deep.equal([1, 2]);
    provideOutput(state, unresolved.holder, 1);
    expect(state.root.scope.steps['a']?.output).to.deep.equal([1, 2]);
  });

  it('D9 passes the reference of a single leaf on as the result', () => {
    const state = startedState(planOf([node('a')]));
    start(state, 'a');
    const event = settle(state, stepState(state, 'a'), 1, { ok: true, outputRef: reference }, SETTLING);
    if (event !== null) fold(state, event);
    const [finish] = decide(state, T0);
    expect(finish).to.deep.include({
      type: 'finish',
      event: { type: 'completed', data: { steps_completed: 1, output_ref: reference } },
    });
  });
});

describe('reused steps', () => {
  it('S6 are finished without a start, in any order, and never run', () => {
    const state = startedState(planOf([node('a'), node('b'), node('c')], 'a -> b, b -> c'));
    for (const id of ['b', 'a']) {
      fold(state, stepReused(state, stepState(state, id), { executionId: 'exec_old', output: id }));
    }
    const { starts } = run(state, succeed);
    expect(starts).to.deep.equal(['c']);
    expect(state.root.scope.steps['b']?.output).to.equal('b');
  });
});

describe('snapshots', () => {
  it('S11 refuse what is no snapshot of the plan', () => {
    const small = planOf([node('a')]);
    const taken = snapshot(run(startedState(planOf([node('x')]))).state);
    for (const bad of [{}, { format: 99 }, taken, { format: 1, settled: 5 }]) {
      expect(refusal(() => restore(small, CONTEXT, bad)).code).to.equal('bad_snapshot');
    }
  });

  it('S11 keep retries, sleepers and failures', () => {
    const plan = planOf([
      node('r', { retry: { max_attempts: 3 } }),
      node('d', { config: { seconds: 60 } }, 'delay'),
    ]);
    const state = startedState(plan);
    start(state, 'r');
    const event = settle(state, stepState(state, 'r'), 1, failure(), SETTLING);
    if (event !== null) fold(state, event);
    fold(state, stepStarted(state, stepState(state, 'd'), { attempt: 1, dueAt: T0 + 60_000 }));
    const copy = restore(plan, CONTEXT, jsonObjectCopy(snapshot(state)));
    expect(stepState(copy, 'r')).to.deep.equal(stepState(state, 'r'));
    expect(decide(copy, T0)).to.deep.equal(decide(state, T0));
  });
});
