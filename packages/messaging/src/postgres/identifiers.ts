const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/** The schema name in double quotes. Throws for anything but letters, digits and "_", so that it is safe inside SQL. */
export function quoteSchema(schema: string): string {
  if (!IDENTIFIER.test(schema)) {
    throw new Error(
      `Schema name ${JSON.stringify(schema)} must begin with a letter or "_" and hold at most 63 letters, digits or "_"`,
    );
  }
  return `"${schema}"`;
}
