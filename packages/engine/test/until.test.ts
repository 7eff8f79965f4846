import type { NewEvent } from '@millrace/contracts';
import { expect } from 'chai';
import {
  compile,
  EngineError,
  fold,
  isTopLevelStep,
  planUntil,
  progress,
  reusableSteps,
  restore,
  snapshot,
  type Plan,
  type ReuseRequest,
} from '../src/index.js';
import {
  CONTEXT,
  define,
  failure,
  jsonObjectCopy,
  node,
  planOf,
  run,
  startedState,
  succeed,
  success,
  T0,
  type Behaviour,
} from './support/workflows.js';

const condition = (id: string, data: Record<string, unknown> = {}) => node(id, data, 'condition');
const map = (id: string, nodes: readonly unknown[]) => ({
  id,
  type: 'map',
  data: { config: { items: [1], body: { nodes } } },
});

const idsOf = ({ steps }: Pick<Plan, 'steps'>): string[] => steps.map(({ id }) => id);

function resultOf(events: readonly NewEvent[]): unknown {
  const last = events.at(-1);
  return last?.type === 'completed' ? last.data.output : last?.type;
}

/** a and b lead to c, c to d; e stands alone, f is behind a. */
const sketch = (data: Record<string, Record<string, unknown>> = {}): Plan =>
  planOf(
    ['f', 'e', 'd', 'c', 'b', 'a'].map((id) => node(id, data[id])),
    'a -> c, b -> c, c -> d, a -> f',
  );

describe('planUntil', () => {
  it('P1 keeps the step and what leads to it, in topological order', () => {
    const plan = planUntil(sketch(), 'c');

    expect(idsOf(plan)).to.deep.equal(['b', 'a', 'c']);
    expect(plan.edges).to.deep.equal([
      { source: 1, target: 2, port: null },
      { source: 0, target: 2, port: null },
    ]);
    expect(
      plan.steps.map(({ index, dependencies, dependents }) => [index, dependencies, dependents]),
    ).to.deep.equal([
      [0, [], [2]],
      [1, [], [2]],
      [2, [1, 0], []],
    ]);
    expect([plan.roots, plan.leaves]).to.deep.equal([[0, 1], [2]]);
    expect([...plan.stepOf.keys()]).to.have.members(['a', 'b', 'c']);
  });

  it('P1 is the plan itself where every step leads to the one', () => {
    const plan = planOf([node('a'), node('b')], 'a -> b');

    expect(planUntil(plan, 'b')).to.equal(plan);
  });

  it('P1 refuses a step in a body, one of on_failure, and one that there is not', () => {
    const plan = planOf([map('m', [node('inner')])], '', { on_failure: { nodes: [node('handler')] } });

    for (const id of ['inner', 'handler', 'ghost', '__proto__']) {
      expect(isTopLevelStep(plan, id), id).to.equal(false);
      expect(() => planUntil(plan, id), id).to.throw(EngineError, 'P1');
    }
    expect(isTopLevelStep(plan, 'm')).to.equal(true);
  });

  it('P1 keeps bodies whole, their steps knowing the step that holds them', () => {
    const plan = planUntil(
      planOf([node('z'), map('m', [map('n', [node('x')])]), node('end')], 'm -> end'),
      'm',
    );
    const [kept] = plan.steps;

    expect(idsOf(plan)).to.deep.equal(['m']);
    expect(plan.stepOf.get('x')?.within[0]).to.equal(kept);
    expect(plan.stepOf.get('x')?.within[1]).to.equal(plan.stepOf.get('n'));
    const over: Behaviour = (step) =>
      step.kind === 'map' ? { loop: { count: 2, items: ['a', 'b'], concurrency: 1 } } : success(step.id);
    expect(resultOf(run(startedState(plan), over).events)).to.deep.equal([
      ['x', 'x'],
      ['x', 'x'],
    ]);
  });

  it('P1 is linear: 10,000 steps in a row take no depth', () => {
    const nodes = Array.from({ length: 10_000 }, (_, position) => node(`n${position}`));
    const edges = nodes
      .slice(1)
      .map((_, position) => ({ source: `n${position}`, target: `n${position + 1}` }));
    const compiled = compile({ ...define(nodes), edges });
    if (!compiled.ok) throw new Error('a row compiles');

    expect(planUntil(compiled.plan, 'n9998').steps).to.have.length(9_999);
  });
});

