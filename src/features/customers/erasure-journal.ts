/**
 * The journal of erasures lies outside the database (`<data>/erasures.log`, keyed digests only), so that a restored backup can be told
 * whom to forget before it answers.
 */
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../../platform/context.ts';
import { digestsOf, personDigests } from './block-list.ts';
import type { Identifier } from './identifier.ts';

type Line =
  | { erasure: string; at: string; reason: string; blocked: boolean; digests: string[] }
  | { released: string[]; at: string };

const fileOf = (context: Context): string => join(context.config.dataFolder, 'erasures.log');

const append = async (context: Context, lines: readonly Line[]): Promise<void> => {
  const file = await open(fileOf(context), 'a', 0o600);
  try {
    await file.appendFile(lines.map(line => `${JSON.stringify(line)}\n`).join(''));
    await file.sync();
  } finally {
    await file.close();
  }
};

/** Writes what is not in the journal yet. Twice the same line does no harm; a missing one would. */
export const writeErasureJournal = async (context: Context): Promise<void> => {
  const sql = context.postgres;
  const rows = await sql`select id, at, reason, blocked, digests from customers.erasure where journaled_at is null order by at`;
  if (rows.length === 0) return;
  await append(
    context,
    rows.map(row => ({
      erasure: row.id,
      at: row.at.toISOString(),
      reason: row.reason,
      blocked: row.blocked,
      digests: row.digests,
    })),
  );
  await sql`update customers.erasure set journaled_at = ${context.clock.now()} where id = any(${rows.map(row => row.id)}::uuid[])`;
};

/** Lets erased people come back, also after a restore. Returns how many digests were on the block-list. */
export const releaseBlocked = async (context: Context, identifier: Identifier): Promise<number> => {
  const digests = digestsOf(context, identifier);
  const released = await context.postgres`
    update customers.blocked set released_at = ${context.clock.now()}, released_by = ${context.actor.name}
    where digest = any(${digests}::text[]) and released_at is null returning digest`;
  if (released.length > 0) await append(context, [{ released: digests, at: context.clock.now().toISOString() }]);
  return released.length;
};

const readJournal = async (context: Context): Promise<Line[]> => {
  const text = await readFile(fileOf(context), 'utf8').catch(error => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  // A line cut off by a crash was not yet acknowledged as written; it is written again.
  return text
    .split('\n')
    .filter(line => line.endsWith('}'))
    .map(line => JSON.parse(line) as Line);
};

const page = 20_000;

/** Everybody in this database whom the digests name. */
const findPeople = async (context: Context, wanted: ReadonlyMap<string, string>): Promise<Map<number, string>> => {
  const sql = context.postgres;
  const found = new Map<number, string>();
  const look = (id: number, digests: readonly string[]) => {
    for (const digest of digests) if (wanted.has(digest)) found.set(id, wanted.get(digest)!);
  };
  for (let after = 0; ; ) {
    const people =
      await sql`select id, first_seen_at from customers.customer where id > ${after} and erased_at is null order by id limit ${page}`;
    if (people.length === 0) break;
    const ids = people.map(row => row.id as number);
    for (const row of people) look(row.id, personDigests(context, row.id, row.first_seen_at));
    const identifiers =
      await sql`select kind, source, value, customer_id from customers.identifier where origin_id = any(${ids}::bigint[])`;
    for (const row of identifiers) look(row.customer_id, digestsOf(context, row as unknown as Identifier));
    after = ids.at(-1)!;
  }
  return found;
};

/**
 * Erases again whom a restored backup has brought back. Run it after a restore, before anything answers; safe to repeat.
 * `erase` is `eraseCustomer`, passed in so that the two files do not import each other.
 */
export const replayJournal = async (
  context: Context,
  erase: (input: { customerId: number; reason: string; block: boolean }) => Promise<unknown>,
): Promise<number> => {
  const lines = await readJournal(context);
  const done = new Set((await context.postgres`select id from customers.erasure`).map(row => row.id as string));
  const wanted = new Map<string, string>();
  const blocked = new Set<string>();
  for (const line of lines) {
    if ('released' in line) for (const digest of line.released) blocked.delete(digest);
    else {
      if (line.blocked) for (const digest of line.digests) blocked.add(digest);
      if (!done.has(line.erasure)) for (const digest of line.digests) wanted.set(digest, line.reason);
    }
  }
  await context.postgres`
    insert into customers.blocked (digest, at, reason)
    select digest, ${context.clock.now()}, 'erasure' from unnest(${[...blocked].sort()}::text[]) as digest on conflict do nothing`;
  const people = wanted.size === 0 ? new Map<number, string>() : await findPeople(context, wanted);
  for (const [customerId, reason] of people) await erase({ customerId, reason, block: false });
  return people.size;
};
