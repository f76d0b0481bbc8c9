import { Writable } from 'node:stream';
import * as argon2 from '@node-rs/argon2';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { audit, chainAudit, verifyAudit } from '../../platform/audit.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { feature as platform } from '../../platform/system/index.ts';
import { startTestHouse } from '../../platform/testing.ts';
import { feature as shops } from '../shops/index.ts';
import { type Browser, openFrontDoor, ownerOf } from './front-door.ts';
import { feature as access } from './index.ts';
import { changeStaff, disableStaff } from './manage-staff.ts';
import { ownerLink } from './set-up.ts';

vi.mock('@node-rs/argon2', async original => {
  const real = await original<typeof argon2>();
  return { ...real, verify: vi.fn(real.verify), hash: vi.fn(real.hash) };
});

const features = [platform, access, shops];
type House = Awaited<ReturnType<typeof startTestHouse>>;
type Door = Awaited<ReturnType<typeof openFrontDoor>>;
let house: House;
let door: Door;
let owner: Browser;

beforeAll(async () => {
  house = await startTestHouse({ features });
  door = await openFrontDoor(house.context, features);
});
afterAll(async () => {
  await door?.close();
  await house?.close();
});

/** Each story begins with an installation that only has its owner. */
const startOver = async () => {
  await house.context.postgres`delete from access.attempt`;
  await house.context.postgres`delete from access.api_key`;
  await house.context.postgres`delete from access.session`;
  await house.context.postgres`delete from access.link`;
  await house.context.postgres`delete from access.device`;
  await house.context.postgres`delete from access.network`;
  await house.context.postgres`delete from access.staff`;
  await house.context.postgres`delete from access.setup_token`;
  owner = await door.setUpOwner();
};

const signIn = (browser: Browser, email: string, password: string, from?: string) =>
  browser.send('POST', '/api/login', { email, password }, from ? { from } : {});

describe('set-up', () => {
  beforeEach(startOver);

  it('makes one owner with the printed link, names the shop, and never opens again', async () => {
    const me = await owner.send('GET', '/api/me');
    expect(me.body).toMatchObject({
      name: 'Olga Owner',
      role: { code: 'owner' },
      organisation: { name: 'Shop of Olga', home_currency: 'GBP', zone: 'Europe/London', as_of: null, proposed_as_of: null },
    });
    expect(me.body.fields).toContain('secrets');
    expect((await door.newBrowser().send('GET', '/api/setup')).body).toEqual({ needed: false });
    expect(await ownerLink(house.context, 'http://x')).toBeNull();
    const again = await door
      .newBrowser()
      .send('POST', '/api/setup', { ...ownerOf, email: 'eve@shop.example', token: 'x'.repeat(43) });
    expect(again.status).toBe(409);
  });

  it('refuses a wrong token and a weak password, and lets only one of two win', async () => {
    await house.context.postgres`delete from access.session`;
    await house.context.postgres`delete from access.device`;
    await house.context.postgres`delete from access.network`;
    await house.context.postgres`delete from access.staff`;
    const token = decodeURIComponent((await ownerLink(house.context, 'http://x'))!.split('#token=')[1]);
    const send = (body: object) => door.newBrowser().send('POST', '/api/setup', { ...ownerOf, token, ...body });
    expect((await send({ token: 'x'.repeat(43) })).status).toBe(422);
    expect((await send({ password: 'password123' })).body.code).toBe('access.password_common');
    const both = await Promise.all([send({ email: 'a@shop.example' }), send({ email: 'b@shop.example' })]);
    expect(both.map(answer => answer.status).sort()).toEqual([201, 409]);
  });
});

