import * as z from 'zod';

export type JsonPrimitive = string | number | boolean | null;
/** Anything that survives a JSON round trip unchanged. */
export type JsonValue = JsonPrimitive | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

export const jsonValue: z.ZodType<JsonValue> = z
  .json()
  .meta({ id: 'JsonValue', description: 'Any JSON value' });
export const jsonObject: z.ZodType<JsonObject> = z
  .record(z.string(), z.json())
  .meta({ id: 'JsonObject', description: 'A JSON object with any keys' });

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
