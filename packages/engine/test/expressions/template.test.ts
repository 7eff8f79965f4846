import { expect } from 'chai';
import type { JsonValue } from '@millrace/contracts';
import { compileTemplate } from '../../src/index.js';

const scope = { parameters: { name: 'Ada', n: 2.5, list: [1, { a: 2 }], nothing: null } };

function parsed(text: string): JsonValue {
  const value: unknown = JSON.parse(text);
  return isJson(value) ? value : null;
}

/** zod drops `__proto__`, which is what one of these tests is about. */
function isJson(value: unknown): value is JsonValue {
  return value !== undefined;
}

function fill(json: JsonValue): unknown {
  const result = compileTemplate(json).evaluateSync(scope);
  return result.ok ? result.value : result.error;
}

describe('templates', () => {
  it('E2 keeps the type of "=" and makes text of {{ }}', () => {
    expect(fill('=parameters.list')).to.deep.equal([1, { a: 2 }]);
    expect(fill('{{ parameters.list }}')).to.equal('[1,{"a":2}]');
    expect(
      fill('Hi {{parameters.name}}: {{ parameters.n }}{{ parameters.nothing }}{{ parameters.gone }}!'),
    ).to.equal('Hi Ada: 2.5!');
  });

  it('E2 leaves everything else alone, also braces', () => {
    const literal = { a: ['x', 1, null, true, { b: 'a = b', c: '{x}', d: '}}' }], __proto: 'p' };
    const template = compileTemplate(literal);
    expect(template.isStatic).to.equal(true);
    expect(template.evaluateSync({})).to.deep.equal({ ok: true, value: literal });
  });

  it('E2 finds the end of an interpolation behind braces and quotes', () => {
    expect(compileTemplate('{{ {"a": {"b": 1}} }} x').threadExpressions).to.deep.equal(['{"a": {"b": 1}}']);
    expect(fill('{{ "}}" }}{{ "{{" }}')).to.equal('}}{{');
  });

  it('fills strings at any depth and keeps keys as they are', () => {
    const json = parsed('{"__proto__": {"x": "=parameters.n"}, "=k": ["{{ parameters.name }}"]}');
    const filled = fill(json);
    expect(JSON.stringify(filled)).to.equal('{"__proto__":{"x":2.5},"=k":["Ada"]}');
  });

  it('E4 hands out what needs a thread and takes the results in order', () => {
    const template = compileTemplate({ a: '=$sum(parameters.list)', b: '{{ parameters.name }} {{ 1 + 1 }}' });
    expect(template.needsThread).to.equal(true);
    expect(template.threadExpressions).to.deep.equal(['$sum(parameters.list)', '1 + 1']);
    expect(template.assemble(scope, [6, 2])).to.deep.equal({ ok: true, value: { a: 6, b: 'Ada 2' } });
  });

  it('G11 lists each expression that does not parse', () => {
    const template = compileTemplate({ a: '=1 +', b: ['{{ ( }}', 'open {{ x'], c: '=' });
    expect(template.problems.map((problem) => problem.loc)).to.deep.equal([['a'], ['b', 0], ['b', 1], ['c']]);
  });

  it('E9 refuses nesting without end', () => {
    const depth = 150;
    const deep = parsed(`${'['.repeat(depth)}"=1"${']'.repeat(depth)}`);
    expect(compileTemplate(deep).problems).to.have.length(1);
  });
});
