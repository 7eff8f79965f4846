import type { JsonObject } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { parsedDefault, rowsOfSchema, schemaOfRows } from '@/features/builder/panel/parameter-rows';

const schema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    name: { type: 'string', description: 'Whose', minLength: 1 },
    count: { type: 'integer', default: 3 },
  },
  required: ['name'],
};

describe('the table of parameters', () => {
  it('says the same as the schema it was made from', () => {
    const rows = rowsOfSchema(schema) ?? [];
    expect(rows.map(({ name, type, required }) => [name, type, required])).toEqual([
      ['name', 'string', true],
      ['count', 'integer', false],
    ]);
    expect(schemaOfRows(rows, schema)).toEqual(schema);
  });

  it('leaves alone what it cannot show', () => {
    expect(rowsOfSchema({ ...schema, allOf: [] })).toBeUndefined();
    expect(rowsOfSchema({ type: 'object', properties: { any: {} } })).toBeUndefined();
  });

  it('is no schema without rows', () => {
    expect(schemaOfRows([], undefined)).toBeUndefined();
  });

  it('takes a default of the right type only', () => {
    expect(parsedDefault('integer', '3')).toBe(3);
    expect(parsedDefault('integer', '3.5')).toBeUndefined();
    expect(parsedDefault('string', '3')).toBe('3');
    expect(parsedDefault('array', '[1]')).toEqual([1]);
  });
});
