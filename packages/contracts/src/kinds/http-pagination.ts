import * as z from 'zod';

/** JSONata over each page, as a whole: a template would be filled in before there is a page. */
const pageExpression = z
  .string()
  .min(1)
  .max(10_000)
  .refine((text) => !text.trimStart().startsWith('='), {
    message: 'is JSONata over each page as a whole: write it without "="',
  });

const parameterName = z.string().min(1).max(200);

const common = {
  items: pageExpression.optional().describe('Where the items of a page are; without it the body is the list'),
  max_pages: z.int().min(1).max(10_000).default(100),
};

const cursor = z
  .strictObject({
    type: z.literal('cursor'),
    cursor: pageExpression.describe(
      'The next cursor; nothing, null, false or empty text after the last page',
    ),
    parameter: parameterName.optional().describe('The query parameter that carries it'),
    body_field: parameterName
      .optional()
      .describe('The way to the member of the JSON body that carries it, joined by dots'),
    ...common,
  })
  .refine(({ parameter, body_field }) => (parameter === undefined) !== (body_field === undefined), {
    message: 'a cursor is sent either as the query parameter "parameter" or as the body member "body_field"',
  });

/** How the next page of a list is asked for. */
export const httpPagination = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('link_header'), ...common }),
    z.strictObject({
      type: z.literal('next_url'),
      url: pageExpression.describe(
        'The address of the next page; nothing, null, false or empty text after the last',
      ),
      ...common,
    }),
    cursor,
    z.strictObject({
      type: z.literal('page'),
      parameter: parameterName.default('page'),
      start: z.int().min(0).default(1),
      ...common,
    }),
    z.strictObject({
      type: z.literal('offset'),
      parameter: parameterName.default('offset'),
      start: z.int().min(0).default(0),
      ...common,
    }),
  ])
  .describe('Collects the items of all pages');
export type HttpPagination = z.output<typeof httpPagination>;
