import { expect } from 'chai';
import type { AnswerPayload, LoopPlan, NewEvent } from '@millrace/contracts';
import {
  decide,
  EngineError,
  fold,
  receiveAnswer,
  settle,
  skipByHand,
  stepStarted,
  stepState,
  unresolvedOutputs,
  type ExecutionState,
  type Outcome,
} from '../src/index.js';
import { failure, node, planOf, run, startedState, success, T0 } from './support/workflows.js';

const SETTLING = { now: T0, random: () => 0.5, durationMs: 1 };
const LOOP: LoopPlan = { count: 2, items: [1, 2], concurrency: 2 };

function map(id: string, nodes: readonly unknown[], edges: readonly [string, string][] = [], data = {}) {
  const body = { nodes, edges: edges.map(([source, target]) => ({ source, target })) };
  return { id, type: 'map', data: { config: { items: [1, 2], body }, ...data } };
}

function start(state: ExecutionState, id: string, iteration?: string, loop?: LoopPlan): void {
  fold(state, stepStarted(state, stepState(state, id, iteration), { attempt: 1, loop }), T0);
}

function end(state: ExecutionState, id: string, outcome: Outcome, iteration?: string): void {
  const event = settle(state, stepState(state, id, iteration), 1, outcome, SETTLING);
  if (event !== null) fold(state, event, T0);
}

describe('giving up', () => {
  it('L5 J5 leaves what a join had given up, and that had not begun, to the iteration that failed', () => {
    const body = [node('a'), node('b'), node('j', { join: 'any' }), node('x')];
    const edges: [string, string][] = [
      ['a', 'j'],
      ['b', 'j'],
    ];
    const state = startedState(planOf([map('m', body, edges, { on_error: 'continue' })]));
    start(state, 'm', undefined, LOOP);
    for (const id of ['a', 'x']) start(state, id, '0');
    // Both settle before anything is decided: the join fires and gives up b, then the iteration fails.
    end(state, 'a', success(), '0');
    end(state, 'x', failure('boom', false), '0');

    const { events } = run(state, () => success());

    expect(state.status).to.equal('completed');
    expect(events.map(({ type }) => type)).to.deep.equal(['step_failed', 'completed']);
  });

  it('D2 L5 skips what a join gave up before an iteration that fails ends the others', () => {
    const body = [node('a'), node('b'), node('j', { join: 'any' }), node('x')];
    const edges: [string, string][] = [
      ['a', 'j'],
      ['b', 'j'],
    ];
    const state = startedState(planOf([map('m', body, edges, { on_error: 'continue' })]));
    start(state, 'm', undefined, LOOP);
    // One iteration fails with a step under way; in the other a join gives up one that has not begun.
    for (const id of ['a', 'x']) start(state, id, '0');
    end(state, 'x', failure('boom', false), '0');
    start(state, 'a', '1');
    end(state, 'a', success(), '1');

    run(state, () => success());

    expect(state.status).to.equal('completed');
  });

  it('J5 M1 decides nothing further in a body whose step was given up', () => {
    const body = [node('a'), node('b'), node('k', { join: 'any' })];
    const edges: [string, string][] = [
      ['a', 'k'],
      ['b', 'k'],
    ];
    const plan = planOf([map('m', body, edges), node('q'), node('j', { join: 'any' })], 'm -> j, q -> j');
    const state = startedState(plan);
    start(state, 'm', undefined, { ...LOOP, count: 1, items: [1] });
    start(state, 'b', '0');
    start(state, 'q');
    end(state, 'q', success());
    for (const command of skipByHand(state, { by: 'ada', step_id: 'a', iteration: '0' })) {
      if ('event' in command) fold(state, command.event, T0);
    }

    const { events } = run(state, () => success());

    expect(state.status).to.equal('completed');
    const discarded = events.filter(({ type }) => type === 'step_discarded');
    expect(discarded.map(({ data }) => 'step_id' in data && data.step_id)).to.deep.equal(['b', 'm']);
  });

  it('L8 tells progress that does not go back where several steps are given up at once', () => {
    const plan = planOf([map('m', [node('s')]), map('n', [node('t')]), node('f')]);
    const state = startedState(plan);
    for (const id of ['m', 'n']) start(state, id, undefined, LOOP);
    for (const iteration of ['0', '1']) {
      start(state, 's', iteration);
      start(state, 't', iteration);
    }
    start(state, 'f');
    end(state, 'f', failure('boom', false));

    const told = decide(state, T0).flatMap((command) =>
      'event' in command && 'progress' in command.event.data ? [command.event.data.progress] : [],
    );

    expect(told).to.have.length(6);
    expect(told).to.deep.equal([...told].sort((a, b) => a - b));
  });

  it('S10 L3 asks for no stored value that nobody can see any more', () => {
    const reference = { reference: 'blob_1', size_bytes: 100_000, content_type: 'application/json' };
    const body = { nodes: [node('a'), node('b')], edges: [{ source: 'a', target: 'b' }] };
    const repeat = { id: 'r', type: 'repeat', data: { config: { max_iterations: 5, body } } };
    const state = startedState(planOf([repeat, node('z')], 'r -> z'));
    const most: number[] = [];

    run(
      state,
      ({ kind, id }) => {
        if (kind === 'repeat') return { loop: { concurrency: 1 } };
        return id === 'z' ? success() : { ok: true, outputRef: reference };
      },
      { onEvent: () => most.push(unresolvedOutputs(state).length) },
    );

    // The leaves of the last two iterations, and both steps of the one under way.
    expect(Math.max(...most)).to.equal(3);
    expect(most.at(-1)).to.equal(0);
  });

  it('L6 S12 hears of no part that the map does not have', () => {
    const state = startedState(planOf([map('m', [node('s')])]));
    start(state, 'm', undefined, { ...LOOP, shard_size: 1 });
    const outcome: AnswerPayload['outcome'] = { ok: true, output: [1] };
    const answer = { step_id: 'm', attempt: 1, outcome };
    expect(receiveAnswer(state, { ...answer, slot: 2 }, SETTLING)).to.equal(null);
    const event = receiveAnswer(state, { ...answer, slot: 1 }, SETTLING);
    if (event?.type !== 'step_part_ended') throw new Error('an event expected');

    for (const changed of [{ part: 2 }, { attempt: 2 }]) {
      const wrong: NewEvent = { ...event, data: { ...event.data, ...changed } };
      expect(() => {
        fold(state, wrong, T0);
      }).to.throw(EngineError, 'L6');
    }
    expect(stepState(state, 'm').loop?.ended).to.equal(0);
  });
});
