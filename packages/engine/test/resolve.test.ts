import { expect } from 'chai';
import {
  defaultInput,
  evaluateCondition,
  evaluateJsonata,
  resolveStep,
  withInput,
  type ExecutionState,
  stepState,
} from '../src/index.js';
import { failure, node, planOf, run, startedState, succeed } from './support/workflows.js';

function resolved(state: ExecutionState, id: string) {
  const resolution = resolveStep(state, stepState(state, id));
  if (resolution.needsThread) throw new Error('needs a thread');
  if (!resolution.result.ok) throw new Error(resolution.result.error.message);
  return resolution.result.value;
}

describe('resolveStep', () => {
  it('E7 gives the parameters and the predecessors’ outputs by default', () => {
    const plan = planOf(
      [node('a'), node('b', { disabled: true }), node('e', { on_error: 'continue' }), node('z')],
      'a -> z, b -> z, e -> z',
    );
    const { state } = run(startedState(plan), (step, attempt, current) =>
      step.id === 'e' ? failure() : succeed(step, attempt, current),
    );
    const input = defaultInput(stepState(state, 'z'));
    expect(Object.keys(input)).to.deep.equal(['amount', 'a', 'e']);
    expect(input).to.deep.include({ amount: 7, a: { from: 'a' } });
  });

  it('E1 E2 fills configuration and input from the scope', () => {
    const z = {
      config: { values: { from: '=steps.a.output.from', text: 'v{{ execution.workflow_version }}' } },
      input: { x: '=parameters.amount' },
    };
    const { state } = run(startedState(planOf([node('a'), node('z', z)], 'a -> z')));
    expect(resolved(state, 'z')).to.deep.equal({
      config: { values: { from: 'a', text: 'v1' } },
      input: { x: 7 },
    });
  });

  it('E4 hands out the texts that need a thread and assembles both parts', async () => {
    const z = { config: { values: { sum: '=1 + parameters.amount' } }, input: '=$string(parameters.amount)' };
    const state = startedState(planOf([node('z', z)]));
    const resolution = resolveStep(state, stepState(state, 'z'));
    if (!resolution.needsThread) throw new Error('a thread expected');
    const results = [];
    for (const text of resolution.expressions) {
      const result = await evaluateJsonata(text, state.root.scope, { now: 0, random: () => 0 });
      results.push(result.ok ? result.value : null);
    }
    expect(resolution.assemble(results)).to.deep.equal({
      ok: true,
      value: { config: { values: { sum: 8 } }, input: '7' },
    });
  });

  it('E2 leaves literal text alone, whatever it looks like', () => {
    const source = '=nothing(; {{ and }} `${nothing}`';
    const state = startedState(
      planOf([node('z', { config: { source }, input: '=parameters.amount' }, 'code')]),
    );

    expect(resolved(state, 'z')).to.deep.equal({ config: { source }, input: 7 });
  });

  it('E5 evaluates a condition over scope and input, and leaves its text alone', () => {
    const c = { config: { expression: 'input.big && parameters.amount > 5' }, input: { big: true } };
    const state = startedState(planOf([node('c', c, 'condition')]));
    const step = resolved(state, 'c');
    expect(step.config).to.deep.equal(c.config);
    expect(evaluateCondition(state.root.scope, step)).to.deep.equal({ ok: true, value: true });
  });

  it('E6 puts the fields of an input beside the scope, never before it', async () => {
    const { scope } = startedState(planOf([node('a')])).root;
    const over = withInput(scope, { rows: [1, 2], parameters: 'mine' });
    const evaluate = async (text: string) => await evaluateJsonata(text, over, { now: 0, random: () => 0 });
    expect(await evaluate('$sum(rows) + parameters.amount')).to.deep.equal({ ok: true, value: 10 });
    expect(await evaluate('input.parameters')).to.deep.equal({ ok: true, value: 'mine' });
  });
});
