import { isJsonObject, type JsonObject, type JsonValue } from '@millrace/contracts';

export const PARAMETER_TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array'] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];

/** A parameter, as a line of a table can show it. What else its schema says is kept in `rest`. */
export interface ParameterRow {
  readonly name: string;
  readonly type: ParameterType;
  readonly required: boolean;
  readonly description: string;
  readonly default?: JsonValue | undefined;
  readonly rest: JsonObject;
}

/** Of the schema as a whole, what a table shows or leaves alone. */
const SHOWN = ['type', 'properties', 'required', 'additionalProperties', '$schema', 'title', 'description'];

/** undefined: the schema says what a table cannot show. No schema has no rows. */
export function rowsOfSchema(schema: JsonObject | undefined): readonly ParameterRow[] | undefined {
  if (schema === undefined) return [];
  const { type, properties = {}, required = [] } = schema;
  if (type !== undefined && type !== 'object') return undefined;
  if (!isJsonObject(properties) || !Array.isArray(required)) return undefined;
  if (Object.keys(schema).some((key) => !SHOWN.includes(key))) return undefined;
  const rows = Object.entries(properties).map(([name, property]) =>
    rowOf(name, property, required.includes(name)),
  );
  return rows.every((row) => row !== undefined) ? rows : undefined;
}

function rowOf(name: string, property: JsonValue, required: boolean): ParameterRow | undefined {
  if (!isJsonObject(property)) return undefined;
  const { type, description = '', default: initial, ...rest } = property;
  const known = PARAMETER_TYPES.find((one) => one === type);
  if (known === undefined || typeof description !== 'string') return undefined;
  return { name, type: known, required, description, default: initial, rest };
}

/** No rows are no schema, unless it says something else. */
export function schemaOfRows(
  rows: readonly ParameterRow[],
  before: JsonObject | undefined,
): JsonObject | undefined {
  const { type: _type, properties: _properties, required: _required, ...rest } = before ?? {};
  if (rows.length === 0 && Object.keys(rest).length === 0) return undefined;
  const required = rows.filter((row) => row.required).map(({ name }) => name);
  return {
    ...rest,
    type: 'object',
    properties: Object.fromEntries(rows.map((row) => [row.name, propertyOf(row)])),
    ...(required.length > 0 && { required }),
  };
}

function propertyOf({ type, description, default: initial, rest }: ParameterRow): JsonObject {
  return {
    type,
    ...(description !== '' && { description }),
    ...(initial !== undefined && { default: initial }),
    ...rest,
  };
}

/** What is typed as a default, as a value of the type; undefined for nothing, or for what is none. */
export function parsedDefault(type: ParameterType, text: string): JsonValue | undefined {
  if (text === '') return undefined;
  if (type === 'string') return text;
  try {
    const value = JSON.parse(text) as JsonValue;
    return typeOf(value, type) ? value : undefined;
  } catch {
    return undefined;
  }
}

function typeOf(value: JsonValue, type: ParameterType): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  return type === 'object' ? isJsonObject(value) : typeof value === type;
}
