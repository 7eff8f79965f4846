import type { ExecutionError, JsonValue, LoopPlan } from '@millrace/contracts';
import { mapConfiguration } from '@millrace/contracts';
import type { Evaluated } from '@millrace/engine';
import { invalidConfiguration, type LoopImplementation, type LoopLimits } from './types.js';

function refused(code: string, message: string): { ok: false; error: ExecutionError } {
  return { ok: false, error: { code, message, fault: 'workflow', retryable: false } };
}

function tooMany(count: number, { maxItems }: LoopLimits): { ok: false; error: ExecutionError } {
  const limit = maxItems.toLocaleString('en');
  return refused(
    'map_too_large',
    `The map has ${count.toLocaleString('en')} items; ${limit} is the limit (MAP_MAX_ITEMS). Map over parts of the list`,
  );
}

/** Numbers of a range may come from `{{ }}`, and are text then. */
function whole(value: number | string): number {
  return typeof value === 'number' ? value : value.trim() === '' ? Number.NaN : Number(value);
}

function rangeOf(
  range: { start: number | string; end: number | string; step: number | string },
  limits: LoopLimits,
): Evaluated<Pick<LoopPlan, 'count' | 'range'>> {
  const [start, end, step] = [whole(range.start), whole(range.end), whole(range.step)];
  if (![start, end, step].every(Number.isSafeInteger)) {
    return refused('map_invalid', `A range is of whole numbers, got ${JSON.stringify(range)}`);
  }
  if (step === 0) return refused('map_invalid', 'The step of a range must not be 0');
  const count = Math.max(0, Math.ceil((end - start) / step));
  if (count > limits.maxItems) return tooMany(count, limits);
  return { ok: true, value: { count, range: { start, step } } };
}

function listOf(items: JsonValue, limits: LoopLimits): Evaluated<Pick<LoopPlan, 'count' | 'items'>> {
  if (!Array.isArray(items)) {
    const got = items === null ? 'nothing' : typeof items === 'object' ? 'an object' : `a ${typeof items}`;
    return refused(
      'map_invalid',
      `"items" must be a list, got ${got}; in JSONata, [expression][] keeps a list of one`,
    );
  }
  if (items.length > limits.maxItems) return tooMany(items.length, limits);
  return { ok: true, value: { count: items.length, items } };
}

export const mapStep: LoopImplementation = {
  plan({ config, limits }) {
    // The list itself is JSON by its origin, and looking through all of it would take its time.
    const { items } = config;
    const parsed = mapConfiguration.safeParse({ ...config, ...(items !== undefined && { items: [] }) });
    if (!parsed.success) return { ok: false, error: invalidConfiguration(parsed.error) };
    const { range, concurrency, on_item_error } = parsed.data;
    const source = range === undefined ? listOf(items ?? null, limits) : rangeOf(range, limits);
    if (!source.ok) return source;
    const { count = 0 } = source.value;
    const { partSize, iterationsLeft } = limits;
    const isInParts = count > Math.min(partSize, iterationsLeft);
    return {
      ok: true,
      value: {
        ...source.value,
        concurrency,
        on_item_error,
        ...(isInParts && { shard_size: Math.min(partSize, count) }),
      },
    };
  },
};
