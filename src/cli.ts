/**
 * Start-up only, for the commands beside the server: `npm run backup [FILE]`, `npm run restore FILE`, `npm run rebuild`,
 * `npm run verify-audit`, `npm run rotate-key`, `npm run reset-factors EMAIL`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { resetFactorsOf } from './features/access/index.ts';
import { replayErasures } from './features/customers/index.ts';
import { features } from './features.ts';
import { verifyAudit } from './platform/audit.ts';
import { type BackupSum, writeBackup } from './platform/backup/backup.ts';
import { emptyFolder, readBackup, refuseFullFolder } from './platform/backup/restore.ts';
import { checkSealed } from './platform/backup/sealed-file.ts';
import { connectClickHouse } from './platform/clickhouse.ts';
import { systemClock } from './platform/clock.ts';
import { type Config, readConfig } from './platform/config.ts';
import type { Context, Pool } from './platform/context.ts';
import { rebuildCopies } from './platform/copies.ts';
import { createDatabase, type Engines, joinEngines, startEngines } from './platform/engines/index.ts';
import { buildContext } from './platform/house.ts';
import { openLog } from './platform/log.ts';
import { migrate, openPostgres } from './platform/postgres.ts';
import { sayWhyNot } from './platform/process.ts';
import { rootKeyFileOf, rotateRootKey } from './platform/secrets.ts';
import { StartError } from './platform/start-error.ts';

const kept_days = 30;
const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
const copies = features.flatMap(feature => feature.copies);
const migrations = features.flatMap(feature => feature.migrations ?? []);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** npm changes into our folder; files are named from where the person stood. */
const fileOf = (word: string): string => resolve(process.env.INIT_CWD ?? '.', word);

const withContext = async <T>(config: Config, engines: Engines, work: (context: Context) => Promise<T>): Promise<T> => {
  const pool = openPostgres(engines.databaseUrl, { max: 6, name: 'regulars-cli' });
  const clickhouse = connectClickHouse(engines.clickhouse);
  try {
    return await work(await buildContext({ config, features, pool, clickhouse, clock: systemClock, log: openLog('warn') }));
  } finally {
    await clickhouse.close();
    await pool.end({ timeout: 5 });
    await engines.stop();
  }
};

const backup = async (config: Config, word?: string): Promise<void> => {
  if (config.databaseUrl === null && !existsSync(join(config.dataFolder, 'root.key')))
    throw new StartError(`There is no installation in ${config.dataFolder} to back up: name its folder with REGULARS_DATA.`);
  const own = join(config.dataFolder, 'backups');
  const now = new Date();
  const name = `regulars-${now.toISOString().slice(0, 19).replaceAll(':', '-')}.backup`;
  if (word === undefined) await mkdir(own, { recursive: true, mode: 0o700 });
  const file = word === undefined ? join(own, name) : fileOf(word);
  const sum: BackupSum = await withContext(config, await joinEngines(config, openLog('warn')), context =>
    writeBackup({
      pool: context.postgres as Pool,
      secrets: context.secrets,
      dataFolder: config.dataFolder,
      file,
      version,
      now,
    }),
  );
  if (word === undefined) await removeOld(own, now);
  say(
    `Backup written: ${file} (${(sum.bytes / 1_048_576).toFixed(1)} MB, ${sum.rows} rows of ${sum.tables} tables, ${sum.files} files).`,
  );
  say(
    `It opens only with the root key (${config.rootKey === null ? rootKeyFileOf(config.dataFolder) : 'REGULARS_ROOT_KEY'}): keep a copy of that elsewhere.`,
  );
};

/** Erased people must be gone from the last backup within the time the receipt states. */
const removeOld = async (folder: string, now: Date): Promise<void> => {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const age_days = (now.getTime() - (await stat(path)).mtimeMs) / 86_400_000;
    if (/^regulars-.*\.backup$/.test(name) && age_days > kept_days) await rm(path);
  }
};

const restore = async (config: Config, word?: string): Promise<void> => {
  if (word === undefined) throw new StartError('Name the file to restore: npm run restore FILE.');
  const file = fileOf(word);
  if ((await stat(file).catch(() => null)) === null) throw new StartError(`There is no file ${file}: check its name and place.`);
  await refuseFullFolder(config.dataFolder);
  await checkSealed(file, config);
  try {
    await restoreInto(config, file);
  } catch (error) {
    await emptyFolder(config.dataFolder);
    throw error;
  }
  say('Sending is held until somebody releases it in Settings. Start with: npm start');
};

