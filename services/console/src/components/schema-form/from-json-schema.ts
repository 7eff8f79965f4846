import { isJsonObject, jsonObject, type JsonObject, type JsonValue } from '@millrace/contracts';
import * as z from 'zod';
import type { Described, FieldShape, Shape } from './shape';

const known = new WeakMap<z.ZodType, Shape>();

/** The shape of what a zod schema takes in. Made once a schema. */
export function shapeOfZod(schema: z.ZodType): Shape {
  const found = known.get(schema);
  if (found) return found;
  const made = shapeOfJsonSchema(
    jsonObject.parse(
      JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))),
    ),
  );
  known.set(schema, made);
  return made;
}

/** The shape of what a JSON Schema describes. What no control can show, recursion among it, is `json`. */
export function shapeOfJsonSchema(schema: JsonValue): Shape {
  return read(schema, { root: schema, open: [], recursive: new Set() });
}

interface Place {
  readonly root: JsonValue;
  /** The references that led here. */
  readonly open: readonly string[];
  /** Those of them that came again: a form for one would have no end. */
  readonly recursive: Set<string>;
}

/** Above this length a text gets several lines. */
const LONG_TEXT = 1_000;

const string = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;
const number = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined;
const list = (value: JsonValue | undefined): readonly JsonValue[] | undefined =>
  Array.isArray(value) ? value : undefined;

function read(schema: JsonValue, place: Place): Shape {
  if (!isJsonObject(schema)) return { kind: 'json' };
  const reference = string(schema['$ref']);
  if (reference !== undefined) return readReference(reference, schema, place);
  const described = {
    title: string(schema['title']),
    description: string(schema['description']),
    default: schema['default'],
  };
  return { ...readBare(schema, place), ...withoutNothing(described) };
}

function withoutNothing(record: Described): Described {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function readReference(reference: string, schema: JsonObject, place: Place): Shape {
  const { root, open, recursive } = place;
  const { $ref: _, ...beside } = schema;
  const target = resolve(reference, root);
  if (open.includes(reference)) recursive.add(reference);
  if (target === undefined || open.includes(reference)) return read(beside, place);
  const merged = isJsonObject(target) ? { ...target, ...beside } : target;
  const shape = read(merged, { ...place, open: [...open, reference] });
  if (!recursive.has(reference)) return shape;
  const { title, description, default: initial } = shape;
  return { kind: 'json', title, description, default: initial };
}

function resolve(reference: string, root: JsonValue): JsonValue | undefined {
  let at: JsonValue | undefined = root;
  for (const part of reference.replace(/^#\/?/, '').split('/').filter(Boolean)) {
    at = isJsonObject(at) ? at[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
  }
  return at;
}

function readBare(schema: JsonObject, place: Place): Shape {
  if (Object.hasOwn(schema, 'const')) return { kind: 'constant', value: schema['const'] ?? null };
  const options = list(schema['enum']);
  if (options !== undefined) return { kind: 'choice', options };
  const variants = list(schema['anyOf']) ?? list(schema['oneOf']);
  if (variants !== undefined)
    return union(
      variants.map((variant) => read(variant, place)),
      variants,
    );
  const [whole, ...others] = list(schema['allOf']) ?? [];
  if (whole !== undefined) return others.length === 0 ? read(whole, place) : { kind: 'json' };
  const types = list(schema['type'])?.filter((type) => type !== 'null');
  if (types !== undefined && types.length !== 1) {
    const each = types.map((type) => ({ ...schema, type }));
    return union(
      each.map((variant) => read(variant, place)),
      each,
    );
  }
  return readType(string(types?.[0] ?? schema['type']), schema, place);
}

function readType(type: string | undefined, schema: JsonObject, place: Place): Shape {
  switch (type) {
    case 'string': {
      const maxLength = number(schema['maxLength']);
      const format = string(schema['format']);
      const multiline = format === 'multiline' || (maxLength ?? 0) >= LONG_TEXT;
      return { kind: 'text', multiline, format, maxLength };
    }
    case 'number':
    case 'integer': {
      const minimum = bound(schema, 'minimum', 'exclusiveMinimum');
      const maximum = bound(schema, 'maximum', 'exclusiveMaximum');
      return { kind: 'number', integer: type === 'integer', minimum, maximum };
    }
    case 'boolean':
      return { kind: 'boolean' };
    case 'array': {
      const minItems = number(schema['minItems']) ?? 0;
      const maxItems = number(schema['maxItems']);
      return { kind: 'list', item: read(schema['items'] ?? {}, place), minItems, maxItems };
    }
    default:
      return type === undefined || type === 'object' ? readObject(schema, place) : { kind: 'json' };
  }
}

/** Safe integers stand for "no bound" in what zod says of `int()`. */
function bound(schema: JsonObject, ...names: string[]): number | undefined {
  const found = names.map((name) => number(schema[name])).find((value) => value !== undefined);
  return found !== undefined && Math.abs(found) < Number.MAX_SAFE_INTEGER ? found : undefined;
}

function readObject(schema: JsonObject, place: Place): Shape {
  const properties = schema['properties'];
  if (isJsonObject(properties) && Object.keys(properties).length > 0) {
    const required = new Set(list(schema['required']) ?? []);
    const fields = Object.entries(properties).map(([name, property]): FieldShape => ({
      name,
      required: required.has(name),
      shape: read(property, place),
    }));
    return { kind: 'object', fields };
  }
  if (schema['type'] !== 'object') return { kind: 'json' };
  const value = schema['additionalProperties'];
  if (value === false) return { kind: 'object', fields: [] };
  return { kind: 'record', value: isJsonObject(value) ? read(value, place) : { kind: 'json' } };
}

/** Variants that one control can take together become one. */
function union(variants: readonly Shape[], schemas: readonly JsonValue[]): Shape {
  const isNull = (schema: JsonValue | undefined): boolean =>
    isJsonObject(schema) && (schema['type'] === 'null' || schema['const'] === null);
  const kept = variants.filter((_, index) => !isNull(schemas[index]));
  const [only, ...others] = kept;
  if (only === undefined) return { kind: 'json' };
  if (others.length === 0) return only;
  const kinds = new Set(kept.map(({ kind }) => kind));
  if (kinds.size === 1 && kinds.has('text')) return { kind: 'text', multiline: false };
  if (kept.every(({ kind }) => kind === 'constant'))
    return { kind: 'choice', options: kept.flatMap((one) => (one.kind === 'constant' ? [one.value] : [])) };
  if ([...kinds].every((kind) => kind === 'text' || kind === 'number')) return { kind: 'scalar' };
  // An enumeration that is open: its words are suggestions.
  if ([...kinds].every((kind) => kind === 'text' || kind === 'choice'))
    return { kind: 'text', multiline: false };
  return kept.some(({ kind }) => kind === 'json') ? { kind: 'json' } : { kind: 'union', variants: kept };
}
