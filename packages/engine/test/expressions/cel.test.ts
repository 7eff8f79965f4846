import { expect } from 'chai';
import { compileCel } from '../../src/index.js';

const scope = {
  parameters: { amount: 2.5, count: 1, list: [1, 2, 3], name: 'ada', nothing: null, object: { key: 1 } },
  steps: { 'a-b': { output: 1 }, x: { output: { n: 2 } } },
  execution: { id: 'exec_1' },
};

function evaluate(text: string, over: object = scope): unknown {
  const compiled = compileCel(text);
  if (!compiled.ok) return `refused: ${compiled.message}`;
  const result = compiled.value.evaluate(over);
  return result.ok ? result.value : `${result.error.code}: ${result.error.message}`;
}

describe('CEL', () => {
  it('E5 mixes the numbers of JSON with int literals', () => {
    const truths = [
      'parameters.count == 1',
      'parameters.count in [1, 2]',
      '1 in parameters.list',
      'parameters.amount + 1 == 3.5',
      '1 - parameters.amount < 0',
      'parameters.amount * 2 == 5',
      'parameters.amount % 2 == 0.5',
      'parameters.list == [1, 2, 3]',
      'parameters.list[parameters.count] == 2',
      '1 == 1.0',
      'size(parameters.list) == 3',
      'steps["a-b"].output == 1',
    ];
    for (const text of truths) expect(evaluate(text), text).to.equal(true);
  });

  it('E3 E5 yields JSON numbers, never BigInt', () => {
    expect(evaluate('size(parameters.list)')).to.equal(3);
    expect(evaluate('parameters.list.map(x, x * 2)')).to.deep.equal([2, 4, 6]);
    expect(evaluate('{"a": 1, "b": "x"}')).to.deep.equal({ a: 1, b: 'x' });
  });

  it('E3 refuses results that have no JSON', () => {
    for (const text of ['duration("1s")', 'b"abc"', 'optional.of(1)', 'type(1)']) {
      expect(evaluate(text), text).to.match(/^expression_result_invalid/);
    }
    expect(evaluate('timestamp("2026-01-01T00:00:00Z")')).to.equal('2026-01-01T00:00:00.000Z');
  });

  it('E5 has macros, has() and optional access', () => {
    expect(evaluate('parameters.list.exists(x, x == 2) && has(steps.x) && !has(steps.y)')).to.equal(true);
    expect(evaluate('steps.x.output.?missing.orValue(7)')).to.equal(7);
  });

  it('E5 refuses regular expressions, deep nesting and long texts', () => {
    expect(evaluate('parameters.name.matches("a+")')).to.match(/^refused: matches\(\) is not available/);
    expect(evaluate(`${'('.repeat(200)}1${')'.repeat(200)}`)).to.match(/^refused: .*maxDepth/);
    expect(evaluate(`"${'x'.repeat(100_001)}" == ""`)).to.match(/^refused: .*longer/);
    expect(evaluate('[1].all(a, [1].all(b, [1].all(c, true)))')).to.match(/^refused: .*nest at most 2/);
  });

  it('E9 refuses to compare large lists with large lists', () => {
    const list = Array.from({ length: 20_000 }, (_, index) => index);
    const large = { parameters: { a: list, b: list }, steps: {} };
    expect(evaluate('parameters.a.all(x, x in parameters.b)', large)).to.match(/^expression_limit/);
    expect(evaluate('parameters.a.all(x, x >= 0)', large)).to.equal(true);
    expect(evaluate('parameters.list.all(x, x in parameters.list)')).to.equal(true);
  });

  it('E10 advises on an id with a dash', () => {
    expect(evaluate('steps.a-b.output == 1')).to.contain('steps["a-b"]');
  });

  it('fails with a value and never throws', () => {
    expect(evaluate('parameters.missing == 1')).to.equal('expression_failed: CEL: No such key: missing');
    expect(evaluate('1 / 0')).to.equal('expression_failed: CEL: division by zero');
    expect(evaluate('nobody.knows')).to.equal('refused: Unknown variable: nobody');
    for (const text of [
      '',
      '1 +',
      ')',
      '"',
      '\u0000',
      '🙂',
      '__proto__',
      'parameters.constructor.constructor',
    ]) {
      expect(evaluate(text), text).to.match(/^(refused|expression_failed): ./);
    }
  });

  it('E5 wants true or false from a condition', () => {
    const compiled = compileCel('parameters.count');
    const result = compiled.ok && compiled.value.evaluateBoolean(scope);
    expect(result).to.have.nested.property('error.code', 'expression_not_boolean');
  });

  it('G12 finds the steps it refers to, and whether it reads the input', () => {
    const compiled = compileCel('steps.a.output > 1 && steps["b-c"].output == input.x');
    expect(compiled.ok && compiled.value.stepReferences).to.have.members(['a', 'b-c']);
    expect(compiled.ok && compiled.value.usesInput).to.equal(true);
  });
});
