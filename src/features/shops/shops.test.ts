import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { feature as platform } from '../../platform/system/index.ts';
import { startTestHouse } from '../../platform/testing.ts';
import { type Browser, openFrontDoor } from '../access/front-door.ts';
import { feature as access } from '../access/index.ts';
import {
  createShop,
  defaultAsOf,
  defaultShopOf,
  organisationOf,
  proposeAsOf,
  removeDemoShop,
  feature as shops,
  shopsOf,
  zoneOf,
} from './index.ts';
import { currencyNamed, zoneNamed } from './place.ts';

const features = [platform, access, shops];
let house: Awaited<ReturnType<typeof startTestHouse>>;
let door: Awaited<ReturnType<typeof openFrontDoor>>;
let owner: Browser;

beforeAll(async () => {
  house = await startTestHouse({ features });
  door = await openFrontDoor(house.context, features);
  owner = await door.setUpOwner();
});
afterAll(async () => {
  await door?.close();
  await house?.close();
});

const read = async () => (await owner.send('GET', '/api/organisation')).body;
const change = async (body: object) => owner.send('PATCH', '/api/organisation', { version: (await read()).version, ...body });

describe('the organisation', () => {
  it('is named at set-up, its one shop and brand with it', async () => {
    expect(await organisationOf(house.context)).toMatchObject({
      name: 'Shop of Olga',
      homeCurrency: 'GBP',
      zone: 'Europe/London',
      defaultAsOf: null,
    });
    expect(await shopsOf(house.context)).toMatchObject([
      { name: 'Shop of Olga', currency: 'GBP', zone: 'Europe/London', isDefault: true, kind: 'shop' },
    ]);
    await shops.start?.(house.context);
    expect(await shopsOf(house.context)).toHaveLength(1);
    expect((await defaultShopOf(house.context)).brandId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('changes by version, tells who changed what, and refuses nonsense with a sentence', async () => {
    expect((await change({ zone: 'europe/berlin' })).body.zone).toBe('Europe/Berlin');
    expect(await zoneOf(house.context)).toBe('Europe/Berlin');
    expect((await change({ version: 1 })).status).toBe(409);
    for (const bad of [
      { zone: 'Mars/Olympus' },
      { zone: '+01:00' },
      { zone: "x'; drop table shops.shop" },
      { home_currency: 'XXL' },
      { name: ' ' },
    ]) {
      const answer = await change(bad);
      expect(answer.status).toBe(400);
      expect(answer.body.errors[0].path).toBe(Object.keys(bad)[0]);
    }
    const [entry] = (await owner.send('GET', '/api/audit?action=shops.organisation_changed')).body.data;
    expect(entry.details).toEqual({ zone: { from: 'Europe/London', to: 'Europe/Berlin' } });
    await change({ zone: 'Europe/London' });
  });
});

describe('as of', () => {
  beforeEach(async () => {
    await house.context
      .postgres`update shops.organisation set default_as_of = null, proposed_as_of = null, declined_as_of = null`;
    house.clock.set('2012-03-01T12:00:00Z');
  });

  it.each([
    ['2011-12-09', '2011-12-09'],
    ['2012-01-29', '2012-01-29'],
    ['2012-01-31', null],
    ['2012-03-01', null],
    ['2012-04-01', null],
  ])('the newest order of %s leads to the proposal %s', async (lastDay, proposal) => {
    await proposeAsOf(house.context, lastDay);
    expect((await read()).proposed_as_of).toBe(proposal);
    expect(await defaultAsOf(house.context)).toBeNull();
    expect((await owner.send('GET', '/api/me')).body.organisation.proposed_as_of).toBe(proposal);
  });

  it('is taken, and not proposed again', async () => {
    await proposeAsOf(house.context, '2011-12-09');
    expect((await change({ default_as_of: '2011-12-09' })).body).toMatchObject({
      default_as_of: '2011-12-09',
      proposed_as_of: null,
    });
    await proposeAsOf(house.context, '2011-12-09');
    expect((await read()).proposed_as_of).toBeNull();
    expect(await defaultAsOf(house.context)).toBe('2011-12-09');
    expect((await owner.send('GET', '/api/me')).body.organisation.as_of).toBe('2011-12-09');
  });

  it('is declined for that day, and offered again for another', async () => {
    await proposeAsOf(house.context, '2011-12-09');
    await change({ default_as_of: null });
    await proposeAsOf(house.context, '2011-12-09');
    expect((await read()).proposed_as_of).toBeNull();
    await proposeAsOf(house.context, '2011-12-20');
    expect((await read()).proposed_as_of).toBe('2011-12-20');
    await proposeAsOf(house.context, '2012-02-28');
    expect((await read()).proposed_as_of).toBeNull();
  });

  it('never lies in the future', async () => {
    expect((await change({ default_as_of: '2012-03-02' })).body.code).toBe('shops.as_of_future');
    expect((await change({ default_as_of: '2012-02-30' })).status).toBe(400);
  });
});

describe('shops', () => {
  it('are added with the organisation’s currency and zone, and changed by version', async () => {
    const made = await owner.send('POST', '/api/shops', { name: 'Market stall', kind: 'till' });
    expect(made.body).toMatchObject({ currency: 'GBP', zone: 'Europe/London', is_default: false });
    const changed = await owner.send('PATCH', `/api/shops/${made.body.id}`, { version: 1, currency: 'eur', name: 'Stall' });
    expect(changed.body).toMatchObject({ name: 'Stall', currency: 'EUR', kind: 'till', version: 2 });
    expect((await owner.send('PATCH', `/api/shops/${made.body.id}`, { version: 1, name: 'x' })).status).toBe(409);
    expect((await owner.send('PATCH', '/api/shops/00000000-0000-0000-0000-000000000000', { version: 1 })).status).toBe(404);
    expect((await owner.send('POST', '/api/shops', { name: 'Demo', kind: 'demo' })).status).toBe(400);
  });

  it('of kind demo can be removed, others not', async () => {
    const demo = await createShop(house.context, { name: 'Demo', kind: 'demo' });
    await removeDemoShop(house.context, demo.id);
    expect((await shopsOf(house.context)).map(shop => shop.kind)).not.toContain('demo');
    await expect(removeDemoShop(house.context, (await defaultShopOf(house.context)).id)).rejects.toThrow(/demo/);
  });
});

it.each([
  ['Europe/London', 'Europe/London'],
  ['america/new_york', 'America/New_York'],
  ['UTC', 'UTC'],
  ['Etc/GMT+5', 'Etc/GMT+5'],
  ['', null],
  ['+01:00', null],
  ['Europe/Londonx', null],
  ["Europe/London'", null],
])('zone %s -> %s', (typed, zone) => expect(zoneNamed(typed)).toBe(zone));

it.each([
  ['eur', 'EUR'],
  ['GBP', 'GBP'],
  ['XYZ', null],
  ['', null],
])('currency %s -> %s', (typed, code) => expect(currencyNamed(typed)).toBe(code));
