import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { feature as platform } from '../../platform/system/index.ts';
import { startTestHouse } from '../../platform/testing.ts';
import { feature as shops } from '../shops/index.ts';
import { type Browser, openFrontDoor, ownerOf } from './front-door.ts';
import { guardExport } from './guard-export.ts';
import { feature as access } from './index.ts';

const features = [platform, access, shops];
let house: Awaited<ReturnType<typeof startTestHouse>>;
let door: Awaited<ReturnType<typeof openFrontDoor>>;
let owner: Browser;

beforeAll(async () => {
  house = await startTestHouse({ features });
});
afterAll(async () => {
  await door?.close();
  await house?.close();
});
beforeEach(async () => {
  const sql = house.context.postgres;
  await door?.close();
  for (const table of [
    'device',
    'network',
    'alert',
    'attempt',
    'api_key',
    'session',
    'link',
    'export',
    'review',
    'habit',
    'staff',
  ])
    await sql`delete from ${sql(`access.${table}`)}`;
  await sql`delete from access.role where code is null`;
  await sql`update access.policy set second_factor = 'nobody', limits = '{}', decided_at = null`;
  // Counting begins anew with each story.
  door = await openFrontDoor(house.context, features);
  owner = await door.setUpOwner();
});

const roles = async () =>
  (await owner.send('GET', '/api/roles')).body.data as { id: string; code: string; verbs: string[]; version: number }[];
const alerts = async (): Promise<{ kind: string; times: number; evidence: Record<string, unknown>; id: string }[]> => {
  await door.watched();
  return (await owner.send('GET', '/api/security/alerts')).body.data;
};
const kinds = async () => (await alerts()).map(alert => alert.kind);
describe('roles of one’s own', () => {
  it('hold at most what their maker holds, and nobody changes the one they hold', async () => {
    const all = await roles();
    const made = await owner.send('POST', '/api/roles', {
      name: 'Helper',
      verbs: ['staff:read', 'staff:write'],
      fields: ['contact'],
    });
    expect(made.status, made.text).toBe(201);
    const helper = await door.join(owner, 'Helper', 'helper@shop.example');
    const above = await helper.send('POST', '/api/roles', { name: 'More', verbs: ['audit:read'], fields: ['money'] });
    expect(above.body.errors.map((fault: { path: string }) => fault.path)).toEqual(['verbs.0', 'fields.0']);
    const { version } = made.body;
    const own = await helper.send('PATCH', `/api/roles/${made.body.id}`, { ...made.body, fields: [], version });
    expect(own.body.code).toBe('access.not_own_role');
    const builtIn = all.find(role => role.code === 'marketer')!;
    expect((await owner.send('PATCH', `/api/roles/${builtIn.id}`, { ...builtIn, name: 'x' })).body.code).toBe(
      'access.built_in_role',
    );
    expect((await owner.send('DELETE', `/api/roles/${builtIn.id}`)).status).toBe(422);
    expect((await owner.send('POST', '/api/roles', { name: 'marketer', verbs: [], fields: [] })).body.code).toBe(
      'access.role_name_taken',
    );
  });

  it('sign their holders out when they change, are written down, and go when nobody holds them', async () => {
    const made = await owner.send('POST', '/api/roles', { name: 'Helper', verbs: ['staff:read'], fields: ['contact'] });
    const helper = await door.join(owner, 'Helper', 'helper@shop.example');
    expect((await helper.send('GET', '/api/staff')).status).toBe(200);
    const changed = await owner.send('PATCH', `/api/roles/${made.body.id}`, { ...made.body, verbs: ['audit:read'] });
    expect(changed.status, changed.text).toBe(200);
    expect((await helper.send('GET', '/api/me')).status).toBe(401);
    expect((await owner.send('PATCH', `/api/roles/${made.body.id}`, { ...made.body, verbs: [] })).status).toBe(409);
    expect((await owner.send('DELETE', `/api/roles/${made.body.id}`)).body.code).toBe('access.role_held');
    const analyst = (await roles()).find(role => role.code === 'analyst')!;
    const { version } = (await owner.send('GET', '/api/staff')).body.data.find((one: { id: string }) => one.id === helper.id);
    await owner.send('PATCH', `/api/staff/${helper.id}`, { version, role_id: analyst.id });
    expect((await owner.send('DELETE', `/api/roles/${made.body.id}`)).status).toBe(204);
    const written = (await owner.send('GET', '/api/audit?action=access.')).body.data.map((one: { action: string }) => one.action);
    for (const action of ['access.role_made', 'access.role_edited', 'access.role_deleted']) expect(written).toContain(action);
  });

  it('reach some shops only, for a role, for one person, and never beyond whoever gives them', async () => {
    const [first] = (await owner.send('GET', '/api/shops')).body.data;
    const second = (await owner.send('POST', '/api/shops', { name: 'Second' })).body;
    const made = await owner.send('POST', '/api/roles', {
      name: 'North',
      verbs: ['staff:read', 'staff:write', 'api-keys:write'],
      fields: [],
      shop_ids: [first.id],
    });
    const north = await door.join(owner, 'North', 'north@shop.example');
    expect((await north.send('GET', '/api/me')).body.shop_ids).toEqual([first.id]);
    expect((await north.send('POST', '/api/roles', { name: 'All', verbs: [], fields: [] })).status).toBe(422);
    expect((await north.send('POST', '/api/roles', { name: 'Other', verbs: [], fields: [], shop_ids: [second.id] })).status).toBe(
      422,
    );
    const key = await north.send('POST', '/api/api-keys', { name: 'k', verbs: ['staff:read'], shop_ids: [second.id] });
    expect(key.body.code).toBe('access.key_above_own');
    const { version } = (await owner.send('GET', '/api/staff')).body.data.find((one: { id: string }) => one.id === north.id);
    const narrowed = await owner.send('PATCH', `/api/staff/${north.id}`, { version, shop_ids: [second.id] });
    expect(narrowed.status, narrowed.text).toBe(200);
    // What neither the role nor the person allows is nothing.
    await north.send('POST', '/api/login', { email: 'north@shop.example', password: 'seven green bicycles' });
    expect((await north.send('GET', '/api/me')).body.shop_ids).toEqual([]);
    expect(made.status).toBe(201);
  });
});

