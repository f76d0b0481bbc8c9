/** P8: the system says what it does not know. Features add figures (lag, rejected events, uncertain sends) through the slot. */
import { readFileSync } from 'node:fs';
import type { Context } from '../context.ts';
import { defineSlot } from '../slot.ts';

/** `label` is a text key. Warned of beside the number concerned as well as on the status page. */
export type StatusFigure = { code: string; label: string; value: number; unit: string | null; state: 'good' | 'warning' | 'bad' };
export type StatusSource = { code: string; read: (context: Context) => Promise<StatusFigure[]> };
export const statusSources = defineSlot<StatusSource>('platform.statusSources', source => source.code);

const version = (JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string })
  .version;

export const readStatus = async (context: Context) => {
  const [postgres, clickhouse, queue, held, sources] = await Promise.all([
    postgresStatus(context),
    clickhouseStatus(context),
    queueStatus(context),
    isSendingHeld(context),
    Promise.all(context.slots.all(statusSources).map(source => source.read(context))),
  ]);
  return {
    version,
    node: process.version,
    now: context.clock.now(),
    uptime_seconds: Math.round(process.uptime()),
    memory_mb: Math.round(process.memoryUsage.rss() / 2 ** 20),
    postgres: { ...postgres, embedded: context.config.databaseUrl === null },
    clickhouse: { ...clickhouse, embedded: context.config.clickhouseUrl === null },
    queue,
    figures: sources.flat(),
    sending_held: held,
  };
};

const postgresStatus = async ({ postgres }: Context) => {
  const [row] = await postgres`select current_setting('server_version') as version, pg_database_size(current_database()) as size`;
  return { ok: true, version: row.version as string, size_mb: Math.round((row.size as number) / 2 ** 20) };
};

const clickhouseStatus = async ({ clickhouse }: Context) => {
  try {
    const [row] = await clickhouse.query<{ version: string; size: number }>(
      'select version() as version, (select toFloat64(sum(bytes_on_disk)) from system.parts where active and database = currentDatabase()) as size',
      {},
    );
    return { ok: true, version: row.version, size_mb: Math.round(Number(row.size) / 2 ** 20) };
  } catch {
    return { ok: false, version: null, size_mb: null };
  }
};

const queueStatus = async ({ postgres, clock }: Context) => {
  const [row] = await postgres`
    select count(*) filter (where state = 'queued') as queued, count(*) filter (where state = 'running') as running,
      count(*) filter (where state = 'failed' and finished_at > ${clock.now()}::timestamptz - interval '1 day') as failed,
      (select count(*) from platform.delivery where not dead) as announcements, (select count(*) from platform.delivery where dead) as dead
    from platform.job`;
  return row as unknown as { queued: number; running: number; failed: number; announcements: number; dead: number };
};

/** After a restore nothing is sent until somebody releases it. */
export const isSendingHeld = async ({ postgres }: Context): Promise<boolean> => {
  const [row] = await postgres`select value from platform.setting where key = 'sending_held'`;
  return row?.value === true;
};
