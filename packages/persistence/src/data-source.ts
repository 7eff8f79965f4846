import { DataSource, type QueryRunner } from 'typeorm';
import { beginAs, type Caller } from './caller.js';
import { ENTITIES } from './entities/index.js';
import {
  callerRepositories,
  platformRepositories,
  type CallerRepositories,
  type PlatformRepositories,
} from './repositories/index.js';
import { OPTIONS_IN_ADDRESS } from './pool.js';
import type { Session } from './repositories/session.js';
import { surviveLoss } from './survive-loss.js';

export interface ApiDatabaseOptions {
  databaseUrl: string;
  /** Most connections at once; 2 by default. */
  poolSize?: number;
  applicationName: string;
  /** Told of connections that broke while idle; the pool replaces them by itself. */
  onIdleError?: (error: Error) => void;
}

/**
 * The database as the gateway sees it: every connection acts as `millrace_api`, which row-level security binds.
 *
 * Inside `work`, use the repositories given to it and await them one after the other; calling `asCaller` within
 * `asCaller` takes a second connection and can starve the pool.
 */
export interface ApiDatabase {
  readonly dataSource: DataSource;
  /** Connects. Throws when the server cannot be reached or the login may not act as `millrace_api`; may be repeated. */
  start(): Promise<void>;
  /** Ends every connection; harmless when never started or stopped before. */
  stop(): Promise<void>;
  /** One transaction that sees and changes only what the caller may. Rolled back when `work` throws. */
  asCaller<T>(caller: Caller, work: (repositories: CallerRepositories) => Promise<T>): Promise<T>;
  /** Accounts and credentials. Each call commits by itself, or with `atomic` all of them as one transaction. */
  asPlatform<T>(
    work: (repositories: PlatformRepositories) => Promise<T>,
    options?: { atomic?: boolean },
  ): Promise<T>;
}

export function createApiDatabase(options: ApiDatabaseOptions): ApiDatabase {
  const dataSource = new DataSource({
    type: 'postgres',
    url: options.databaseUrl,
    applicationName: options.applicationName,
    poolSize: options.poolSize ?? 2,
    connectTimeoutMS: 5_000,
    installExtensions: false,
    entities: ENTITIES,
    poolErrorHandler: (error: Error) => options.onIdleError?.(error),
    // As in pool.ts: compiling short queries just in time costs more than running them.
    extra: {
      options: '-c role=millrace_api -c jit=off',
      keepAlive: true,
      idleTimeoutMillis: 60_000,
      onConnect: surviveLoss,
    },
  });

  async function transaction<T>(begin: string, work: (session: Session) => Promise<T>): Promise<T> {
    const runner = dataSource.createQueryRunner();
    try {
      await runner.query(begin);
      try {
        const result = await work(insideTransaction(runner));
        await runner.query('COMMIT');
        return result;
      } catch (error) {
        // The first error is the one to tell; where the connection broke, the server has rolled back by itself.
        await runner.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    } finally {
      await runner.release();
    }
  }

  const statementByStatement: Session = {
    get manager() {
      return dataSource.manager;
    },
    rows: (sql, parameters) => onAnyConnection((session) => session.rows(sql, parameters)),
    affected: (sql, parameters) => onAnyConnection((session) => session.affected(sql, parameters)),
    atomically: (work) => transaction('BEGIN', work),
  };

  async function onAnyConnection<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const runner = dataSource.createQueryRunner();
    try {
      return await work(insideTransaction(runner));
    } finally {
      await runner.release();
    }
  }

  return {
    dataSource,

    async start() {
      if (dataSource.isInitialized) return;
      await dataSource.initialize();
      const role = await statementByStatement.rows<{ role: string }>('SELECT current_user AS role');
      if (role[0]?.role === 'millrace_api') return;
      // An `options` parameter in the address takes the place of ours, and with it goes row-level security.
      await dataSource.destroy();
      throw new Error(OPTIONS_IN_ADDRESS);
    },

    async stop() {
      if (dataSource.isInitialized) await dataSource.destroy();
    },

    async asCaller(caller, work) {
      return transaction(beginAs(caller), (session) => work(callerRepositories(session, caller)));
    },

    asPlatform: (work, { atomic = false } = {}) =>
      atomic
        ? transaction('BEGIN', (session) => work(platformRepositories(session)))
        : work(platformRepositories(statementByStatement)),
  };
}

/** Statements on one connection. TypeORM is not told of the transaction: it would open it in two round trips. */
function insideTransaction(runner: QueryRunner): Session {
  const session: Session = {
    manager: runner.manager,
    async rows<Row>(sql: string, parameters: readonly unknown[] = []) {
      return rowsOf<Row>(await runner.query(sql, [...parameters], true));
    },
    async affected(sql, parameters = []) {
      const result = await runner.query(sql, [...parameters], true);
      return result.affected ?? 0;
    },
    atomically: (work) => work(session),
  };
  return session;
}

/** The one place where a statement's author vouches for the columns it answers with. */
function rowsOf<Row>(result: { records: Row[] }): Row[] {
  return result.records;
}
