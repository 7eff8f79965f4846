import { expect } from 'chai';
import fc from 'fast-check';
import jsonata from 'jsonata';
import { compileJsonata, evaluateJsonata } from '../../src/index.js';
import { jsonCopy } from '../support/workflows.js';

const BINDINGS = { now: Date.parse('2026-01-02T03:04:05.678Z'), random: () => 0.5 };

async function evaluate(text: string, scope: object = {}, limits = {}): Promise<unknown> {
  const result = await evaluateJsonata(text, scope, BINDINGS, limits);
  return result.ok ? result.value : `${result.error.code}: ${result.error.message}`;
}

function compiled(text: string) {
  const result = compileJsonata(text);
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

describe('JSONata paths', () => {
  it('E4 knows plain paths and literals from everything that may block', () => {
    const plain = [
      'a',
      'a.b.c',
      '$.a',
      '$$.a.b',
      '$',
      '`a-b`.c',
      'steps.`x y`.output',
      '"text"',
      '42',
      'true',
      'null',
    ];
    const others = [
      'a[0]',
      'a[]',
      'a.*',
      'a.**',
      '$sum(a)',
      'a + 1',
      '/x+/',
      'a^(b)',
      'a.(b)',
      'a.{"k": b}',
      'a@$v.b',
      'a#$i.b',
      'a.%',
      '[a]',
      '$x',
      '(a)',
      '-a',
      'a.$b',
      'a ~> $f',
    ];
    for (const text of plain) expect(compiled(text).needsThread, text).to.equal(false);
    for (const text of others) expect(compiled(text).needsThread, text).to.equal(true);
  });

  it('E4 means what JSONata means, on any data', async () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const leaf = fc.constantFrom<unknown>(null, 0, 1, '', 'x', true, false, [], {});
    const { data } = fc.letrec((tie) => ({
      data: fc.oneof(
        { maxDepth: 6, withCrossShrink: true },
        leaf,
        fc.dictionary(name, tie('data'), { maxKeys: 3 }),
        fc.array(tie('data'), { maxLength: 3 }),
      ),
    }));
    const root = fc.dictionary(name, data, { maxKeys: 3 });
    const names = fc.array(name, { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(root, names, fc.constantFrom('', '$.', '$$.'), async (scope, path, prefix) => {
        const text = prefix + path.join('.');
        const own = compiled(text).evaluateSync(scope);
        const reference: unknown = await jsonata(text).evaluate(scope);
        const expected = reference === undefined ? null : jsonCopy(reference);
        expect(own).to.deep.equal({ ok: true, value: expected });
      }),
      { numRuns: 2_000 },
    );
  });

  it('E4 reads own properties only, whatever they are called', () => {
    expect(compiled('a.constructor').evaluateSync({ a: {} })).to.deep.equal({ ok: true, value: null });
    const scope: unknown = JSON.parse('{"a": {"__proto__": 1}}');
    if (typeof scope !== 'object' || scope === null) throw new Error('an object expected');
    expect(compiled('a.`__proto__`').evaluateSync(scope)).to.deep.equal({ ok: true, value: 1 });
  });

  it('copies what goes on changing with the execution', () => {
    const scope = { steps: { a: { output: 1 } } };
    const result = compiled('steps').evaluateSync(scope);
    scope.steps.a.output = 2;
    expect(result).to.deep.equal({ ok: true, value: { a: { output: 1 } } });
  });
});

describe('JSONata', () => {
  it('E3 yields plain JSON', async () => {
    expect(await evaluate('a.b', { a: [{ b: 1 }, { b: 2 }] })).to.deep.equal([1, 2]);
    expect(await evaluate('missing')).to.equal(null);
    expect(await evaluate('{"f": function($x){$x}, "n": 1/0}')).to.match(
      /^expression_failed|^expression_result_invalid/,
    );
  });

  it('E8 takes time and chance from the bindings', async () => {
    expect(await evaluate('$now()')).to.equal('2026-01-02T03:04:05.678Z');
    expect(await evaluate('$now("[Y]-[M01]")')).to.equal('2026-01');
    expect(await evaluate('[$millis(), $random()]')).to.deep.equal([BINDINGS.now, 0.5]);
    expect(await evaluate('$shuffle([1,2,3])')).to.deep.equal(await evaluate('$shuffle([1,2,3])'));
  });

  it('E8 refuses $eval, also through a variable', async () => {
    for (const text of ['$eval("1")', '($e := $eval; $e("1"))', '$map(["1"], $eval)']) {
      expect(compileJsonata(text)).to.include({ ok: false });
    }
    expect(await evaluate('$eval("1")')).to.match(/^expression_failed: .*not available/);
  });

  it('E9 ends endless work with an error', async () => {
    const endless = '($f := function($n){$f($n + 1)}; $f(1))';
    const deep = '($f := function($n){1 + $f($n)}; $f(1))';
    expect(await evaluate(endless, {}, { timeoutMs: 50 })).to.match(/^expression_limit/);
    expect(await evaluate(deep)).to.match(/^expression_limit/);
    expect(await evaluate('$map([1..1000], function($x){$x})', {}, { sequenceLength: 100 })).to.match(
      /^expression_limit/,
    );
    expect(await evaluate('"0123456789"', {}, { resultBytes: 5 })).to.match(/^expression_result_too_large/);
  });

  it('reports a syntax error with its position', () => {
    expect(compileJsonata('a +')).to.deep.include({ ok: false, position: 3 });
  });

  it('G12 finds the steps it refers to where the scope is the context', () => {
    const references = (text: string): readonly string[] => compiled(text).stepReferences;
    expect(references('{"a": steps.a.output, "b": $sum(steps.`b-c`.output.x)}')).to.have.members([
      'a',
      'b-c',
    ]);
    expect(references('parameters.items.(steps.inner)')).to.deep.equal([]);
    expect(references('parameters.items[steps.inner = 1]')).to.deep.equal([]);
    expect(references('parameters.items.($$.steps.outer.output)')).to.deep.equal(['outer']);
  });
});