describe('signing in', () => {
  beforeEach(startOver);

  it('gives every login a new session and ends the one this browser had', async () => {
    const browser = door.newBrowser();
    expect((await signIn(browser, 'OLGA@shop.example', ownerOf.password)).status).toBe(200);
    const first = browser.cookie();
    await signIn(browser, ownerOf.email, ownerOf.password);
    expect(browser.cookie()).not.toBe(first);
    const thief = door.newBrowser();
    thief.setCookie(first);
    expect((await thief.send('GET', '/api/me')).status).toBe(401);
  });

  it('keeps only a digest of the token, in a cookie no script can read', async () => {
    const answer = await signIn(door.newBrowser(), ownerOf.email, ownerOf.password);
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax/);
    const token = cookie.split(';')[0].split('=')[1];
    const [{ found }] = await house.context
      .postgres`select count(*) as found from access.session where token_hash like ${`%${token}%`}`;
    expect(found).toBe(0);
    expect(answer.text).not.toContain(token);
  });

  it('answers the same, after the same work, whether the account exists, is shut out, or not', async () => {
    const support = await door.join(owner, 'support');
    await owner.send('POST', `/api/staff/${support.id}/disable`);
    const answers = [];
    for (const [email, password] of [
      [ownerOf.email, 'not the password'],
      ['nobody@shop.example', 'not the password'],
      ['support@shop.example', 'seven green bicycles'],
      ['not an address', 'not the password'],
    ]) {
      vi.mocked(argon2.verify).mockClear();
      const answer = await signIn(door.newBrowser(), email, password);
      const cost = vi.mocked(argon2.verify).mock.calls.map(([hash]) => String(hash).split('$').slice(1, 4).join('$'));
      answers.push({ status: answer.status, text: answer.text, cost });
    }
    expect(answers[0].status).toBe(401);
    expect(answers[0].cost).toEqual(['argon2id$v=19$m=19456,t=2,p=1']);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('slows guessing from one place, without work, and lets the owner in from another', async () => {
    for (let i = 0; i < 8; i++)
      expect((await signIn(door.newBrowser(), ownerOf.email, `wrong ${i} wrong`, '198.51.100.1')).status).toBe(401);
    vi.mocked(argon2.verify).mockClear();
    const limited = await signIn(door.newBrowser(), ownerOf.email, ownerOf.password, '198.51.100.1');
    expect(limited.status).toBe(429);
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    expect(argon2.verify).not.toHaveBeenCalled();
    expect((await signIn(door.newBrowser(), ownerOf.email, ownerOf.password, '198.51.100.2')).status).toBe(200);
    house.clock.advance(15 * 60_000 + 1000);
    expect((await signIn(door.newBrowser(), ownerOf.email, ownerOf.password, '198.51.100.1')).status).toBe(200);
  });

  it('limits one account over many networks, and one IPv6 network over many addresses and accounts', async () => {
    let statuses = [];
    for (let i = 0; i < 31; i++)
      statuses.push((await signIn(door.newBrowser(), 'ghost@shop.example', 'wrong wrong', `198.51.100.${i}`)).status);
    expect(statuses.slice(0, 30).every(status => status === 401)).toBe(true);
    expect(statuses[30]).toBe(429);
    await house.context.postgres`delete from access.attempt`;
    statuses = [];
    for (let i = 0; i < 61; i++)
      statuses.push((await signIn(door.newBrowser(), `ghost${i}@shop.example`, 'wrong wrong', `2001:db8:1:2::${i + 1}`)).status);
    expect(statuses[59]).toBe(401);
    expect(statuses[60]).toBe(429);
    expect((await signIn(door.newBrowser(), 'ghost1@shop.example', 'wrong wrong', '2001:db8:1:3::1')).status).toBe(401);
  });

  it('counts attempts made at the same moment', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => signIn(door.newBrowser(), ownerOf.email, `wrong ${i} wrong`, '198.51.100.9')),
    );
    expect(answers.filter(answer => answer.status === 401)).toHaveLength(8);
    expect(answers.filter(answer => answer.status === 429)).toHaveLength(4);
  });
});