const restoreInto = async (config: Config, file: string): Promise<void> =>
  withContext(config, await startEngines(config, openLog('warn')), async context => {
    const pool = context.postgres as Pool;
    const sum = await readBackup({ pool, secrets: context.secrets, dataFolder: config.dataFolder, file, migrations });
    const erased = await replayErasures(context);
    await rebuildCopies(context, copies);
    say(`Restored ${sum.rows} rows and ${sum.files} files as they were on ${sum.at.slice(0, 16).replace('T', ' ')} UTC.`);
    if (erased > 0) say(`${erased} people who were erased since then were erased again.`);
    if (!existsSync(join(config.dataFolder, 'erasures.log')))
      say(
        'There was no erasures.log: people erased after this backup are back. If you still have that file, restore again with it in the data folder.',
      );
  });

const rebuild = async (config: Config): Promise<void> => {
  const engines = await joinEngines(config, openLog('warn'));
  // Gone when somebody dropped it; on a service we may have no right to make it, and it is there.
  await createDatabase(engines.clickhouse).catch(() => undefined);
  await withContext(config, engines, async context => {
    await migrate(context.postgres as Pool, migrations);
    const rows = new Map<string, number>();
    await rebuildCopies(context, copies, (table, count) => rows.set(table, count));
    for (const [table, count] of rows) say(`${table}: ${count} rows`);
    say('ClickHouse is filled again from PostgreSQL.');
  });
};

const auditFaults = {
  changed: 'was changed after it was written',
  missing: 'was removed',
  not_chained: 'was slipped in past the product',
};

const verifyAuditLog = async (config: Config): Promise<void> => {
  const verdict = await withContext(config, await joinEngines(config, openLog('warn')), verifyAudit);
  const bad = verdict.first_bad;
  if (bad)
    throw new StartError(
      `the audit log was tampered with: entry ${bad.position ?? ''} (${bad.audit_id}) ${auditFaults[bad.reason]}.`,
    );
  say(
    `The audit log is whole: ${verdict.checked} entries were checked, ${verdict.waiting} of the last moments wait to be chained.`,
  );
  if (verdict.head) say(`Head: ${verdict.head.position} ${verdict.head.hash}`);
};

const rotateKey = async (config: Config): Promise<void> => {
  if (config.rootKey !== null)
    throw new StartError(
      'the root key comes from REGULARS_ROOT_KEY. Put a new one in front of the old, separated by a comma, and start again.',
    );
  if (!existsSync(rootKeyFileOf(config.dataFolder)))
    throw new StartError(`there is no installation in ${config.dataFolder}: name its folder with REGULARS_DATA.`);
  say(`New root key ${rotateRootKey(config.dataFolder)} stands in front of the old ones in ${rootKeyFileOf(config.dataFolder)}.`);
  say('A running server opens both, and seals with the new one from its next start. Keep a copy of the whole file elsewhere.');
};

/** The way back in when the only owner has lost phone, passkeys and recovery codes: whoever has the machine has everything anyway. */
const resetFactors = async (config: Config, word?: string): Promise<void> => {
  if (word === undefined) throw new StartError('name the person by e-mail: npm run reset-factors ana@example.com.');
  const person = await withContext(config, await joinEngines(config, openLog('warn')), context => resetFactorsOf(context, word));
  if (person === null)
    throw new StartError(`nobody in the team has the address ${word}: look how it is written in Settings, Team.`);
  say(`${person} signs in with the password alone now, and is signed out everywhere. It stands in the audit log.`);
};

const commands: Record<string, (config: Config, word?: string) => Promise<void>> = {
  backup,
  restore,
  rebuild,
  'verify-audit': verifyAuditLog,
  'rotate-key': rotateKey,
  'reset-factors': resetFactors,
};

const [name = '', ...words] = process.argv.slice(2);
try {
  const command = commands[name];
  if (command === undefined || words.length > 1)
    throw new StartError(
      'Use one of: npm run backup [FILE], npm run restore FILE, npm run rebuild, npm run verify-audit, npm run rotate-key, npm run reset-factors EMAIL.',
    );
  await command(readConfig(process.env), words[0]);
  process.exit(0);
} catch (error) {
  sayWhyNot(`The ${name || 'command'} did not work`, error);
  process.exit(1);
}