describe('view as', () => {
  it('shows exactly what a role or a person sees, refuses every change, names the viewer in the audit log, and ends by itself', async () => {
    const marketer = await door.join(owner, 'marketer');
    const role = (await roles()).find(one => one.code === 'marketer')!;
    expect((await owner.send('POST', '/api/view-as', { role_id: role.id })).status).toBe(200);
    const me = (await owner.send('GET', '/api/me')).body;
    expect(me).toMatchObject({ viewing: { as: 'Marketer' }, role: { name: 'Marketer' } });
    expect(me.verbs).toEqual([...role.verbs].sort());
    expect((await owner.send('GET', '/api/audit')).status).toBe(403);
    expect((await owner.send('PATCH', '/api/me', { name: 'X' })).body.code).toBe('access.viewing');
    expect((await owner.send('POST', '/api/step-up', { password: ownerOf.password })).body.code).toBe('access.viewing');
    expect((await owner.send('GET', '/api/sessions')).body.data).toEqual([]);
    await owner.send('DELETE', '/api/view-as');
    await owner.send('POST', '/api/view-as', { staff_id: marketer.id });
    expect((await owner.send('GET', '/api/me')).body).toMatchObject({
      id: marketer.id,
      name: 'Somebody marketer',
      viewing: { as: 'Somebody marketer' },
    });
    house.clock.advance(30 * 60_000 + 1000);
    expect((await owner.send('GET', '/api/me')).body.viewing).toBeNull();
    const log = (await owner.send('GET', '/api/audit?action=access.refused')).body.data;
    expect(log[0]).toMatchObject({ actor: { name: ownerOf.name }, details: { viewing_as: 'Marketer' } });
    expect((await marketer.send('POST', '/api/view-as', { role_id: role.id })).status).toBe(403);
  });

  it('lets nothing out as a file meanwhile, and nothing in that the other one could do', async () => {
    const role = (await roles()).find(one => one.code === 'admin')!;
    await owner.send('POST', '/api/view-as', { role_id: role.id });
    expect((await owner.send('GET', '/api/access-review.csv')).body.code).toBe('access.viewing');
    // An admin may make roles; who looks as one may not.
    const before = (await roles()).length;
    const made = await owner.send('POST', '/api/roles', { name: 'Made while looking', verbs: [], fields: [] });
    expect([made.status, made.body.code]).toEqual([403, 'access.viewing']);
    expect((await roles()).length).toBe(before);
  });
});