describe('sessions', () => {
  beforeEach(startOver);

  it('are listed, ended one by one, all at once, and by time', async () => {
    const phone = door.newBrowser();
    const laptop = door.newBrowser();
    await phone.send(
      'POST',
      '/api/login',
      { email: ownerOf.email, password: ownerOf.password },
      { headers: { 'user-agent': 'Mozilla/5.0 (Linux; Android 15) Chrome/140 Safari/537' } },
    );
    await signIn(laptop, ownerOf.email, ownerOf.password);
    const list = (await owner.send('GET', '/api/sessions')).body.data;
    expect(list).toHaveLength(3);
    expect(list.filter((one: { current: boolean }) => one.current)).toHaveLength(1);
    const phoneRow = list.find((one: { browser: string }) => one.browser === 'Chrome, Android');
    expect((await owner.send('DELETE', `/api/sessions/${phoneRow.id}`)).status).toBe(204);
    expect((await phone.send('GET', '/api/me')).status).toBe(401);
    expect((await laptop.send('GET', '/api/me')).status).toBe(200);
    await owner.send('DELETE', '/api/sessions');
    expect((await laptop.send('GET', '/api/me')).status).toBe(401);
    expect((await owner.send('GET', '/api/me')).status).toBe(200);
    house.clock.advance(7 * 86_400_000 + 1000);
    expect((await owner.send('GET', '/api/me')).status).toBe(401);
  });

  it("belong to their person: nobody ends a colleague's", async () => {
    const support = await door.join(owner, 'support');
    const [mine] = (await owner.send('GET', '/api/sessions')).body.data;
    expect((await support.send('DELETE', `/api/sessions/${mine.id}`)).status).toBe(404);
    expect((await owner.send('GET', '/api/me')).status).toBe(200);
  });

  it('end everywhere else when the password changes, and the old password is over', async () => {
    const other = door.newBrowser();
    await signIn(other, ownerOf.email, ownerOf.password);
    const change = (current_password: string, new_password: string) =>
      owner.send('PATCH', '/api/me/password', { current_password, new_password });
    expect((await change('not the password', 'four quiet rivers')).body.code).toBe('access.wrong_current_password');
    expect((await change(ownerOf.password, 'olga owner 1')).body.code).toBe('access.password_about_you');
    expect((await change(ownerOf.password, 'four quiet rivers')).status).toBe(204);
    expect((await other.send('GET', '/api/me')).status).toBe(401);
    expect((await owner.send('GET', '/api/me')).status).toBe(200);
    expect((await signIn(door.newBrowser(), ownerOf.email, ownerOf.password)).status).toBe(401);
    expect((await signIn(door.newBrowser(), ownerOf.email, 'four quiet rivers')).status).toBe(200);
  });

  it('end with signing out', async () => {
    const before = owner.cookie();
    await owner.send('DELETE', '/api/login');
    expect(owner.cookie()).toBe('');
    owner.setCookie(before);
    expect((await owner.send('GET', '/api/me')).status).toBe(401);
  });
});

