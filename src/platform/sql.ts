/** The two handles that run SQL. */
import type postgres from 'postgres';

/** The pool of connections of a process. */
export type Pool = postgres.Sql<Record<string, unknown>>;
/** A pool or a transaction: both run tagged-template SQL with bound values. */
export type Sql = Pool | postgres.TransactionSql<Record<string, unknown>>;
