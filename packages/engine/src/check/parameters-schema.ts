import type { JsonObject, JsonValue } from '@millrace/contracts';
import { isLongerThan } from '../expressions/json.js';

const MAX_BYTES = 64 * 1024;
/** Subschemas, each counted as often as references repeat it: what one value can cost to check. */
const MAX_WEIGHT = 2_000;
const MAX_PATTERN = 500;

const DIALECTS = /^https?:\/\/json-schema\.org\/(draft\/2020-12|draft\/2019-09|draft-07)\/schema#?$/;
/** They would change what references mean, or reach out of the document. */
const REFUSED = ['$id', '$dynamicRef', '$recursiveRef', '$anchor', '$dynamicAnchor', '$vocabulary'];

/** Keywords whose value is data, not a schema. */
const DATA: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples', 'required', '$comment']);
/** Keywords whose value maps names to schemas. */
const NAMED: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'dependentSchemas']);
const DEFINITIONS: ReadonlySet<string> = new Set(['$defs', 'definitions']);

class Refusal extends Error {}

/**
 * Why a `parameters_schema` could cost more than it may: too large, recursive, reaching outside, or repeating itself through
 * references. Undefined when it is within the limits. Recursive schemas are refused because their cost grows with the
 * depth of what they check, exponentially where a branch is tried twice.
 */
export function parametersSchemaProblem(schema: JsonObject): string | undefined {
  if (isLongerThan(JSON.stringify(schema), MAX_BYTES)) return `is larger than ${MAX_BYTES} bytes`;
  const dialect = schema['$schema'];
  if (dialect !== undefined && !(typeof dialect === 'string' && DIALECTS.test(dialect))) {
    return '"$schema" must name draft 2020-12, 2019-09 or 7';
  }
  try {
    const total = weigher(schema)(schema, []);
    return total > MAX_WEIGHT
      ? `holds more than ${MAX_WEIGHT} subschemas, references counted each time`
      : undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

type Weigh = (schema: JsonValue, open: readonly string[]) => number;

/** Weighs every reference once and remembers it, so that weighing itself stays linear. */
function weigher(root: JsonObject): Weigh {
  const known = new Map<string, number>();

  const weighReference = (reference: string, open: readonly string[]): number => {
    if (open.includes(reference))
      throw new Refusal(`is recursive through "${reference}", which is not supported`);
    const remembered = known.get(reference);
    if (remembered !== undefined) return remembered;
    const target = resolve(root, reference);
    if (target === undefined) throw new Refusal(`refers to "${reference.slice(0, 200)}", which is not in it`);
    const weight = weigh(target, [...open, reference]);
    known.set(reference, weight);
    return weight;
  };

  const weigh: Weigh = (schema, open) => {
    if (typeof schema !== 'object' || schema === null) return 1;
    if (Array.isArray(schema)) return schema.reduce((sum: number, item) => sum + weigh(item, open), 0);
    let sum = 1;
    for (const [keyword, value] of Object.entries(schema)) {
      if (REFUSED.includes(keyword)) throw new Refusal(`uses "${keyword}", which is not supported`);
      if (keyword === 'pattern') checkPattern(value);
      if (DATA.has(keyword) || DEFINITIONS.has(keyword)) continue;
      if (keyword === '$ref') sum += weighReference(typeof value === 'string' ? value : '', open);
      else if (NAMED.has(keyword)) sum += weighNamed(keyword, value, open);
      else if (typeof value === 'object' && value !== null) sum += weigh(value, open);
    }
    return sum;
  };

  const weighNamed = (keyword: string, value: JsonValue, open: readonly string[]): number => {
    if (typeof value !== 'object' || value === null) return 0;
    let sum = 0;
    for (const [name, inner] of Object.entries(value)) {
      if (keyword === 'patternProperties') checkPattern(name);
      sum += weigh(inner, open);
    }
    return sum;
  };

  return weigh;
}

function checkPattern(pattern: JsonValue): void {
  if (typeof pattern === 'string' && pattern.length > MAX_PATTERN) {
    throw new Refusal(`has a pattern longer than ${MAX_PATTERN} characters`);
  }
}

/** Only `#` and `#/a/b`: a reference to anywhere else would have to be fetched. */
function resolve(root: JsonObject, reference: string): JsonValue | undefined {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let here: JsonValue | undefined = root;
  for (const segment of reference.slice(2).split('/')) {
    if (typeof here !== 'object' || here === null) return undefined;
    const key = decode(segment);
    here = Object.hasOwn(here, key) ? Object.entries(here).find(([name]) => name === key)?.[1] : undefined;
  }
  return here;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return segment;
  }
}