describe('the team', () => {
  beforeEach(startOver);

  it('is invited by a link that works once and runs out', async () => {
    const roles = (await owner.send('GET', '/api/roles')).body.data;
    const role_id = roles.find((one: { code: string }) => one.code === 'marketer').id;
    const invite = (email: string) => owner.send('POST', '/api/staff', { name: 'Mia', email, role_id });
    const invited = await invite('Mia@Shop.example');
    expect(invited.status).toBe(201);
    expect(invited.body.staff).toMatchObject({ email: 'mia@shop.example', state: 'invited' });
    expect((await invite('mia@shop.example')).status).toBe(409);
    const token = invited.body.link.url.split('/welcome#token=')[1];
    const mia = door.newBrowser();
    expect((await mia.send('POST', '/api/links/open', { token })).body).toMatchObject({ kind: 'invitation', name: 'Mia' });
    expect((await mia.send('POST', '/api/password/reset', { token, password: 'short' })).status).toBe(422);
    expect((await mia.send('POST', '/api/password/reset', { token, password: 'seven green bicycles' })).status).toBe(200);
    expect((await mia.send('GET', '/api/me')).body.role.code).toBe('marketer');
    expect(
      (await door.newBrowser().send('POST', '/api/password/reset', { token, password: 'seven green bicycles' })).status,
    ).toBe(404);
    const late = await invite('late@shop.example');
    house.clock.advance(7 * 86_400_000 + 1000);
    const lateToken = late.body.link.url.split('#token=')[1];
    expect((await door.newBrowser().send('POST', '/api/links/open', { token: lateToken })).status).toBe(404);
  });

  it('gets a new password by link; the newest link alone counts and all sessions end', async () => {
    const support = await door.join(owner, 'support');
    const first = await owner.send('POST', `/api/staff/${support.id}/link`);
    const second = await owner.send('POST', `/api/staff/${support.id}/link`);
    expect(second.body.link.url).toContain('/new-password#token=');
    const redeem = (link: { url: string }) =>
      door
        .newBrowser()
        .send('POST', '/api/password/reset', { token: link.url.split('#token=')[1], password: 'nine old lanterns' });
    expect((await redeem(first.body.link)).status).toBe(404);
    expect((await support.send('GET', '/api/me')).status).toBe(200);
    expect((await redeem(second.body.link)).status).toBe(200);
    expect((await support.send('GET', '/api/me')).status).toBe(401);
  });

  it('loses its sessions with a new role or when shut out, and comes back when let in', async () => {
    const support = await door.join(owner, 'support');
    const roles = (await owner.send('GET', '/api/roles')).body.data;
    const analyst = roles.find((one: { code: string }) => one.code === 'analyst').id;
    const row = (await owner.send('GET', '/api/staff')).body.data.find((one: { id: string }) => one.id === support.id);
    expect((await owner.send('PATCH', `/api/staff/${support.id}`, { version: row.version - 1, role_id: analyst })).status).toBe(
      409,
    );
    expect((await owner.send('PATCH', `/api/staff/${support.id}`, { version: row.version, role_id: analyst })).status).toBe(200);
    expect((await support.send('GET', '/api/me')).status).toBe(401);
    await signIn(support, 'support@shop.example', 'seven green bicycles');
    expect((await support.send('GET', '/api/me')).body.fields).toEqual(['money', 'behaviour']);
    expect((await owner.send('POST', `/api/staff/${support.id}/disable`)).body.state).toBe('disabled');
    expect((await support.send('GET', '/api/me')).status).toBe(401);
    expect((await signIn(support, 'support@shop.example', 'seven green bicycles')).status).toBe(401);
    expect((await owner.send('POST', `/api/staff/${support.id}/link`)).status).toBe(422);
    await owner.send('POST', `/api/staff/${support.id}/enable`);
    expect((await signIn(support, 'support@shop.example', 'seven green bicycles')).status).toBe(200);
  });

  it('always keeps an owner who can sign in, and only owners touch owners', async () => {
    const roles = (await owner.send('GET', '/api/roles')).body.data;
    const roleId = (code: string) => roles.find((one: { code: string }) => one.code === code).id;
    const admin = await door.join(owner, 'admin');
    const me = (await owner.send('GET', '/api/me')).body;
    const ownerRow = (await owner.send('GET', '/api/staff')).body.data.find((one: { id: string }) => one.id === me.id);
    expect(
      (await owner.send('PATCH', `/api/staff/${me.id}`, { version: ownerRow.version, role_id: roleId('admin') })).status,
    ).toBe(422);
    expect((await owner.send('POST', `/api/staff/${me.id}/disable`)).status).toBe(422);
    expect((await admin.send('POST', `/api/staff/${me.id}/disable`)).body.code).toBe('access.owners_only');
    expect((await admin.send('POST', `/api/staff/${me.id}/link`)).body.code).toBe('access.owners_only');
    expect(
      (await admin.send('POST', '/api/staff', { name: 'Eve', email: 'eve@shop.example', role_id: roleId('owner') })).status,
    ).toBe(403);
    const second = await door.join(owner, 'owner', 'second@shop.example');
    const both = await Promise.all([
      owner.send('POST', `/api/staff/${second.id}/disable`),
      second.send('POST', `/api/staff/${me.id}/disable`),
    ]);
    expect(both.filter(answer => answer.status === 200)).toHaveLength(1);
    const left = await house.context.postgres<{ id: string; version: number }[]>`
      select staff.id, staff.version from access.staff staff join access.role on role.id = role_id where role.code = 'owner' and disabled_at is null`;
    expect(left).toHaveLength(1);
    const lastOwner = { code: 'access.last_owner' };
    await expect(disableStaff(house.context, left[0].id)).rejects.toMatchObject(lastOwner);
    await expect(changeStaff(house.context, { ...left[0], role_id: roleId('admin') })).rejects.toMatchObject(lastOwner);
  });
});

