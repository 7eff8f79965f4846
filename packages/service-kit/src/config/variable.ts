import * as z from 'zod';

/** What the documentation says of an environment variable; `settings` is the table made of these. */
export interface VariableNotes {
  /** As it would be written in a shell. Absent: nothing is assumed. */
  readonly default?: string;
  readonly meaning: string;
  /** Its value is never shown, in errors neither. */
  readonly secret?: boolean;
}

export const variableNotes = z.registry<VariableNotes>();

/** A variable that may be missing. */
export function optional<T extends z.ZodType>(schema: T, notes: VariableNotes): z.ZodOptional<T> {
  return noted(schema.optional(), notes);
}

/** A variable without which the process does not start. */
export function required<T extends z.ZodType>(schema: T, notes: VariableNotes): T {
  return noted(schema, notes);
}

/** A variable with a default, which goes through the same checks as a given value. */
export function withDefault<T extends z.ZodType<unknown, string>>(
  schema: T,
  notes: VariableNotes & { readonly default: string },
): z.ZodType<z.output<T>, string | undefined> {
  const text = z
    .string()
    .optional()
    .transform((given) => given ?? notes.default);
  return noted(text.pipe(schema), notes);
}

function noted<T extends z.ZodType>(schema: T, notes: VariableNotes): T {
  variableNotes.add(schema, notes);
  return schema;
}

/** A whole number between two bounds, both allowed. */
export function wholeNumber(minimum: number, maximum: number): z.ZodType<number, string> {
  const words = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^\d{1,10}$/, words)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, words);
}

export function port(): z.ZodType<number, string> {
  return wholeNumber(0, 65_535);
}

/** A URL of one of the given protocols (`https:`); the value itself stays out of the message, it may hold a password. */
export function url(protocols: readonly string[], example: string): z.ZodType<string, string> {
  return z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `must be a URL such as ${example}`,
    );
}

/** Comma-separated words; spaces around them and empty ones do not count. */
export function list(): z.ZodType<string[], string> {
  return z.string().transform((text) =>
    text
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  );
}

const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Comma-separated HTTP methods in any case. */
export function methods(): z.ZodType<(typeof HTTP_METHODS)[number][], string> {
  const known = z.array(z.enum(HTTP_METHODS)).min(1);
  return list()
    .transform((words) => words.map((word) => word.toUpperCase()))
    .refine((words) => known.safeParse(words).success, `must name methods of ${HTTP_METHODS.join(', ')}`)
    .pipe(known);
}
