/**
 * Plain JSONata paths (`parameters.order.lines.price`) without JSONata: synchronous and as fast as a property access.
 * The meaning is JSONata's own, quirks included; a property test compares the two on arbitrary data.
 */

/** An array made by evaluation, which unlike an array of the data flattens and, with one item, is that item. */
class Sequence extends Array<unknown> {}

function lookup(value: unknown, name: string): unknown {
  if (Array.isArray(value)) {
    const found = new Sequence();
    for (const item of value) {
      const result = lookup(item, name);
      if (result === undefined) continue;
      if (Array.isArray(result)) for (const part of result) found.push(part);
      else found.push(result);
    }
    return found;
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}

/** A step's result leaves the evaluator: an empty sequence is nothing, one of a single item is the item. */
function unwrap(value: unknown): unknown {
  if (!(value instanceof Sequence)) return value;
  if (value.length === 0) return undefined;
  return value.length === 1 ? value[0] : value;
}

function step(name: string, input: readonly unknown[], isLast: boolean): readonly unknown[] {
  const results: unknown[] = [];
  for (const item of input) {
    const found = unwrap(lookup(item, name));
    if (found !== undefined) results.push(found);
  }
  const [only] = results;
  if (isLast && results.length === 1 && Array.isArray(only) && !(only instanceof Sequence)) return only;
  const flat = new Sequence();
  for (const result of results) {
    if (Array.isArray(result)) for (const part of result) flat.push(part);
    else flat.push(result);
  }
  return flat;
}

/** Follows `names` from an object. Undefined where JSONata yields nothing; the result may be part of the data, not a copy. */
export function followPath(names: readonly string[], root: unknown): unknown {
  let value = root;
  for (let position = 0; position < names.length; position += 1) {
    if (Array.isArray(value)) return followThroughList(names, position, value);
    if (typeof value !== 'object' || value === null) return undefined;
    const name = names[position] ?? '';
    if (!Object.hasOwn(value, name)) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}

function followThroughList(names: readonly string[], from: number, list: readonly unknown[]): unknown {
  let current = list;
  for (let position = from; position < names.length; position += 1) {
    current = step(names[position] ?? '', current, position === names.length - 1);
    if (current.length === 0) break;
  }
  const result = unwrap(current);
  return result instanceof Sequence ? Array.from(result) : result;
}
