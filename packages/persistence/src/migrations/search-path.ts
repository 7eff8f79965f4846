import type { QueryRunner } from 'typeorm';

/**
 * The search path of SECURITY DEFINER functions: the schema being migrated and nothing a caller could put tables of
 * its own into (`pg_temp` is searched first unless it is named last).
 */
export async function definerSearchPath(runner: QueryRunner): Promise<string> {
  const rows: unknown = await runner.query('SELECT quote_ident(current_schema()) AS name');
  const first: unknown = Array.isArray(rows) ? rows[0] : undefined;
  if (typeof first !== 'object' || first === null || !('name' in first) || typeof first.name !== 'string') {
    throw new Error(
      'The login has no schema to create tables in: check search_path and the rights on the schema',
    );
  }
  return `${first.name}, pg_temp`;
}
