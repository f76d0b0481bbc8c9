/** A second process that runs one rule, to be killed: says a line per portion. Needs PostgreSQL only. */

import { features } from '../../../features.ts';
import { fixedClock } from '../../../platform/clock.ts';
import { readConfig } from '../../../platform/config.ts';
import { buildContext } from '../../../platform/house.ts';
import { openLog } from '../../../platform/log.ts';
import { openPostgres } from '../../../platform/postgres.ts';
import { retentionKinds } from '../../../platform/retention.ts';
import { runRule } from '../retention.ts';

const [, , , folder, now] = process.argv;
const pool = openPostgres(process.env.DATABASE_URL!, { max: 4 });
const context = await buildContext({
  config: { ...readConfig({}), dataFolder: folder },
  features,
  pool,
  clickhouse: {} as never,
  // The house's own day: it may lie years ahead.
  clock: fixedClock(now),
  log: openLog('error'),
});
const kind = context.slots.get(retentionKinds, 'tracking.events')!;
await runRule(context, { ...kind, portion: 1_000 }, 'second process', async () => {
  process.stdout.write('portion\n');
});
// Should it come to its end, it ends: the test then says that nobody was killed.
await pool.end();
