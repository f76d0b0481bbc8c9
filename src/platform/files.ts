/**
 * Files on disk, content-hashed under the data folder; each row names its owner feature, its customer and its expiry.
 * Content is written once, under its SHA-256: two rows may share it, and the last row to go takes it along.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type postgres from 'postgres';
import { notFound, Refusal } from './errors.ts';

type Sql = postgres.Sql<Record<string, unknown>> | postgres.TransactionSql<Record<string, unknown>>;
/** What this module needs of a context. */
type Store = { postgres: Sql };

export type StoredFile = {
  id: string;
  owner: string;
  name: string;
  contentType: string;
  bytes: number;
  sha256: string;
  createdAt: Date;
};
export type AboutFile = {
  /** Feature that keeps it. */
  owner: string;
  name: string;
  contentType: string;
  customerId?: number | null;
  expiresAt?: Date | null;
  /** More than this is refused and nothing stays. */
  limitBytes?: number;
};
export type Files = {
  /** Streams `content` to disk (fsynced), then writes the row through the caller's SQL handle. Errors: too_large, refused (aborted upload). */
  keep: (context: Store, content: Readable, about: AboutFile) => Promise<StoredFile>;
  get: (context: Store, id: string) => Promise<StoredFile>;
  /** The stored bytes from `start` on. Errors: not_found. */
  read: (context: Store, id: string, start?: number) => Promise<Readable>;
  /** Deletes rows, and the content that no other row names. Call it outside of a transaction, or content may go that a rollback still needs. */
  remove: (context: Store, ids: readonly string[]) => Promise<void>;
  /** Deletes what has expired, half-written uploads of more than a day and content that no row names. Returns how many rows went. */
  sweep: (context: Store, now: Date) => Promise<number>;
};

const dayMs = 86_400_000;

/** Files live in `<dataFolder>/files`; the folder is made with the first file. */
export const openFiles = (settings: { dataFolder: string }): Files => {
  const folder = join(settings.dataFolder, 'files');
  const incoming = join(folder, 'incoming');
  const pathOf = (sha256: string) => join(folder, sha256.slice(0, 2), sha256);

  const keep: Files['keep'] = async (context, content, about) => {
    const temporary = join(incoming, randomUUID());
    await mkdir(incoming, { recursive: true, mode: 0o700 });
    try {
      const { bytes, sha256 } = await writeHashed(content, temporary, about.limitBytes ?? Number.POSITIVE_INFINITY);
      // The row first names the content, then the content takes its place: under the lock, so that no sweep comes in between.
      return await locked(context.postgres, sha256, async sql => {
        await mkdir(join(folder, sha256.slice(0, 2)), { recursive: true, mode: 0o700 });
        await rename(temporary, pathOf(sha256));
        const customerId = about.customerId ?? null;
        const [row] = await sql`
          insert into platform.file (owner, name, content_type, bytes, sha256, origin_id, customer_id, expires_at)
          values (${about.owner}, ${cleanName(about.name)}, ${about.contentType}, ${bytes}, ${sha256}, ${customerId}, ${customerId}, ${about.expiresAt ?? null})
          returning *`;
        return fileOf(row);
      });
    } finally {
      await rm(temporary, { force: true });
    }
  };

  const get: Files['get'] = async (context, id) => {
    const [row] = await context.postgres`select * from platform.file where id = ${id}`;
    if (!row) throw notFound('file');
    return fileOf(row);
  };

  const read: Files['read'] = async (context, id, start = 0) => {
    const path = pathOf((await get(context, id)).sha256);
    if (!(await exists(path))) throw notFound('file');
    return createReadStream(path, { start, highWaterMark: 256 * 1024 });
  };

  const remove: Files['remove'] = async (context, ids) => {
    const rows =
      await context.postgres`select distinct sha256 from platform.file where id = any(${ids as string[]}::uuid[]) order by sha256`;
    for (const { sha256 } of rows as unknown as { sha256: string }[]) {
      await locked(context.postgres, sha256, async sql => {
        await sql`delete from platform.file where sha256 = ${sha256} and id = any(${ids as string[]}::uuid[])`;
        await removeUnnamed(sql, sha256);
      });
    }
  };

  const removeUnnamed = async (sql: Sql, sha256: string): Promise<void> => {
    const [named] = await sql`select 1 from platform.file where sha256 = ${sha256} limit 1`;
    if (!named) await rm(pathOf(sha256), { force: true });
  };

  const sweep: Files['sweep'] = async (context, now) => {
    const expired = await context.postgres`select id from platform.file where expires_at <= ${now}`;
    await remove(
      context,
      expired.map(row => row.id as string),
    );
    for (const name of await namesIn(incoming)) {
      const age = await stat(join(incoming, name)).catch(() => null);
      if (age && now.getTime() - age.mtimeMs > dayMs) await rm(join(incoming, name), { force: true });
    }
    for (const part of (await namesIn(folder)).filter(name => /^[0-9a-f]{2}$/.test(name))) {
      for (const sha256 of await namesIn(join(folder, part))) {
        const found = await stat(pathOf(sha256)).catch(() => null);
        // A young file may belong to a transaction that has not committed yet.
        if (found && now.getTime() - found.mtimeMs > dayMs)
          await locked(context.postgres, sha256, sql => removeUnnamed(sql, sha256));
      }
    }
    return expired.length;
  };

  return { keep, get, read, remove, sweep };
};

/** One at a time per content, so that a row and its bytes come and go together. */
const locked = async <T>(sql: Sql, sha256: string, work: (sql: Sql) => Promise<T>): Promise<T> => {
  const within = async (inner: Sql) => {
    await inner`select pg_advisory_xact_lock(hashtextextended(${`file:${sha256}`}, 0))`;
    return work(inner);
  };
  if ('savepoint' in sql) return within(sql);
  return (await (sql as postgres.Sql).begin(inner => within(inner as unknown as Sql))) as T;
};

const writeHashed = async (content: Readable, path: string, limitBytes: number): Promise<{ bytes: number; sha256: string }> => {
  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > limitBytes) {
        done(
          new Refusal(
            'too_large',
            'files.too_large',
            `This file is larger than ${Math.floor(limitBytes / 1024 / 1024)} MB. Pack it with gzip, or split it.`,
          ),
        );
        return;
      }
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(content, measure, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
  const handle = await open(path, 'r+');
  await handle.sync();
  await handle.close();
  return { bytes, sha256: hash.digest('hex') };
};

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Names come from outside: no folders, no control characters, no endless length. */
const cleanName = (name: string): string => {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  return last.replace(/[\u0000-\u001f\u007f]/g, '').slice(0, 200) || 'file';
};

const fileOf = (row: Record<string, unknown>): StoredFile => ({
  id: row.id as string,
  owner: row.owner as string,
  name: row.name as string,
  contentType: row.content_type as string,
  bytes: row.bytes as number,
  sha256: row.sha256 as string,
  createdAt: row.created_at as Date,
});
