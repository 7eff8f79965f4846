import type { JsonObject } from '@millrace/contracts';
import { expect } from 'chai';
import { evaluateExpression, evaluateTemplate, inspectExpression } from '../../src/index.js';
import type { ExpressionLanguage } from '../../src/index.js';

const BINDINGS = { now: 0, random: () => 0.5 };
const SCOPE: JsonObject = {
  parameters: { amount: 7, tags: ['a', 'b'] },
  steps: { plan: { output: { tasks: [{ title: 'one', days: 2 }] }, status: 'completed' } },
  execution: { id: 'exec_1' },
};

function pathsOf(language: ExpressionLanguage, text: string): string[] {
  const inspected = inspectExpression(language, text);
  if (!inspected.ok) throw new Error(inspected.message);
  return inspected.value.scopePaths.map((path) => path.join('.')).sort();
}

describe('E12 inspectExpression', () => {
  const cases: [ExpressionLanguage, string, string[]][] = [
    ['jsonata', 'parameters.amount * 2', ['parameters.amount']],
    ['jsonata', '$sum(steps.plan.output.tasks.days)', ['steps.plan.output.tasks.days']],
    ['jsonata', 'steps.`a-b`.output', ['steps.a-b.output']],
    ['jsonata', 'steps.plan.output.tasks[days > 1].title', ['steps.plan.output.tasks.title']],
    [
      'jsonata',
      'steps.plan.output.tasks[days > $$.parameters.amount]',
      ['parameters.amount', 'steps.plan.output.tasks'],
    ],
    ['jsonata', '$map(parameters.tags, function($tag) { $tag.x })', ['parameters.tags']],
    ['jsonata', '$.execution.id & "x"', ['execution.id']],
    [
      'cel',
      'parameters.amount > 5 && steps.plan.output.tasks.size() > 0',
      ['parameters.amount', 'steps.plan.output.tasks'],
    ],
    ['cel', 'steps["a-b"].output[0].title == "x"', ['steps.a-b.output.title']],
    ['cel', 'parameters.tags.exists(tag, tag == input.tag)', ['input.tag', 'parameters.tags']],
    ['cel', 'steps[parameters.which].output == 1', ['parameters.which', 'steps']],
    ['cel', 'parameters.?a.orValue(3) == 3', ['parameters.a']],
    ['template', '=parameters.amount', ['parameters.amount']],
    [
      'template',
      'Hello {{ parameters.name }}, {{ execution.id }} {{ parameters.name }}',
      ['execution.id', 'parameters.name'],
    ],
    ['template', 'no expression', []],
  ];
  for (const [language, text, paths] of cases) {
    it(`finds in ${language} ${text}: ${paths.join(', ') || 'nothing'}`, () => {
      expect(pathsOf(language, text)).to.deep.equal(paths);
    });
  }

  it('names secrets, whose calls are no path', () => {
    expect(inspectExpression('template', 'Bearer {{ secret("token") }}')).to.deep.equal({
      ok: true,
      value: { scopePaths: [], secretNames: ['token'] },
    });
  });

  it('says why an expression does not parse, in every language', () => {
    for (const [language, text] of [
      ['cel', 'parameters.'],
      ['jsonata', '1 +'],
      ['template', '=1 +'],
      ['template', 'open {{ parameters.x'],
    ] as const) {
      const inspected = inspectExpression(language, text);
      expect(inspected.ok, text).to.equal(false);
      expect(inspected, text).to.have.property('message').that.is.not.empty;
    }
  });
});

describe('evaluateExpression', () => {
  it('E3 yields JSON in every language, as an execution would', async () => {
    for (const [language, text, value] of [
      ['cel', 'parameters.amount + 1', 8],
      ['jsonata', 'parameters.amount', 7],
      ['jsonata', '$sum(steps.plan.output.tasks.days)', 2],
      ['jsonata', 'nothing.there', null],
      ['template', '=parameters.tags', ['a', 'b']],
      ['template', '{{ $uppercase(parameters.tags[0]) }}-{{ parameters.amount }}', 'A-7'],
      ['template', 'literal', 'literal'],
    ] as const) {
      const result = await evaluateExpression(language, text, SCOPE, BINDINGS);
      expect(result, text).to.deep.equal({ ok: true, value });
    }
  });

  it('E8 takes time, chance and what stands for a secret from the bindings', async () => {
    const bindings = { ...BINDINGS, secret: (name: string) => `[${name}]` };
    const text = '=$string($millis()) & $string($random()) & secret("token")';

    expect(await evaluateExpression('template', text, SCOPE, bindings)).to.deep.equal({
      ok: true,
      value: '00.5[token]',
    });
  });

  it('answers a failure as a value', async () => {
    for (const [language, text, code] of [
      ['cel', 'parameters.', 'expression_invalid'],
      ['cel', 'parameters.missing', 'expression_failed'],
      ['jsonata', '1 +', 'expression_invalid'],
      ['jsonata', '$error("no")', 'expression_failed'],
      ['template', '=1 +', 'expression_invalid'],
    ] as const) {
      const result = await evaluateExpression(language, text, SCOPE, BINDINGS);
      expect(result.ok ? 'ok' : result.error.code, text).to.equal(code);
    }
  });

  it('fills in a whole configuration', async () => {
    const config = { url: 'https://example.com/{{ parameters.amount }}', body: { tags: '=parameters.tags' } };

    expect(await evaluateTemplate(config, SCOPE, BINDINGS)).to.deep.equal({
      ok: true,
      value: { url: 'https://example.com/7', body: { tags: ['a', 'b'] } },
    });
  });
});
