/**
 * Builds the context from open engines and the list of features: the same way in the server, in the tools and in tests.
 */
import type { Logger } from 'pino';
import type { ClickHouse } from './clickhouse.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { type Context, type Pool, systemActor } from './context.ts';
import { ensureCopiesSoon } from './copies.ts';
import { customerTableSlot, type Feature, jobSlot, permissionSlot, reactionSlot, textSlot } from './feature.ts';
import { openFiles } from './files.ts';
import { liveOver } from './live.ts';
import { announceOver } from './outbox.ts';
import { migrate } from './postgres.ts';
import { openSecrets } from './secrets.ts';
import { fill, Slots } from './slot.ts';

export type HouseInput = {
  config: Config;
  features: readonly Feature[];
  pool: Pool;
  clickhouse: ClickHouse;
  clock: Clock;
  log: Logger;
};

/** Everything that features put into slots, the registries of `Feature` fields included. */
export const gatherSlots = (features: readonly Feature[]): Slots =>
  new Slots(
    features.flatMap(feature => [
      ...feature.fills,
      ...fill(customerTableSlot, ...feature.customerTables),
      ...fill(reactionSlot, ...feature.reactions.map(reaction => ({ ...reaction, feature: feature.name }))),
      ...fill(jobSlot, ...feature.jobs),
      ...fill(permissionSlot, ...feature.permissions),
      ...fill(textSlot, { feature: feature.name, texts: feature.texts }),
    ]),
  );

export const buildContext = async (input: HouseInput): Promise<Context> => {
  const slots = gatherSlots(input.features);
  const bind: Context['bind'] = (sql, depth) => ({ announce: announceOver(sql, slots, depth), live: liveOver(sql) });
  return {
    postgres: input.pool,
    clickhouse: input.clickhouse,
    clock: input.clock,
    actor: systemActor,
    log: input.log,
    config: input.config,
    slots,
    files: openFiles(input.config),
    secrets: await openSecrets(input.config),
    causationDepth: 0,
    bind,
    ...bind(input.pool, 0),
  };
};

/** Migrations, ClickHouse copies, then each feature's own start. Safe to repeat. */
export const prepareHouse = async (context: Context, features: readonly Feature[]): Promise<{ applied: string[] }> => {
  const { applied } = await migrate(
    context.postgres as Pool,
    features.flatMap(feature => feature.migrations ?? []),
  );
  // ClickHouse may be down: the copies are made as soon as it answers.
  await ensureCopiesSoon(
    context,
    features.flatMap(feature => feature.copies),
  );
  for (const feature of features) await feature.start?.(context);
  return { applied };
};
