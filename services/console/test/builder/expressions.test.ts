import { CompletionContext } from '@codemirror/autocomplete';
import { EditorState } from '@codemirror/state';
import type { Definition } from '@millrace/contracts';
import { checkDefinition, type ExpressionLanguage } from '@millrace/engine';
import { describe, expect, it } from 'vitest';
import { completeExpressions } from '@/features/builder/expressions/completion';
import { createEvaluator, type EvaluationRequest } from '@/features/builder/expressions/evaluator';
import { expressionScope, stepsBefore } from '@/features/builder/expressions/scope';

const set = (id: string, more: object = {}) => ({
  id,
  type: 'set',
  data: { config: { values: {} }, ...more },
});

function document(): Definition {
  const { definition, problems } = checkDefinition({
    name: 'Orders',
    parameters_schema: { type: 'object', properties: { limit: { type: 'number', default: 10 } } },
    nodes: [
      set('load-all', { pinned_output: { rows: [{ price: 3 }] } }),
      set('rate', { pinned_output: { value: 2 } }),
      {
        id: 'each',
        type: 'map',
        data: { config: { items: '=parameters.list', body: { nodes: [set('inner')], edges: [] } } },
      },
      set('aside'),
    ],
    edges: [
      { source: 'load-all', target: 'rate' },
      { source: 'rate', target: 'each' },
    ],
  });
  if (!definition) throw new Error(JSON.stringify(problems));
  return definition;
}

function complete(language: ExpressionLanguage, text: string) {
  const scope = expressionScope(document(), 'each', null);
  const source = completeExpressions(language, () => ({
    scope,
    secretNames: ['token'],
    allowsSecrets: true,
  }));
  const state = EditorState.create({ doc: text });
  const result = source(new CompletionContext(state, text.length, true));
  if (result instanceof Promise) throw new Error('not at once');
  return result?.options.map(({ label }) => label) ?? [];
}

describe('what an expression can see', () => {
  it('is what comes before its step, the nearest first', () => {
    expect(stepsBefore(document(), 'each')).toEqual(['rate', 'load-all']);
    expect(stepsBefore(document(), 'aside')).toEqual([]);
  });

  it('is in a body also what comes before the step around it', () => {
    expect(stepsBefore(document(), 'inner')).toEqual(['rate', 'load-all']);
    expect(expressionScope(document(), 'inner', null).values).toMatchObject({ index: 0, item: null });
  });

  it('has pinned outputs and defaults before anything ran', () => {
    const { values, isOfRun } = expressionScope(document(), 'each', null);
    expect(values).toMatchObject({ parameters: { limit: 10 }, steps: { rate: { output: { value: 2 } } } });
    expect(isOfRun).toBe(false);
  });
});

describe('completion', () => {
  it('offers the scope, functions and secrets', () => {
    expect(complete('jsonata', 'st')).toEqual(
      expect.arrayContaining(['steps', 'parameters', '$sum', 'secret']),
    );
    expect(complete('cel', 'st')).toEqual(expect.arrayContaining(['steps', 'size']));
  });

  it('follows a chain into outputs, through lists', () => {
    expect(complete('jsonata', 'steps.')).toEqual(['rate', 'load-all']);
    expect(complete('jsonata', 'steps.rate.')).toEqual(['output', 'status', 'error']);
    expect(complete('jsonata', 'steps.`load-all`.output.rows.')).toEqual(['price']);
    expect(complete('cel', 'steps["load-all"].output.rows[0].pr')).toEqual(['price']);
    expect(complete('cel', 'parameters.')).toEqual(['limit']);
  });

  it('begins in a template behind "=" or "{{" only', () => {
    expect(complete('template', 'Hello ')).toEqual(['{{ }}']);
    expect(complete('template', 'Hello {{ parameters.')).toEqual(['limit']);
    expect(complete('template', '=steps.rate.output.')).toEqual(['value']);
  });

  it('knows the names of secrets', () => {
    expect(complete('template', '=secret("to')).toEqual(['token']);
  });
});

/** A worker that answers nothing, as one in an endless loop does. */
function silentWorker(made: { terminated: boolean; posted: EvaluationRequest[] }[]) {
  const posted: EvaluationRequest[] = [];
  const worker = { terminated: false, posted };
  made.push(worker);
  return {
    postMessage: (request: EvaluationRequest) => void worker.posted.push(request),
    addEventListener: () => undefined,
    terminate: () => {
      worker.terminated = true;
    },
  };
}

describe('evaluation', () => {
  it('ends an expression that takes too long, and gives the next one a new worker', async () => {
    const made: { terminated: boolean; posted: EvaluationRequest[] }[] = [];
    const evaluate = createEvaluator(() => silentWorker(made), 5);
    const [first, second] = await Promise.all([evaluate('jsonata', 'a', {}), evaluate('jsonata', 'b', {})]);
    expect(first).toMatchObject({ ok: false, error: { code: 'expression_timeout' } });
    expect(second.ok).toBe(false);
    expect(made.map(({ terminated, posted }) => [terminated, posted.map(({ text }) => text)])).toEqual([
      [true, ['a']],
      [true, ['b']],
    ]);
  });
});
