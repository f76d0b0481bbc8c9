/** A small shop with something in every table, as a release of ours would leave it behind. */
import { openFrontDoor } from '../src/features/access/front-door.ts';
import { loadDemo } from '../src/features/demo/load-demo.ts';
import { features } from '../src/features.ts';
import { writeBackup } from '../src/platform/backup/backup.ts';
import type { Pool } from '../src/platform/context.ts';
import { startTestHouse, type TestHouse } from '../src/platform/testing.ts';
import { furnish } from './furnish.ts';
import { doorsOf } from './sample.ts';

/** Known to everybody, so that a later release can open what an earlier one wrote. */
export const releaseKey = '07'.repeat(32);
export const releaseNow = '2026-11-21T12:00:00Z';

const definitions = [
  { all: [{ did: 'Order Completed', count: { at_least: 2 } }] },
  { not: { did: 'Order Completed', within: { days: 90 } } },
];

export const openRelease = async (): Promise<TestHouse> => {
  const house = await startTestHouse({ now: releaseNow, config: { rootKey: releaseKey } });
  const quiet = { jobId: '', report: async () => {} };
  await loadDemo(house.context, { seed: 'release', now: releaseNow, customers: 60 }, quiet);
  await house.drain();
  const door = await openFrontDoor(house.context, features);
  const owner = await door.setUpOwner();
  await door.join(owner, 'marketer');
  await furnish(house, owner, doorsOf(features));
  const people = await house.context.postgres`select id from customers.customer where known order by id limit 2`;
  await owner.send('POST', '/api/customers/merge', { winner: String(people[0].id), loser: String(people[1].id) });
  for (const definition of definitions)
    await owner.send('POST', '/api/segments', { name: JSON.stringify(definition), definition });
  await house.drain();
  await door.close();
  return house;
};

/** Writes what the house holds into one sealed file. */
export const writeRelease = (house: TestHouse, file: string, version: string) =>
  writeBackup({
    pool: house.context.postgres as Pool,
    secrets: house.context.secrets,
    dataFolder: house.context.config.dataFolder,
    file,
    version,
    now: house.clock.now(),
  });
