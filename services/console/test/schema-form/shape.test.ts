import { AGENT_CONFIGURATIONS, STEP_KINDS } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { shapeOfJsonSchema, shapeOfZod } from '@/components/schema-form/from-json-schema';
import type { Shape } from '@/components/schema-form/shape';
import { fits, initialValue, labelOf } from '@/components/schema-form/values';

const field = (shape: Shape, name: string): Shape | undefined =>
  shape.kind === 'object' ? shape.fields.find((one) => one.name === name)?.shape : undefined;

describe('the shape of a schema', () => {
  it('is made of every configuration there is', () => {
    const schemas = [
      ...Object.values(STEP_KINDS)
        .filter(({ kind }) => kind !== 'agent')
        .map(({ configuration }) => configuration),
      ...Object.values(AGENT_CONFIGURATIONS),
    ];
    for (const schema of schemas) expect(shapeOfZod(schema).kind).toBe('object');
  });

  it('knows texts, choices, records and variants of a request', () => {
    const shape = shapeOfZod(STEP_KINDS.http_request.configuration);
    expect(field(shape, 'url')).toMatchObject({ kind: 'text', multiline: true });
    expect(field(shape, 'method')).toMatchObject({ kind: 'choice', default: 'GET' });
    expect(field(shape, 'headers')).toMatchObject({ kind: 'record', value: { kind: 'text' } });
    expect(field(shape, 'query')).toMatchObject({ kind: 'record', value: { kind: 'json' } });
    expect(field(shape, 'body')).toMatchObject({ kind: 'json' });
    expect(field(shape, 'authentication')).toMatchObject({ kind: 'union' });
  });

  it('takes a number or its expression in one control', () => {
    expect(field(shapeOfZod(STEP_KINDS.delay.configuration), 'seconds')).toMatchObject({ kind: 'scalar' });
  });

  it('ends where a schema contains itself', () => {
    const tree = {
      type: 'object',
      properties: { next: { $ref: '#' }, name: { type: 'string' } },
    };
    const shape = shapeOfJsonSchema({
      $ref: '#/$defs/tree',
      $defs: { tree: { ...tree, properties: { next: { $ref: '#/$defs/tree' } } } },
    });
    expect(shape.kind).toBe('json');
  });

  it('leaves null out of what may be null', () => {
    expect(shapeOfJsonSchema({ type: ['string', 'null'] }).kind).toBe('text');
    expect(shapeOfJsonSchema({ anyOf: [{ type: 'integer' }, { type: 'null' }] })).toMatchObject({
      kind: 'number',
      integer: true,
    });
  });

  it('falls back to JSON for what it cannot show', () => {
    expect(shapeOfJsonSchema(true).kind).toBe('json');
    expect(shapeOfJsonSchema({ allOf: [{ type: 'string' }, { minLength: 2 }] }).kind).toBe('json');
  });
});

describe('values of a shape', () => {
  it('begin with defaults and what is required', () => {
    const shape = shapeOfJsonSchema({
      type: 'object',
      required: ['name', 'count'],
      properties: {
        name: { type: 'string' },
        count: { type: 'integer', minimum: 2 },
        more: { type: 'string' },
      },
    });
    expect(initialValue(shape)).toEqual({ name: '', count: 2 });
  });

  it('choose the variant whose constant they have', () => {
    const shape = field(shapeOfZod(STEP_KINDS.http_request.configuration), 'authentication');
    const variants = shape?.kind === 'union' ? shape.variants : [];
    expect(variants.findIndex((variant) => fits(variant, { type: 'bearer', token: 'x' }))).toBe(1);
  });

  it('have labels that people read', () => {
    expect(labelOf('timeout_seconds')).toBe('Timeout (seconds)');
    expect(labelOf('workflow_id')).toBe('Workflow ID');
  });
});