describe('API keys', () => {
  beforeEach(startOver);

  const make = (body: object) =>
    owner.send('POST', '/api/api-keys', { name: 'Reports', verbs: ['audit:read'], fields: ['money'], ...body });

  it('do what their scopes say, are shown once, and stop when revoked', async () => {
    const made = await make({});
    expect(made.status).toBe(201);
    const secret = made.body.secret;
    const key = door.newBrowser({ bearer: secret });
    expect((await key.send('GET', '/api/me')).body).toMatchObject({ kind: 'api-key', verbs: ['audit:read'], fields: ['money'] });
    expect((await key.send('GET', '/api/audit')).status).toBe(200);
    expect((await key.send('GET', '/api/staff')).status).toBe(403);
    expect((await key.send('PATCH', '/api/me', { name: 'Root' })).status).toBe(422);
    const list = await owner.send('GET', '/api/api-keys');
    expect(list.text).not.toContain(secret);
    expect(list.body.data[0]).toMatchObject({ last4: secret.slice(-4), created_by: 'Olga Owner' });
    expect(list.body.data[0].last_used_at).not.toBeNull();
    await owner.send('DELETE', `/api/api-keys/${made.body.api_key.id}`);
    expect((await key.send('GET', '/api/me')).status).toBe(401);
  });

  it('end on their day', async () => {
    const made = await make({ expires_at: new Date(house.clock.now().getTime() + 60_000).toISOString() });
    const key = door.newBrowser({ bearer: made.body.secret });
    expect((await key.send('GET', '/api/me')).status).toBe(200);
    house.clock.advance(61_000);
    expect((await key.send('GET', '/api/me')).status).toBe(401);
    expect((await make({ expires_at: '2001-01-01T00:00:00Z' })).status).toBe(422);
  });

  it('never hold more than their maker, nor the right to make people or keys', async () => {
    for (const verbs of [['staff:write'], ['api-keys:write'], ['nonsense:verb']])
      expect((await make({ verbs })).status).toBe(422);
    const support = await door.join(owner, 'support');
    expect((await support.send('POST', '/api/api-keys', { name: 'x', verbs: ['audit:read'] })).status).toBe(403);
  });

  it('are judged alone: a wrong key does not fall back to the cookie', async () => {
    expect((await owner.send('GET', '/api/me', undefined, { headers: { authorization: 'Bearer rgk_wrong' } })).status).toBe(401);
    expect((await owner.send('GET', '/api/me', undefined, { headers: { authorization: 'Basic b2xnYTp4' } })).status).toBe(401);
  });
});

describe('requests from other sites', () => {
  beforeAll(startOver);

  const patch = (headers: Record<string, string>) => owner.send('PATCH', '/api/me', { name: 'Changed' }, { headers });

  it.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'cross-site', origin: 'http://localhost:80' }, 403],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
    [{ 'sec-fetch-site': 'none' }, 200],
    [{}, 200],
  ])('%j -> %i', async (headers, status) => {
    expect((await patch(headers as Record<string, string>)).status).toBe(status);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonx'])(
    'a body of %s is refused',
    async type => {
      expect((await patch({ 'content-type': type })).status).toBe(415);
    },
  );
});

