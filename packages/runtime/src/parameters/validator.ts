import type { ErrorItem, JsonObject } from '@millrace/contracts';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { compileParametersSchema } from './schema.js';

export type Validated = { ok: true; parameters: JsonObject } | { ok: false; errors: ErrorItem[] };

/** Checks parameters and fills in the schema's defaults. `loc` of an error begins after `parameters`. */
export type ParametersValidator = (parameters: JsonObject) => Validated;

/** Above this size only the first finding is told: collecting all of them could exhaust the memory. */
const ALL_ERRORS_BYTES = 64 * 1024;

export function createParametersValidator(schema: JsonObject): ParametersValidator {
  const first = compileParametersSchema(schema, false);
  let all: ValidateFunction | undefined;
  return (given) => {
    const parameters = structuredClone(given);
    if (first(parameters)) return { ok: true, parameters };
    if (JSON.stringify(given).length > ALL_ERRORS_BYTES) return { ok: false, errors: items(first.errors) };
    all ??= compileParametersSchema(schema, true);
    all(structuredClone(given));
    return { ok: false, errors: items(all.errors ?? first.errors) };
  };
}

function items(errors: ErrorObject[] | null | undefined): ErrorItem[] {
  return (errors ?? []).slice(0, 100).map(toItem);
}

function toItem(error: ErrorObject): ErrorItem {
  const loc = error.instancePath
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((segment) => (/^(0|[1-9]\d{0,8})$/.test(segment) ? Number(segment) : segment));
  const named = namedProperty(error);
  return {
    loc: named === undefined ? loc : [...loc, named],
    msg: error.message ?? 'is not valid',
    type: error.keyword,
  };
}

/** A missing or superfluous property is itself where the problem is, rather than the object around it. */
function namedProperty({ params }: ErrorObject): string | undefined {
  for (const name of ['missingProperty', 'additionalProperty', 'unevaluatedProperty']) {
    const value: unknown = Reflect.get(params, name);
    if (typeof value === 'string') return value;
  }
  return undefined;
}
