/**
 * P5: a role sees only its own, through any door. Generated from every feature's contract: each route x each role is allowed or
 * refused as `needs` says, a refusal changes nothing in any table, and answers hold nothing of a field group that the caller lacks.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, openFrontDoor } from '../src/features/access/front-door.ts';
import { listFacts } from '../src/features/customers/index.ts';
import { features } from '../src/features.ts';
import { type FieldGroup, fieldGroups } from '../src/platform/contract.ts';
import { permissionSlot } from '../src/platform/feature.ts';
import { startTestHouse, type TestHouse } from '../src/platform/testing.ts';
import { checksumsBut } from './checksums.ts';
import { amountMinor, furnish, knownParams, person } from './furnish.ts';
import { type Door, doorsOf, paramsOf, pathOf, queryText, sampleOf, schemaOf } from './sample.ts';

const doors = doorsOf(features);
const guarded = doors.filter(({ route }) => route.needs !== 'public' && route.needs !== 'write-key');
const label = ({ route }: Door) => `${route.method} ${route.path}`;
const builtIn = ['owner', 'admin', 'marketer', 'support', 'analyst', 'finance'] as const;
/** "custom" holds every third verb; "limited" all a marketer does, in a second shop where nothing happened. */
const roles = [...builtIn, 'custom', 'limited'] as const;

let house: TestHouse;
let door: Awaited<ReturnType<typeof openFrontDoor>>;
const people = new Map<string, Browser & { id?: string }>();
let known: Record<string, string> = {};
let otherShop = '';

beforeAll(async () => {
  house = await startTestHouse({ features });
  door = await openFrontDoor(house.context, features);
  const owner = await door.setUpOwner();
  people.set('owner', owner);
  for (const role of builtIn.slice(1)) people.set(role, await door.join(owner, role));
  otherShop = (await owner.send('POST', '/api/shops', { name: 'Other shop' })).body.id;
  await makeOwnRoles(owner);
  ({ known } = await furnish(house, owner, doors));
  await house.drain();
});
afterAll(async () => {
  await door?.close();
  await house?.close();
});

/** Made and given through the doors, as an owner does. */
const makeOwnRoles = async (owner: Browser): Promise<void> => {
  const { data, permissions } = (await owner.send('GET', '/api/roles')).body as {
    data: { code: string; verbs: string[]; fields: string[] }[];
    permissions: { verb: string }[];
  };
  const marketer = data.find(role => role.code === 'marketer')!;
  const rights = {
    custom: { verbs: permissions.map(one => one.verb).filter((_, index) => index % 3 === 0), fields: ['money'], shop_ids: null },
    limited: { verbs: marketer.verbs, fields: marketer.fields, shop_ids: [otherShop] },
  };
  for (const [name, given] of Object.entries(rights)) {
    const made = await owner.send('POST', '/api/roles', { name, ...given });
    expect(made.status, made.text).toBe(201);
    people.set(name, await door.join(owner, name));
  }
};

const valuesFor = (one: Door): Record<string, string> => ({ ...paramsOf(one.route), ...knownParams(known, one) });
const bodyFor = ({ route }: Door): unknown => (route.body && !route.upload ? sampleOf(schemaOf(route.body)) : undefined);
const call = (browser: Browser, one: Door, query: Record<string, unknown> = {}) =>
  browser.send(one.route.method, pathOf(one.route, valuesFor(one)) + queryText(query), bodyFor(one));

/** Left out: the log of refusals itself, and when somebody was last seen. */
const ofTables = checksumsBut(
  'platform.audit',
  'platform.audit_pending',
  'platform.audit_chain',
  'access.session',
  'access.api_key',
);
const checksums = () => ofTables(house.context.postgres);

it('knows every verb that a route needs', () => {
  const verbs = new Set(house.context.slots.all(permissionSlot).map(permission => permission.verb as string));
  for (const one of guarded) if (one.route.needs !== 'signed-in') expect(verbs, label(one)).toContain(one.route.needs);
});

it('lets nobody in without a login', async () => {
  const before = await checksums();
  for (const one of guarded) {
    const answer = await call(door.newBrowser(), one);
    expect(answer.status, label(one)).toBe(401);
  }
  expect(await checksums()).toEqual(before);
});

