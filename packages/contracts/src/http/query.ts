import * as z from 'zod';

/** `true` or `false` in a query. */
export const flag = z.enum(['true', 'false']);

/** One value, several with commas between them, or the parameter repeated. */
export function anyOf<T extends z.ZodType>(item: T): z.ZodPreprocess<z.ZodArray<T>> {
  return z.preprocess(splitAtCommas, z.array(item).min(1).max(20));
}

function splitAtCommas(value: unknown): unknown {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.flatMap((each) => (typeof each === 'string' ? each.split(',') : [each]));
}

/** A number that was not counted to its end where that would take long: then `exact` is false, and there are more. */
export const boundedCount = z
  .object({
    count: z.int(),
    exact: z.boolean().describe('False: counting stopped here, and there are more'),
  })
  .meta({ id: 'BoundedCount' });
export type BoundedCount = z.infer<typeof boundedCount>;