describe('an execution that runs to a step', () => {
  it('P3 starts nothing else, and its result is the output of the step', () => {
    const { events, starts, state } = run(startedState(planUntil(sketch(), 'c')));

    expect(starts).to.deep.equal(['b', 'a', 'c']);
    expect(resultOf(events)).to.deep.equal({ from: 'c' });
    expect(progress(state)).to.include({ stepsCompleted: 3, stepsTotal: 3 });
    expect(events.find(({ type }) => type === 'step_completed')?.data).to.include({ progress: 33 });
  });

  it('P3 is null where the step is skipped, by a branch or as disabled', () => {
    const branch = planOf([condition('c'), node('t'), node('f')], 'c -true-> t, c -false-> f');
    const disabled = planOf([node('a'), node('b', { disabled: true }), node('z')], 'a -> b, b -> z');

    expect(resultOf(run(startedState(planUntil(branch, 'f'))).events)).to.equal(null);
    expect(resultOf(run(startedState(planUntil(disabled, 'b'))).events)).to.equal(null);
  });

  it('P2 runs to a condition, whose branches are left out', () => {
    const plan = planOf([condition('c'), node('t'), node('f')], 'c -true-> t, c -false-> f');

    expect(resultOf(run(startedState(planUntil(plan, 'c'))).events)).to.deep.equal({ from: 'c' });
  });

  it('P2 joins branches as the whole does', () => {
    const plan = planOf(
      [condition('c'), node('t'), node('f'), node('end', { join: 'any' }), node('after')],
      'c -true-> t, c -false-> f, t -> end, f -> end, end -> after',
    );
    const { events, starts } = run(startedState(planUntil(plan, 'end')));

    expect(starts).to.deep.equal(['c', 't', 'end']);
    expect(resultOf(events)).to.deep.equal({ from: 'end' });
  });

  it('P2 gives up the losers of an `any` join, whose ways forward all lead to the step now', () => {
    const plan = planOf(
      [node('quick'), node('slow'), node('first', { join: 'any' }), node('else')],
      'quick -> first, slow -> first, slow -> else',
    );
    const { state } = run(startedState(planUntil(plan, 'first')));

    expect(state.status).to.equal('completed');
    expect(state.root.settled.map(({ step, status }) => [step.id, status])).to.deep.include([
      'slow',
      'discarded',
    ]);
  });

  it('P2 takes no plain edge after an error that a step left out would have handled', () => {
    const plan = planOf([node('a'), node('handler'), node('b')], 'a -> b, a -error-> handler');
    const { events, state } = run(startedState(planUntil(plan, 'b')), (step) =>
      step.id === 'a' ? failure('boom', false) : success(),
    );

    expect(state.status).to.equal('completed');
    expect(resultOf(events)).to.equal(null);
    expect(events.map(({ type }) => type)).to.deep.equal([
      'step_started',
      'step_failed',
      'step_skipped',
      'completed',
    ]);
  });

  it('P2 fails as the whole does, on_failure included', () => {
    const plan = planOf([node('a'), node('b'), node('c')], 'a -> b, b -> c', {
      on_failure: { nodes: [node('clean_up')] },
    });
    const { state, starts } = run(startedState(planUntil(plan, 'b')), (step) =>
      step.id === 'a' ? failure('boom', false) : success(),
    );

    expect(state.status).to.equal('failed');
    expect(starts).to.deep.equal(['a', 'clean_up']);
  });

  it('S11 P1 goes on from a snapshot on a plan made again', () => {
    const state = startedState(planUntil(sketch(), 'c'));
    const { events } = run(startedState(planUntil(sketch(), 'c')));
    for (const event of events.slice(0, 4)) fold(state, event, T0);

    const restored = restore(planUntil(sketch(), 'c'), CONTEXT, jsonObjectCopy(snapshot(state)));

    expect(resultOf(run(restored).events)).to.deep.equal({ from: 'c' });
  });
});

describe('pinned outputs', () => {
  const nodes = [node('a', { pinned_output: { pinned: true } }), map('m', [node('x', { pinned_output: 7 })])];

  it('P4 stand in for steps, in bodies too, unless the plan ignores them', () => {
    const ignored = compile(define(nodes, 'a -> m'), { ignoresPins: true });
    if (!ignored.ok) throw new Error('it compiles');
    const over: Behaviour = (step, attempt, current) =>
      step.kind === 'map'
        ? { loop: { count: 1, items: [1], concurrency: 1 } }
        : succeed(step, attempt, current);

    const pinned = run(startedState(planOf(nodes, 'a -> m')), over);
    expect([pinned.starts, resultOf(pinned.events)]).to.deep.equal([['m'], [7]]);
    const real = run(startedState(ignored.plan), over);
    expect([real.starts, resultOf(real.events)]).to.deep.equal([['a', 'm', 'x'], [{ from: 'x' }]]);
  });

  it('P4 are checked by G10 all the same', () => {
    const wrong = define([condition('c', { pinned_output: 'sideways' })]);

    expect(compile(wrong, { ignoresPins: true }).ok).to.equal(false);
  });
});

describe('what a retry or rerun takes over', () => {
  const reused = (from: Plan, to: Plan, past: ReuseRequest['past'], fromStep: string): string[] =>
    reusableSteps({
      ...{ from, to, past },
      mode: { kind: 'rerun', fromStep },
      edited: new Set(),
      parameters: { before: {}, after: {} },
    }).map(({ step }) => step.id);
  const finished = (...ids: string[]): ReuseRequest['past'] =>
    new Map(ids.map((id) => [id, { kind: 'finished', output: id }]));

  it('U9 goes on behind a run to a step, and shortens a whole one', () => {
    const whole = sketch();
    const part = planUntil(whole, 'c');

    expect(reused(part, whole, finished('a', 'b', 'c'), 'd')).to.deep.equal(['b', 'a', 'c']);
    expect(reused(whole, part, finished('a', 'b', 'c', 'd', 'e', 'f'), 'c')).to.deep.equal(['b', 'a']);
  });

  it('U9 does not take a pinned output for a real one, nor what came of it', () => {
    const graph = define(
      [node('a', { pinned_output: 1 }), node('b'), node('c'), node('z')],
      'a -> b, c -> z',
    );
    const [pinned, real] = [false, true].map((ignoresPins) => {
      const compiled = compile(graph, { ignoresPins });
      if (!compiled.ok) throw new Error('it compiles');
      return compiled.plan;
    });
    if (pinned === undefined || real === undefined) throw new Error('two plans');

    expect(reused(pinned, real, finished('a', 'b', 'c'), 'z')).to.deep.equal(['c']);
    expect(reused(pinned, pinned, finished('a', 'b', 'c'), 'z')).to.deep.equal(['a', 'c', 'b']);
  });
});
