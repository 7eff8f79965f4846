import * as z from 'zod';
import { type JsonObject, jsonObject } from './json.js';

/**
 * The part of JSON Schema that an author may use for the result of an agent. Regular expressions are left out because
 * they can block a process, references because they can recurse; everything here is checked in time linear in the result.
 */
const text = z.string().max(4_000);
const count = z.int().min(0).max(1_000_000);
const typeName = z.enum(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']);
const scalar = z.union([z.string().max(4_000), z.number(), z.boolean(), z.null()]);

/** Annotated, because a type cannot be inferred through itself. */
const nested: z.ZodType<z.core.JSONSchema.JSONSchema> = z.lazy(() => part);

const shape = z.strictObject({
  type: z.union([typeName, z.array(typeName).min(1).max(7)]).exactOptional(),
  title: text.exactOptional(),
  description: text.exactOptional(),
  enum: z.array(scalar).min(1).max(500).exactOptional(),
  const: scalar.exactOptional(),
  minimum: z.number().exactOptional(),
  maximum: z.number().exactOptional(),
  exclusiveMinimum: z.number().exactOptional(),
  exclusiveMaximum: z.number().exactOptional(),
  multipleOf: z.number().positive().exactOptional(),
  minLength: count.exactOptional(),
  maxLength: count.exactOptional(),
  minItems: count.exactOptional(),
  maxItems: count.exactOptional(),
  properties: z.record(z.string().min(1).max(200), nested).exactOptional(),
  required: z.array(z.string().max(200)).max(500).exactOptional(),
  additionalProperties: z.union([z.boolean(), nested]).exactOptional(),
  items: nested.exactOptional(),
  anyOf: z.array(nested).min(1).max(20).exactOptional(),
});

/** A name that is required and not described would never be missed. */
const part: z.ZodType<z.core.JSONSchema.JSONSchema> = shape.refine(
  ({ required = [], properties = {} }) => required.every((name) => Object.hasOwn(properties, name)),
  { path: ['required'], message: 'names a property that "properties" does not describe' },
);

export const MAX_OUTPUT_SCHEMA_LENGTH = 20_000;
export const MAX_OUTPUT_SCHEMA_DEPTH = 12;

/** Written beside the result by the platform, so a result cannot have them. */
export const AGENT_RECORD_FIELDS = [
  'provider',
  'model',
  'usage',
  'reasoning',
  'conversation',
  'fallbacks',
] as const;

/** What is nested below `properties`, `items`, `anyOf` and `additionalProperties`; counted before anything recurses. */
function depthOf(root: unknown): number {
  let level: unknown[] = [root];
  for (let depth = 0; ; depth += 1) {
    const next = level.flatMap((value): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
    if (next.length === 0 || depth > 100) return depth;
    level = next;
  }
}

function problemsOf(schema: JsonObject): { path: PropertyKey[]; message: string }[] {
  // A level of the result takes two of the schema: `properties` and the name below it.
  if (depthOf(schema) > 2 * MAX_OUTPUT_SCHEMA_DEPTH)
    return [{ path: [], message: `is nested deeper than ${String(MAX_OUTPUT_SCHEMA_DEPTH)} levels` }];
  if (JSON.stringify(schema).length > MAX_OUTPUT_SCHEMA_LENGTH)
    return [{ path: [], message: `is longer than ${String(MAX_OUTPUT_SCHEMA_LENGTH)} characters of JSON` }];
  const checked = part.safeParse(schema);
  if (!checked.success)
    return checked.error.issues.map(({ path, message }) => ({ path: [...path], message }));
  if (checked.data.type !== 'object') return [{ path: ['type'], message: 'must be "object"' }];
  return AGENT_RECORD_FIELDS.filter((name) => Object.hasOwn(checked.data.properties ?? {}, name)).map(
    (name) => ({
      path: ['properties', name],
      message: `"${name}" is written by the platform; give the property another name`,
    }),
  );
}

/** The schema of a result in JSON Schema, its root an object. */
export const outputSchema = jsonObject.superRefine((schema, context) => {
  for (const { path, message } of problemsOf(schema)) context.addIssue({ code: 'custom', path, message });
});

/** The check of a result by a schema that {@link outputSchema} has accepted. Throws where it has not. */
export function compileOutputSchema(schema: JsonObject): z.ZodType<JsonObject> {
  const compiled = z.fromJSONSchema(part.parse(schema));
  return jsonObject.superRefine((value, context) => {
    const result = compiled.safeParse(value);
    if (result.success) return;
    for (const { path, message } of result.error.issues)
      context.addIssue({ code: 'custom', path: [...path], message });
  });
}
