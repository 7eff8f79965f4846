/** Where the runner records what it applied. Both database roles may read it. */
export const MIGRATIONS_TABLE = 'schema_migrations';
