import type { JsonObject } from '@millrace/contracts';
import { parametersSchemaProblem } from '@millrace/engine';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { addFormats } from './formats.js';
import { linearPattern } from './pattern.js';
import { uniqueItems } from './unique-items.js';

/**
 * Validators for `parameters_schema`, which anyone with `workflow:write` may send, and which then runs on what anyone
 * with `workflow:execute` sends. So nothing in one may take time out of proportion: patterns run on RE2 (linear, hence
 * without look-around and back-references), `uniqueItems` is hashed instead of compared pairwise, and size, references
 * and recursion are limited by `parametersSchemaProblem`.
 */
export function compileParametersSchema(schema: JsonObject, allErrors: boolean): ValidateFunction {
  const ajv = new Ajv2020({
    allErrors,
    useDefaults: true,
    strict: false,
    ownProperties: true,
    logger: false,
    addUsedSchema: false,
    code: { regExp: linearPattern },
  });
  addFormats(ajv);
  ajv.removeKeyword('uniqueItems').addKeyword(uniqueItems);
  const { $schema: _dialect, ...rest } = schema;
  return ajv.compile(rest);
}

/** Why a schema is refused, in words for its author; undefined when it is fine. */
export function checkParametersSchema(schema: JsonObject): string | undefined {
  const problem = parametersSchemaProblem(schema);
  if (problem !== undefined) return problem;
  try {
    compileParametersSchema(schema, false);
    return undefined;
  } catch (error) {
    return `is not a valid JSON Schema (2020-12): ${error instanceof Error ? error.message.slice(0, 500) : 'unknown'}`;
  }
}
