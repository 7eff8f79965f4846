import { expect } from 'chai';
import { compile, compileCel, compileJsonata, compileTemplate, evaluateJsonata } from '../../src/index.js';
import { define, node } from '../support/workflows.js';

const bindings = { now: 0, random: () => 0, secret: (name: string) => `<${name}>` };

function refusal(text: string): string {
  const compiled = compileJsonata(text);
  return compiled.ok ? 'accepted' : compiled.message;
}

function namesIn(text: string): readonly string[] {
  const compiled = compileJsonata(text);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.value.secretNames;
}

async function evaluate(text: string, scope: object = {}): Promise<unknown> {
  const result = await evaluateJsonata(text, scope, bindings);
  return result.ok ? result.value : result.error;
}

function problemsOf(type: string, data: Record<string, unknown>): string[] {
  const result = compile(define([node('a', data, type)]));
  return result.ok ? [] : result.problems.map((problem) => problem.message);
}

describe('secrets in expressions', () => {
  it('E11 are named by a literal, with and without the dollar, wherever a call may stand', () => {
    expect(namesIn('secret("a")')).to.deep.equal(['a']);
    expect(namesIn("$secret('a.b-c_D9')")).to.deep.equal(['a.b-c_D9']);
    expect(
      namesIn('{"x": [secret("a"), {"y": "Bearer " & $secret("b")}], "z": p ? secret("c") : secret("a")}'),
    ).to.have.members(['a', 'b', 'c']);
    expect(namesIn('$map(list, function($v) { secret("in-a-lambda") })')).to.deep.equal(['in-a-lambda']);
    expect(namesIn('parameters.secret')).to.deep.equal([]);
    expect(namesIn('"secret(\\"a\\")"')).to.deep.equal([]);
  });

  it('E11 tell an expression that is one secret as a whole', () => {
    const whole = (text: string): unknown => {
      const compiled = compileJsonata(text);
      return compiled.ok ? compiled.value.wholeSecret : compiled.message;
    };

    expect(whole('secret("a")')).to.equal('a');
    expect(whole('$secret("a")')).to.equal('a');
    expect(whole('secret("a") & "b"')).to.equal(null);
    expect(whole('secret("a")[0]')).to.equal(null);
    expect(whole('parameters.a')).to.equal(null);
  });

  for (const text of [
    'secret(parameters.name)',
    'secret("a" & "b")',
    'secret()',
    'secret("a", "b")',
    '$secret(?)',
    'secret(1)',
    '$map(names, $secret)',
    '"a" ~> $secret',
    '($secret := function($n) { $n }; 1)',
    '($s := $secret; $s("a"))',
  ]) {
    it(`E11 refuse a name that nobody can know beforehand: ${text}`, () => {
      expect(refusal(text)).to.include('secret("name")');
    });
  }

  for (const name of ['', '9lives', 'white space', 'a/b', 'x'.repeat(129), '__proto__']) {
    it(`E11 refuse what cannot be a name: ${name.slice(0, 20)}`, () => {
      expect(refusal(`secret(${JSON.stringify(name)})`)).to.include('cannot be the name of a secret');
    });
  }

  for (const text of [
    '$uppercase(secret("a"))',
    '$base64encode("user:" & secret("a"))',
    '$length(secret("a"))',
    'secret("a") = "x"',
    '"x" in [secret("a")]',
    'secret("a") ~> $uppercase',
    'secret("a") ~> $substring(0, 3)',
    '($encodeUrlComponent((p ? secret("a") : "b")))',
  ]) {
    it(`E11 refuse work on a placeholder: ${text}`, () => {
      expect(refusal(text)).to.include('an expression sees a placeholder');
    });
  }

  it('E11 yield what the binding says, at any depth', async () => {
    expect(await evaluate('{"a": secret("x"), "b": "Bearer " & $secret("y")}')).to.deep.equal({
      a: '<x>',
      b: 'Bearer <y>',
    });
    expect(await evaluate('$map([1, 2], function($v) { secret("z") })')).to.deep.equal(['<z>', '<z>']);
    expect(await evaluate('items.(secret("x") & $string(n))', { items: [{ n: 1 }, { n: 2 }] })).to.deep.equal(
      ['<x>1', '<x>2'],
    );
  });

  it('E11 are refused where there is no binding', async () => {
    const result = await evaluateJsonata('secret("x")', {}, { now: 0, random: () => 0 });

    expect(result.ok ? result.value : result.error.message).to.include('not available');
  });

  it('E11 are refused by CEL with the reason', () => {
    const compiled = compileCel('secret("a") == "x"');

    expect(compiled.ok ? '' : compiled.message).to.include('secret() is not available in CEL');
  });

  it('E11 are told by templates, with the way to them', () => {
    const { expressions, needsThread } = compileTemplate({ headers: { a: 'Bearer {{ secret("token") }}' } });

    expect(needsThread).to.equal(true);
    expect(expressions).to.deep.equal([
      {
        text: 'secret("token")',
        loc: ['headers', 'a'],
        stepReferences: [],
        reachesAllSteps: false,
        secretNames: ['token'],
      },
    ]);
  });

  describe('in a workflow', () => {
    const url = 'https://example.com';

    it('G16 may stand in what sends', () => {
      const config = { url, headers: { authorization: 'Bearer {{ secret("token") }}' } };

      expect(problemsOf('http_request', { config, input: { also: '=secret("b")' } })).to.deep.equal([]);
    });

    it('G16 may not stand in what is recorded', () => {
      const values = { token: '=secret("token")' };

      expect(problemsOf('set', { config: { values } })).to.deep.equal([
        'node "a": secret("token") cannot be used here, for what a set step makes of it is recorded: use it in the templates of the step that sends it out (agent, http_request)',
      ]);
      expect(problemsOf('set', { config: { values: {} }, input: values })).to.have.length(1);
      expect(problemsOf('transform', { config: { expression: '{"t": secret("token")}' } })).to.have.length(1);
      expect(problemsOf('condition', { config: { expression: 'secret("token") == "x"' } })).to.have.length(1);
    });

    it('G16 is told apart from a name that cannot be known', () => {
      const config = { url, headers: { authorization: '=secret(parameters.which)' } };

      expect(problemsOf('http_request', { config })[0]).to.include(
        'must be known when the workflow is saved',
      );
    });
  });
});
