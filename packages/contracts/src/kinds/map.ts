import * as z from 'zod';
import { jsonValue } from '../json.js';
import { bodyField } from './body.js';
import type { StepKindDescriptor } from './descriptor.js';

const whole = z.union([z.int(), z.string().regex(/^=|\{\{/, 'must be a whole number or an expression')]);

export const mapConfiguration = z
  .strictObject({
    items: jsonValue.optional().describe('The list; usually an expression such as "=steps.load.output.rows"'),
    range: z
      .strictObject({
        start: whole.default(0),
        end: whole.describe('Not included'),
        step: whole.default(1),
      })
      .optional()
      .describe('Whole numbers instead of a list'),
    concurrency: z.int().min(1).max(1_000).default(10).describe('Iterations at once'),
    on_item_error: z
      .enum(['fail', 'collect'])
      .default('fail')
      .describe('`collect`: the result of an item that failed is `{"error": …}`'),
    body: bodyField,
  })
  .refine(({ items, range }) => (items === undefined) !== (range === undefined), {
    message: 'give either "items" or "range"',
  });

export const mapKind = {
  kind: 'map',
  title: 'Map',
  description:
    'Runs its body once for each item and yields the results in the order of the items. Expressions of the body see `item` and `index`.',
  configuration: mapConfiguration,
  purity: 'pure',
  ports: [],
  hasBody: true,
  celFields: [],
  jsonataFields: [],
  example: {
    items: '=parameters.orders',
    concurrency: 5,
    body: { nodes: [{ id: 'price', type: 'set', data: { config: { values: { total: '=item.price' } } } }] },
  },
} as const satisfies StepKindDescriptor;