describe.each(roles)('%s', role => {
  const holds = (verbs: string[], { route }: Door) => route.needs === 'signed-in' || verbs.includes(route.needs);

  it('is refused what the role does not hold, and nothing changes', async () => {
    const browser = people.get(role)!;
    const { verbs } = (await browser.send('GET', '/api/me')).body;
    const denied = guarded.filter(one => !holds(verbs, one));
    if (role === 'owner' || role === 'admin') expect(denied.map(label)).toEqual([]);
    else expect(denied.length).toBeGreaterThan(0);
    const refusals = async () =>
      (await house.context.postgres`select count(*) as n from platform.audit where action = 'access.refused'`)[0].n as number;
    const before = { tables: await checksums(), refusals: await refusals() };
    for (const one of denied) {
      const answer = await call(browser, one);
      expect(answer.status, label(one)).toBe(403);
      expect(answer.body.code, label(one)).toBe('access.forbidden');
    }
    const after = await checksums();
    if (JSON.stringify(after) !== JSON.stringify(before.tables)) await nameCulprit(browser, denied);
    expect(after).toEqual(before.tables);
    expect(await refusals()).toBe(before.refusals + denied.length);
  });

  it('is let in where the role holds the verb', async () => {
    const browser = people.get(role)!;
    const { verbs } = (await browser.send('GET', '/api/me')).body;
    for (const one of guarded.filter(one => holds(verbs, one) && isHarmless(one))) {
      // Changing routes are asked with a body that no contract takes: the guard comes before the body is read.
      const answer =
        one.route.method === 'GET'
          ? await call(browser, one)
          : await browser.send(one.route.method, pathOf(one.route, valuesFor(one)), []);
      // What concerns all shops at once is for those who see them all, whatever verbs somebody holds.
      if (role === 'limited' && answer.body?.code === 'access.shop_limited') continue;
      expect([401, 403], `${label(one)}: ${answer.text.slice(0, 300)}`).not.toContain(answer.status);
      expect(answer.status, `${label(one)}: ${answer.text.slice(0, 300)}`).toBeLessThan(500);
    }
  });
});

/** Doors that end the caller's own session or take no body to be refused by. */
const isHarmless = ({ route }: Door): boolean => (route.method === 'GET' ? route.path !== '/api/live' : route.body !== undefined);

/** Asks one by one again, to name the door that changed something in spite of its refusal. */
const nameCulprit = async (browser: Browser, denied: Door[]): Promise<void> => {
  for (const one of denied) {
    const before = JSON.stringify(await checksums());
    await call(browser, one);
    expect(JSON.stringify(await checksums()), `${label(one)} changed something though it answered 403`).toBe(before);
  }
};

it('no door gives a secret back: password hashes, tokens, keys and their digests', async () => {
  const owner = people.get('owner')!;
  const made = await owner.send('POST', '/api/api-keys', { name: 'shown once', verbs: ['audit:read'] });
  const written = await owner.send('POST', '/api/write-keys', {
    shop_id: (await owner.send('GET', '/api/shops')).body.data[0].id,
    kind: 'secret',
    name: 'x',
  });
  const link = await owner.send('POST', `/api/staff/${people.get('support')!.id}/link`);
  const digests = await house.context.postgres<{ digest: string }[]>`
    select token_hash as digest from access.session union select token_hash from access.api_key union select token_hash from access.link
    union select password_hash from access.staff where password_hash is not null union select encode(hash, 'hex') from tracking.write_key`;
  const secrets = [
    made.body.secret,
    written.body.key,
    link.body.link.url.split('#token=')[1],
    owner.cookie().split('=')[1],
    ...digests.map(row => row.digest),
  ];
  expect(secrets.every(secret => typeof secret === 'string' && secret.length > 20)).toBe(true);
  for (const one of guarded.filter(({ route }) => route.method === 'GET' && route.path !== '/api/live')) {
    const { text } = await call(owner, one);
    for (const secret of secrets) expect(text.includes(secret), `${label(one)} gives out a secret`).toBe(false);
  }
});

describe('shops', () => {
  const asking = guarded.filter(({ route }) => route.path !== '/api/live' && (route.method === 'GET' || route.asks));
  const keyOf = async (shop_ids: string[] | null): Promise<Browser> => {
    const owner = people.get('owner')!;
    const { grantable } = (await owner.send('GET', '/api/api-keys')).body;
    const made = await owner.send('POST', '/api/api-keys', {
      name: 'shops',
      verbs: grantable.verbs,
      fields: fieldGroups,
      shop_ids,
    });
    expect(made.status, made.text).toBe(201);
    return door.newBrowser({ bearer: made.body.secret });
  };
  // The catalogue with its prices is the organisation's, not a shop's: left out.
  const traces = {
    'who they are': /zelda|matrixova|447700900123|violet envelopes/i,
    'what they paid': new RegExp(`${amountMinor}|${(amountMinor / 100).toFixed(2)}`),
    'their order': /M-1001/,
  };

  it.each(Object.keys(traces) as (keyof typeof traces)[])(
    '%s is seen by who sees all shops, and through no door from another shop',
    async what => {
      const leaks = async (browser: Browser): Promise<string[]> => {
        const found: string[] = [];
        for (const one of asking)
          if (one.route.path !== '/api/products' && traces[what].test((await call(browser, one)).text)) found.push(label(one));
        return found;
      };
      expect((await leaks(await keyOf(null))).length, 'the test data is seen by those who may').toBeGreaterThan(0);
      expect(await leaks(await keyOf([otherShop]))).toEqual([]);
    },
  );

  it('no search, filter or count of another shop finds the customer', async () => {
    const [all, other] = [await keyOf(null), await keyOf([otherShop])];
    const counted = async (browser: Browser) =>
      (await browser.send('POST', '/api/segments/preview', { definition: { all: [] } })).body.count;
    expect(await counted(all)).toBeGreaterThan(0);
    expect(await counted(other)).toBe(0);
    const found = (browser: Browser, query: string) =>
      browser.send('GET', `/api/customers?total=1&query=${encodeURIComponent(query)}`);
    for (const query of [person.name, person.email, 'M-1001']) {
      expect((await found(all, query)).body.total, query).toBe(1);
      expect((await found(other, query)).body.total, query).toBe(0);
    }
  });
});