describe('a POST sent again with its Idempotency-Key', () => {
  beforeEach(startOver);

  const invite = (key: string, email: string, browser = owner) =>
    browser.send('POST', '/api/api-keys', { name: email, verbs: ['audit:read'] }, { headers: { 'idempotency-key': key } });
  const count = async () => (await house.context.postgres`select count(*) as n from access.api_key`)[0].n;

  it('gets the first answer again and has no second effect', async () => {
    const first = await invite('k1', 'one');
    const again = await invite('k1', 'one');
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect(await count()).toBe(1);
    expect((await invite('k1', 'other')).status).toBe(422);
    expect(await count()).toBe(1);
  });

  it('holds for twins at the same moment, for one caller only, for 7 days, and keeps no secret in clear', async () => {
    const twins = await Promise.all(Array.from({ length: 5 }, () => invite('k2', 'one')));
    expect(new Set(twins.map(answer => answer.text)).size).toBe(1);
    expect(await count()).toBe(1);
    const admin = await door.join(owner, 'admin');
    await invite('k2', 'one', admin);
    expect(await count()).toBe(2);
    const [row] = await house.context.postgres`select answer from platform.idempotency limit 1`;
    expect(row.answer).not.toContain(twins[0].body.secret);
    house.clock.advance(7 * 86_400_000 - 60_000);
    await signIn(owner, ownerOf.email, ownerOf.password);
    await invite('k2', 'one');
    expect(await count()).toBe(2);
    house.clock.advance(120_000);
    await invite('k2', 'one');
    expect(await count()).toBe(3);
  });

  it('does not remember a refusal', async () => {
    const bad = await owner.send(
      'POST',
      '/api/api-keys',
      { name: 'x', verbs: ['staff:write'] },
      { headers: { 'idempotency-key': 'k3' } },
    );
    expect(bad.status).toBe(422);
    expect((await invite('k3', 'one')).status).toBe(201);
  });
});

