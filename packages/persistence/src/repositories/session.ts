import type { EntityManager } from 'typeorm';

/** What repositories run their statements on: a transaction, or single statements on any connection of the pool. */
export interface Session {
  readonly manager: EntityManager;
  /** The rows a statement answers with, columns named as in SQL. */
  rows<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** How many rows a statement changed. */
  affected(sql: string, parameters?: readonly unknown[]): Promise<number>;
  /** Runs several statements as one transaction: the one that is open, or one of their own. */
  atomically<T>(work: (session: Session) => Promise<T>): Promise<T>;
}