describe('field groups', () => {
  const traces: Partial<Record<FieldGroup, RegExp>> = {
    contact: /zelda|matrixova|447700900123/i,
    money: new RegExp(`${amountMinor}|${(amountMinor / 100).toFixed(2)}`),
    notes: /violet envelopes/i,
    behaviour: /"last_seen_at":"2025/,
  };
  const asking = guarded.filter(({ route }) => route.path !== '/api/live' && (route.method === 'GET' || route.asks));

  const keyFor = async (fields: readonly FieldGroup[]): Promise<Browser> => {
    const owner = people.get('owner')!;
    const { grantable } = (await owner.send('GET', '/api/api-keys')).body;
    const made = await owner.send('POST', '/api/api-keys', { name: 'matrix', verbs: grantable.verbs, fields });
    return door.newBrowser({ bearer: made.body.secret });
  };

  const withoutGroup = new Map<FieldGroup, Browser>();
  const lacking = async (group: FieldGroup): Promise<Browser> => {
    const browser = withoutGroup.get(group) ?? (await keyFor(fieldGroups.filter(one => one !== group)));
    withoutGroup.set(group, browser);
    return browser;
  };

  const leaksTo = async (browser: Browser, trace: RegExp): Promise<string[]> => {
    const leaks: string[] = [];
    for (const one of asking) if (trace.test((await call(browser, one)).text)) leaks.push(label(one));
    return leaks;
  };

  it.each(Object.keys(traces) as FieldGroup[])('%s is seen with the group, and through no door without it', async group => {
    const all = await keyFor(fieldGroups);
    expect((await leaksTo(all, traces[group]!)).length, 'the test data is seen by those who may').toBeGreaterThan(0);
    const less = await lacking(group);
    expect(await leaksTo(less, traces[group]!)).toEqual([]);
  });

  it('no list is sorted by what the reader may not see, no column shows it', async () => {
    const facts = (await listFacts(house.context)).filter(fact => fact.group !== null);
    expect(facts.length).toBeGreaterThan(0);
    for (const fact of facts) {
      const less = await lacking(fact.group!);
      for (const query of [
        { sort: fact.code },
        { sort: `-${fact.code}` },
        { columns: fact.code },
        { filter: `${fact.code}:1` },
      ]) {
        const answer = await less.send('GET', `/api/customers${queryText(query)}`);
        expect([403, 422, 400], `${JSON.stringify(query)} without ${fact.group}: ${answer.text.slice(0, 200)}`).toContain(
          answer.status,
        );
      }
    }
  });

  it('no segment asks about what the reader may not see', async () => {
    const all = await keyFor(fieldGroups);
    const operators = [
      { at_least: 1 },
      { is: true },
      { is: 'x' },
      { contains: 'x' },
      { after: '2011-01-01' },
      { has: ['x'] },
      { any_of: ['x'] },
    ];
    const preview = (browser: Browser, definition: object) => browser.send('POST', '/api/segments/preview', { definition });
    let asked = 0;
    for (const fact of (await listFacts(house.context)).filter(one => one.group !== null)) {
      for (const operator of operators) {
        const definition = { not: { all: [{ fact: fact.code, ...operator }] } };
        if ((await preview(all, definition)).status !== 200) continue;
        const answer = await preview(await lacking(fact.group!), definition);
        expect(answer.status, `${JSON.stringify(definition)} without ${fact.group}: ${answer.text.slice(0, 200)}`).toBe(403);
        asked++;
        break;
      }
    }
    expect(asked).toBeGreaterThan(5);
  });

  it('nobody without contact finds people by their name, e-mail or phone', async () => {
    const all = await keyFor(fieldGroups);
    const less = await lacking('contact');
    const id = new RegExp(`"${known['/api/customers/:id']}"`);
    for (const one of guarded.filter(
      ({ route }) => route.method === 'GET' && route.query && /"query"/.test(JSON.stringify(schemaOf(route.query))),
    )) {
      for (const query of ['zelda', 'Matrixova', person.email, '7700900123']) {
        const answer = await call(less, one, { query });
        expect(answer.text, `${label(one)}?query=${query}`).not.toMatch(id);
      }
    }
    const found = await all.send('GET', `/api/customers?query=${encodeURIComponent(person.email)}`);
    expect(found.text).toMatch(id);
  });
});
