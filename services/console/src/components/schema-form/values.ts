import { isJsonObject, type JsonObject, type JsonValue } from '@millrace/contracts';
import type { FormPath, Shape } from './shape';

/** What a value begins as when it is added. */
export function initialValue(shape: Shape): JsonValue {
  if (shape.default !== undefined) return shape.default;
  switch (shape.kind) {
    case 'text':
    case 'scalar':
      return '';
    case 'number':
      return shape.minimum ?? 0;
    case 'boolean':
      return false;
    case 'choice':
      return shape.options[0] ?? null;
    case 'constant':
      return shape.value;
    case 'list':
      return Array.from({ length: shape.minItems }, () => initialValue(shape.item));
    case 'object':
      return Object.fromEntries(
        shape.fields
          .filter(({ required }) => required)
          .map(({ name, shape: field }) => [name, initialValue(field)]),
      );
    case 'record':
      return {};
    case 'union': {
      const [first] = shape.variants;
      return first === undefined ? null : initialValue(first);
    }
    case 'json':
      return null;
  }
}

/** Could the value have been made with this shape? Constants decide; where there are none, the type does. */
export function fits(shape: Shape, value: JsonValue | undefined): boolean {
  switch (shape.kind) {
    case 'text':
      return typeof value === 'string';
    case 'scalar':
      return typeof value === 'string' || typeof value === 'number';
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'choice':
      return shape.options.some((option) => option === value);
    case 'constant':
      return shape.value === value;
    case 'list':
      return Array.isArray(value);
    case 'record':
      return isJsonObject(value);
    case 'object':
      return (
        isJsonObject(value) &&
        shape.fields.every(
          (field) => field.shape.kind !== 'constant' || value[field.name] === field.shape.value,
        )
      );
    case 'union':
      return shape.variants.some((variant) => fits(variant, value));
    case 'json':
      return true;
  }
}

/** The object with one member set, or taken out where `value` is undefined. Other members keep their order. */
export function withMember(object: JsonObject, name: string, value: JsonValue | undefined): JsonObject {
  if (value !== undefined) return { ...object, [name]: value };
  const { [name]: _, ...rest } = object;
  return rest;
}

export const pathKey = (path: FormPath): string => path.join('.');

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/_seconds$/, ' (seconds)'],
  [/_ms$/, ' (ms)'],
  [/_mb$/, ' (MB)'],
  [/_bytes$/, ' (bytes)'],
  [/_usd$/, ' (US$)'],
];
const CAPITALS: Readonly<Record<string, string>> = { id: 'ID', url: 'URL', api: 'API', http: 'HTTP' };

/** `timeout_seconds` as people read it: `Timeout (seconds)`. */
export function labelOf(name: string): string {
  const unit = UNITS.find(([ending]) => ending.test(name));
  const bare = unit ? name.replace(unit[0], '') : name;
  const words = bare.split(/[_\s]+/).filter(Boolean);
  const text = words.map((word) => CAPITALS[word.toLowerCase()] ?? word).join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1) + (unit?.[1] ?? '');
}
