import pg from 'pg';

/** Anything that runs a query: a pool, or one of its clients inside a transaction. */
export type Queryable = Pick<pg.Pool, 'query'>;

/** A pool, from which several statements can take one connection. */
export type Database = Pick<pg.Pool, 'query' | 'connect'>;

export type DatabaseRole = 'millrace_engine' | 'millrace_api';

export interface PoolOptions {
  databaseUrl: string;
  role: DatabaseRole;
  /** Most connections at once. Services take 3 for the hot path. */
  max: number;
  applicationName: string;
  /** Told of connections that broke while idle; the pool replaces them by itself. */
  onIdleError?: (error: Error) => void;
}

/** int8 counters fit a double: the log, the only thing that could outgrow it, is limited far below 2^53. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/**
 * The engine's queries reach every row by an index. Prepared while a table is small, they would be planned as scans and
 * hash joins, and keep that plan while it grows; and compiling them just in time costs more than running them.
 */
const PLANNER: Record<DatabaseRole, string> = {
  millrace_engine: '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off',
  millrace_api: '-c jit=off',
};

export const OPTIONS_IN_ADDRESS =
  'The database address must not carry an "options" parameter: it would replace the role';

/**
 * A pool whose connections act as the given role. Fails fast: a dead server answers within five seconds. Throws for an
 * address with an `options` parameter, which would take the place of ours and leave the connections without the role.
 */
export function createPool(options: PoolOptions): pg.Pool {
  const [, parameters = ''] = options.databaseUrl.split('?', 2);
  if (new URLSearchParams(parameters).has('options')) throw new Error(OPTIONS_IN_ADDRESS);
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: options.max,
    application_name: options.applicationName,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    options: `-c role=${options.role} ${PLANNER[options.role]}`,
  });
  // Without a listener an idle connection that breaks would end the process.
  pool.on('error', (error) => options.onIdleError?.(error));
  return pool;
}

/**
 * Runs `work` as one transaction on one connection. Rolled back when it throws; when the commit itself fails, nobody
 * knows whether it took place, so that `work` must be something that may be repeated.
 */
export async function inTransaction<T>(
  db: Database,
  work: (transaction: Queryable) => Promise<T>,
): Promise<T> {
  const client = await db.connect();
  // The loss of a connection that somebody holds is reported on it as well; its statements tell it anyway.
  const ignore = (): void => undefined;
  client.on('error', ignore);
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // The first error is the one to tell; a connection that cannot even roll back is not given back to the pool.
    await client.query('ROLLBACK').catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error(String(failure));
    });
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}