describe('the audit log', () => {
  beforeEach(startOver);

  it('tells who signed in, was refused, made keys and changed rights, and nothing secret', async () => {
    const support = await door.join(owner, 'support');
    await support.send('GET', '/api/staff');
    const made = await owner.send('POST', '/api/api-keys', { name: 'Reports', verbs: ['audit:read'] });
    await signIn(door.newBrowser(), ownerOf.email, 'a wrong password');
    const log = await owner.send('GET', '/api/audit?limit=200');
    const actions = log.body.data.map((entry: { action: string }) => entry.action);
    for (const action of [
      'access.set_up',
      'access.signed_in',
      'access.invited',
      'access.invitation_accepted',
      'access.key_made',
      'access.sign_in_refused',
    ]) {
      expect(actions).toContain(action);
    }
    const refused = log.body.data.find((entry: { action: string }) => entry.action === 'access.refused');
    expect(refused).toMatchObject({
      actor: { name: 'Somebody support' },
      details: { verb: 'staff:read', door: 'GET /api/staff' },
    });
    for (const secret of [made.body.secret, ownerOf.password, 'a wrong password', owner.cookie().split('=')[1]])
      expect(log.text).not.toContain(secret);
  });

  it('filters and pages', async () => {
    await door.join(owner, 'support');
    const only = (await owner.send('GET', '/api/audit?action=access.invited')).body.data;
    expect(new Set(only.map((entry: { action: string }) => entry.action))).toEqual(new Set(['access.invited']));
    const all = (await owner.send('GET', '/api/audit?limit=200&action=access.')).body.data;
    const paged = [];
    let cursor = '';
    do {
      const part = (await owner.send('GET', `/api/audit?limit=2&action=access.${cursor}`)).body;
      paged.push(...part.data);
      cursor = part.next_cursor ? `&cursor=${part.next_cursor}` : '';
      if (paged.length >= 10) break;
    } while (cursor);
    expect(paged).toEqual(all.slice(0, paged.length));
    expect((await owner.send('GET', '/api/audit?actor=support')).body.data.length).toBeGreaterThan(0);
    expect((await owner.send('GET', '/api/audit?from=2100-01-01T00:00:00Z')).body.data).toEqual([]);
  });

  it('chains what commits late: no entry is passed over', async () => {
    const { context } = house;
    let commit = () => {};
    const wait = new Promise<void>(resolve => {
      commit = resolve;
    });
    const late = inTransaction(context, async inside => {
      await audit(inside, 'test.late');
      await wait;
    });
    await audit(context, 'test.early');
    while (await chainAudit(context));
    commit();
    await late;
    while (await chainAudit(context));
    const order = await context.postgres`
      select action from platform.audit_chain join platform.audit on id = audit_id where action like 'test.%' order by position`;
    expect(order.map(row => row.action)).toEqual(['test.early', 'test.late']);
    expect(await verifyAudit(context)).toMatchObject({ ok: true, waiting: 0 });
  });

  it('verifies, refuses change at the database, and names the row somebody tampered with', async () => {
    const sql = house.context.postgres;
    while (await chainAudit(house.context));
    expect((await owner.send('GET', '/api/audit/verify')).body).toMatchObject({ ok: true, first_bad: null });
    await expect(sql`update platform.audit set actor_name = 'somebody else'`).rejects.toThrow(/append-only/);
    await expect(sql`delete from platform.audit`).rejects.toThrow(/append-only/);
    await expect(sql`truncate platform.audit_chain`).rejects.toThrow(/append-only/);
    while (await chainAudit(house.context));
    const rows =
      await sql`select entry.id, entry.actor_name from platform.audit entry join platform.audit_chain on audit_id = id order by position`;
    const victim = rows[Math.floor(rows.length / 2)];
    const tamper = async (work: () => Promise<unknown>) => {
      await sql`alter table platform.audit disable trigger user`;
      await work();
      await sql`alter table platform.audit enable trigger user`;
    };
    await tamper(() => sql`update platform.audit set actor_name = 'somebody else' where id = ${victim.id}`);
    expect(await verifyAudit(house.context)).toMatchObject({ ok: false, first_bad: { audit_id: victim.id, reason: 'changed' } });
    await tamper(() => sql`update platform.audit set actor_name = ${victim.actor_name} where id = ${victim.id}`);
    expect((await verifyAudit(house.context)).ok).toBe(true);
    const slipped = '00000000-0000-7000-8000-000000000001';
    await tamper(
      () =>
        sql`insert into platform.audit (id, at, actor_kind, actor_name, action) values (${slipped}, now(), 'staff', 'x', 'access.signed_in')`,
    );
    expect(await verifyAudit(house.context)).toMatchObject({
      ok: false,
      first_bad: { audit_id: slipped, reason: 'not_chained' },
    });
    await tamper(() => sql`delete from platform.audit where id = ${slipped}`);
    await tamper(() => sql`delete from platform.audit where id = ${victim.id}`);
    expect(await verifyAudit(house.context)).toMatchObject({ ok: false, first_bad: { audit_id: victim.id, reason: 'missing' } });
  });
});

it('no password, token or key ever reaches the log', async () => {
  const lines: string[] = [];
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  const loud = await openFrontDoor({ ...house.context, log: pino({ level: 'trace' }, sink) }, features);
  await startOver();
  const browser = loud.newBrowser();
  await signIn(browser, ownerOf.email, ownerOf.password);
  const made = await browser.send('POST', '/api/api-keys', { name: 'x', verbs: ['audit:read'] });
  await browser.send('PATCH', '/api/me/password', { current_password: 'an old password', new_password: 'a new password 77' });
  await loud.newBrowser({ bearer: made.body.secret }).send('GET', '/api/staff');
  await loud.close();
  const log = lines.join('\n');
  for (const secret of [
    ownerOf.password,
    'an old password',
    'a new password 77',
    made.body.secret,
    browser.cookie().split('=')[1],
  ]) {
    expect(log).not.toContain(secret);
  }
});
