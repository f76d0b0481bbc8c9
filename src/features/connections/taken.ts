/** A record that is newer than what we hold, on its way into the use cases. */
import type { RecordRow } from './postgres.ts';

/** One record to take over: `said` is its time for the use cases, never before what we hold. */
export type Taken<T> = {
  told: T;
  said: Date;
  observedAt: Date;
  hash: string | null;
  before: RecordRow;
  origin: number | null;
  historical: boolean;
};
