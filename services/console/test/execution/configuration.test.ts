import { evaluateExpression, type Evaluated } from '@millrace/engine';
import type { ExecutionResource, JsonObject } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { recordedScope } from '@/features/execution/inspector/recorded-scope';
import {
  mentions,
  renderConfiguration,
  templatesIn,
} from '@/features/execution/inspector/render-configuration';
import { pendingStep, type StepView } from '@/features/execution/live/view';
import { emptyViewOf, recording } from './recorded';

const bindings = { now: 0, random: () => 0, secret: (name: string) => `••• ${name} •••` };
const evaluate = (text: string, scope: JsonObject): Promise<Evaluated> =>
  evaluateExpression('template', text, scope, bindings);
const render = (config: JsonObject, values: JsonObject, unknown: readonly string[] = []) =>
  renderConfiguration('http_request', config, { values, unknown }, evaluate);

describe('a configuration', () => {
  it('is filled in by the engine, and a secret stays its name', async () => {
    const config = {
      url: 'https://a.example/{{ steps.load.output.id }}',
      body: '=parameters.order',
      headers: { authorization: 'Bearer {{ secret("shop") }}' },
      timeout: 3,
    };
    const { value, left } = await render(config, {
      parameters: { order: { lines: [1, 2] } },
      steps: { load: { output: { id: 7 }, status: 'completed' } },
    });
    expect(value).toEqual({
      url: 'https://a.example/7',
      body: { lines: [1, 2] },
      headers: { authorization: 'Bearer ••• shop •••' },
      timeout: 3,
    });
    expect(left).toEqual([]);
  });

  it('leaves as written what no record tells', async () => {
    const config = { url: '=$now()', query: { a: '{{ item.id }}', b: '=items' } };
    const { value, left } = await render(config, { items: [1], parameters: {} }, ['item']);
    expect(value).toEqual({ url: '=$now()', query: { a: '{{ item.id }}', b: [1] } });
    expect(left).toEqual(['=$now()', '{{ item.id }}']);
  });

  it('has no templates where its kind takes text as it is', () => {
    expect(templatesIn('code', { source: '=not("a template") {{ }}' })).toEqual([]);
    expect(templatesIn('set', { values: { a: '=1', b: 'plain' } })).toEqual(['=1']);
  });

  it('mentions a name as a word only', () => {
    expect(
      ['=steps.load.output', 'steps.`load`', 'x.loads', 'up-load'].map((text) => mentions(text, 'load')),
    ).toEqual([true, true, false, false]);
  });
});

describe('what expressions saw', () => {
  const { execution } = recording('completed');
  const step = (stepId: string, more: Partial<StepView> = {}): StepView => ({
    ...pendingStep({ stepId, iteration: null, name: stepId, kind: 'set' }),
    ...more,
  });
  const scopeOf = (seer: StepView, others: readonly StepView[], defaultInput?: JsonObject) => {
    const steps = new Map([...others, seer].map((one) => [one.key, one]));
    const view = { ...emptyViewOf(recording('completed')), steps };
    return recordedScope({
      ...{ view, step: seer, defaultInput, version: { name: 'Orders' } },
      execution: execution satisfies ExecutionResource,
      readOutput: (reference) => Promise.resolve(reference === 'there' ? ['large'] : undefined),
    });
  };

  it('is the settled steps with their outputs, large ones too', async () => {
    const large = { size_bytes: 1, content_type: 'application/json', sha256: '' };
    const { values, unknown } = await scopeOf(step('c', { status: 'running' }), [
      step('a', { status: 'completed', output: 1 }),
      step('b', { status: 'completed', outputRef: { ...large, reference: 'there' } }),
      step('gone', { status: 'completed', outputRef: { ...large, reference: 'gone' } }),
      step('d', { status: 'running' }),
    ]);
    expect(values['steps']).toEqual({
      a: { output: 1, status: 'completed' },
      b: { output: ['large'], status: 'completed' },
      gone: { output: null, status: 'completed' },
    });
    expect(unknown).toEqual(['gone']);
  });

  it('is in a body the item, where its input tells it', async () => {
    const inside = (stepId: string, iteration: string, more: Partial<StepView> = {}): StepView =>
      step(stepId, { iteration, key: `${stepId}@${iteration}`, ...more });
    const seer = inside('charge', '3', { status: 'running' });
    const beside = [
      inside('load', '3', { status: 'completed', output: 'mine' }),
      inside('load', '2', { status: 'completed', output: 'not mine' }),
    ];
    const known = await scopeOf(seer, beside, { item: 'x' });
    expect(known.values).toMatchObject({ index: 3, item: 'x', steps: { load: { output: 'mine' } } });
    expect(known.unknown).toEqual(['previous', 'parent']);
    expect((await scopeOf(seer, beside)).unknown).toContain('item');
  });
});