describe('alerts', () => {
  const signIn = async (browser: Browser, from: string) =>
    browser.send('POST', '/api/login', { email: ownerOf.email, password: ownerOf.password }, { from });

  it('tell of a new browser, a new network and a long silence; a known browser is remembered by its cookie', async () => {
    const known = door.newBrowser();
    await signIn(known, '203.0.113.7');
    expect(await kinds()).toEqual(['new_device']);
    await owner.send('POST', `/api/security/alerts/${(await alerts())[0].id}/acknowledge`, { note: 'my phone' });
    await signIn(known, '203.0.113.7');
    expect(await kinds()).toEqual([]);
    await signIn(known, '198.51.100.9');
    expect(await kinds()).toEqual(['new_network']);
    house.clock.advance(61 * 86_400_000);
    await signIn(owner, '203.0.113.7');
    expect(await kinds()).toContain('long_silence');
    const [device] = await house.context.postgres`select token_hash from access.device limit 1`;
    expect(device.token_hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('tell of many refusals once per burst, with the evidence', async () => {
    const support = await door.join(owner, 'support');
    for (let i = 0; i < 40; i++) await support.send('GET', '/api/staff');
    const [alert, ...others] = (await alerts()).filter(one => one.kind === 'many_refusals');
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ times: 1, evidence: { refusals: 31, limit: 30 } });
    expect(alert).toMatchObject({ subject: { kind: 'staff', name: 'Somebody support' } });
  });

  it('tell of guessing from one network, and of a wrong key that is tried again and again', async () => {
    for (let i = 0; i < 35; i++)
      await door.newBrowser().send('POST', '/api/login', { email: `x${i}@shop.example`, password: 'wrong wrong wrong' });
    expect(await kinds()).toContain('many_wrong_logins');
    for (let i = 0; i < 35; i++) await door.newBrowser({ bearer: 'rgk_wrong' }).send('GET', '/api/staff');
    expect((await kinds()).sort()).toEqual(['many_refusals', 'many_wrong_logins']);
  });

  it('tell of bulk reading beyond the limit, unless it is somebody’s habit', async () => {
    const { version } = (await owner.send('GET', '/api/security')).body;
    await owner.send('PATCH', '/api/security', { version, limits: { list_pages: 10 } });
    const read = async (times: number) => {
      for (let i = 0; i < times; i++) await owner.send('GET', '/api/audit');
    };
    await read(9);
    expect(await kinds()).toEqual([]);
    house.clock.advance(11 * 60_000);
    await read(12);
    expect(await kinds()).toEqual(['bulk_read']);
    await owner.send('POST', `/api/security/alerts/${(await alerts())[0].id}/acknowledge`, {});
    const me = (await owner.send('GET', '/api/me')).body.id;
    await house.context.postgres`
      insert into access.habit (subject, day, list_pages) values (${`staff/${me}`}, ${house.clock.now()}::timestamptz::date - 1, 20)
      on conflict (subject, day) do update set list_pages = 20`;
    house.clock.advance(11 * 60_000);
    await read(30);
    expect(await kinds()).toEqual([]);
    await read(20);
    expect(await kinds()).toEqual(['bulk_read']);
  });
});

describe('the guard of exports', () => {
  const asActor = async (browser: Browser) => {
    const me = (await browser.send('GET', '/api/me')).body;
    return {
      ...house.context,
      actor: {
        kind: me.kind,
        id: me.id,
        name: me.name,
        verbs: new Set<string>(),
        fields: new Set<never>(),
        shopIds: null,
        sessionId: me.session_id ?? undefined,
      },
    } as typeof house.context;
  };
  const refusal = (work: Promise<unknown>) => work.then(() => null).catch(error => error.code);

  it('writes down what leaves, and asks for a fresh proof beyond the day’s rows, a role’s own number first', async () => {
    house.clock.set('2026-02-03T11:00:00Z');
    await owner.send('POST', '/api/login', { email: ownerOf.email, password: ownerOf.password });
    const context = await asActor(owner);
    await guardExport(context, { kind: 'test.list', rows: 900, filter: { filters: ['country'] } });
    house.clock.advance(11 * 60_000);
    expect(await refusal(guardExport(context, { kind: 'test.list', rows: 20_000 }))).toBe('access.proof_needed');
    await owner.send('POST', '/api/step-up', { password: ownerOf.password });
    await guardExport(context, { kind: 'test.list', rows: 20_000 });
    expect(await kinds()).toContain('large_export');
    const log = (await owner.send('GET', '/api/audit?action=access.export')).body.data;
    expect(log.map((one: { details: object }) => one.details)).toEqual([
      { kind: 'test.list', rows: 20_000, filter: {}, unusual: 'large_export' },
      { kind: 'test.list', rows: 900, filter: { filters: ['country'] } },
    ]);
    const role = await owner.send('POST', '/api/roles', {
      name: 'Few',
      verbs: ['staff:read'],
      fields: [],
      export_rows_per_day: 50,
    });
    const few = await door.join(owner, 'Few', 'few@shop.example');
    house.clock.advance(11 * 60_000);
    expect(await refusal(guardExport(await asActor(few), { kind: 'test.list', rows: 51 }))).toBe('access.proof_needed');
    expect(role.status).toBe(201);
  });

  it('asks for files far larger than one’s own, and at night; keys are written down and alerted, not stopped', async () => {
    house.clock.set('2026-02-04T11:00:00Z');
    await owner.send('POST', '/api/login', { email: ownerOf.email, password: ownerOf.password });
    const context = await asActor(owner);
    await guardExport(context, { kind: 'test.list', rows: 400 });
    house.clock.advance(11 * 60_000);
    expect(await refusal(guardExport(context, { kind: 'test.list', rows: 1_300 }))).toBe('access.proof_needed');
    await owner.send('POST', '/api/step-up', { password: ownerOf.password });
    await guardExport(context, { kind: 'test.list', rows: 1_300 });
    house.clock.set('2026-02-04T23:30:00Z');
    expect(await refusal(guardExport(context, { kind: 'test.list', rows: 1_100 }))).toBe('access.proof_needed');
    const key = (await owner.send('POST', '/api/api-keys', { name: 'sync', verbs: ['staff:read'] })).body.secret;
    await guardExport(await asActor(door.newBrowser({ bearer: key })), { kind: 'test.list', rows: 500_000 });
    const told = (await owner.send('GET', '/api/security/alerts')).body.data;
    expect(told.map((one: { subject: { name: string } }) => one.subject.name)).toContain('sync');
  });
});

describe('the access review', () => {
  it('shows everybody and every key with last use and export, flags what is unused, and keeps who looked when', async () => {
    await door.join(owner, 'analyst');
    await owner.send('POST', '/api/api-keys', { name: 'till', verbs: ['staff:read'] });
    const rows = async () => (await owner.send('GET', '/api/access-review')).body;
    const first = await rows();
    expect(first.data.map((row: { name: string }) => row.name).sort()).toEqual(['Olga Owner', 'Somebody analyst', 'till']);
    expect(first.last_at).toBeNull();
    house.clock.advance(91 * 86_400_000);
    await owner.send('POST', '/api/login', { email: ownerOf.email, password: ownerOf.password });
    const later = await rows();
    const flags = Object.fromEntries(
      later.data.map((row: { name: string; unused: boolean; due: boolean }) => [row.name, [row.unused, row.due]]),
    );
    expect(flags).toEqual({ 'Olga Owner': [false, true], 'Somebody analyst': [true, true], till: [true, true] });
    const subjects = later.data.map(({ kind, id }: { kind: string; id: string }) => ({ kind, id }));
    expect((await owner.send('POST', '/api/access-review', { subjects })).body).toEqual({ reviewed: 3 });
    const done = await rows();
    expect(done.data.every((row: { due: boolean; reviewed_by: string }) => !row.due && row.reviewed_by === ownerOf.name)).toBe(
      true,
    );
    const csv = await owner.send('GET', '/api/access-review.csv');
    expect(csv.text).toContain('Somebody analyst');
    expect((await rows()).data.find((row: { name: string }) => row.name === ownerOf.name).last_export).toMatchObject({
      kind: 'access.review',
      rows: 3,
    });
  });
});

it('metrics answer this machine only, unless a token opens them', async () => {
  const ask = (from: string, headers: Record<string, string> = {}) =>
    door.newBrowser({ from }).send('GET', '/metrics', undefined, { headers });
  // inject() opens no socket: as from another machine.
  expect((await ask('203.0.113.7')).status).toBe(403);
  expect((await ask('127.0.0.1')).status).toBe(200);
  expect((await ask('127.0.0.1', { 'x-forwarded-for': '203.0.113.7' })).status).toBe(403);
});
