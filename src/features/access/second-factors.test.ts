import { generateSync } from 'otplib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { feature as platform } from '../../platform/system/index.ts';
import { startTestHouse } from '../../platform/testing.ts';
import { feature as shops } from '../shops/index.ts';
import { type Browser, openFrontDoor, ownerOf } from './front-door.ts';
import { feature as access, resetFactorsOf } from './index.ts';
import { softPasskey } from './testing-passkey.ts';

const features = [platform, access, shops];
let house: Awaited<ReturnType<typeof startTestHouse>>;
let door: Awaited<ReturnType<typeof openFrontDoor>>;
let owner: Browser;
const origin = 'http://localhost:3000';
const atHome = { headers: { host: 'localhost:3000' } };

beforeAll(async () => {
  house = await startTestHouse({ features });
  door = await openFrontDoor(house.context, features);
});
afterAll(async () => {
  await door?.close();
  await house?.close();
});
beforeEach(async () => {
  const sql = house.context.postgres;
  for (const table of [
    'totp',
    'recovery_code',
    'passkey',
    'pending_login',
    'device',
    'network',
    'alert',
    'attempt',
    'api_key',
    'session',
    'link',
    'export',
    'review',
    'staff',
  ])
    await sql`delete from ${sql(`access.${table}`)}`;
  await sql`delete from access.role where code is null`;
  await sql`update access.policy set second_factor = 'nobody', second_factor_roles = '{}', limits = '{}', grace_days = 7, decided_at = null`;
  await sql`delete from platform.idempotency`;
  owner = await door.setUpOwner();
});

const codeFor = (key: string, steps = 0): string =>
  generateSync({ secret: key.replaceAll(' ', ''), epoch: Math.floor(house.clock.now().getTime() / 1000) + 30 * steps });

/** Sets an app up; hands over its key and the recovery codes. */
const setUpApp = async (browser: Browser): Promise<{ key: string; codes: string[] }> => {
  const begun = await browser.send('POST', '/api/mfa/totp');
  expect(begun.status, begun.text).toBe(200);
  const done = await browser.send('POST', '/api/mfa/totp/confirm', { code: codeFor(begun.body.key) });
  expect(done.status, done.text).toBe(200);
  return { key: begun.body.key, codes: done.body.recovery_codes };
};
const addPasskey = async (browser: Browser, name = 'Laptop') => {
  const passkey = softPasskey();
  const options = await browser.send('POST', '/api/mfa/passkeys/options', undefined, atHome);
  expect(options.status, options.text).toBe(200);
  const made = await browser.send('POST', '/api/mfa/passkeys', { name, passkey: passkey.create(options.body, origin) }, atHome);
  expect(made.status, made.text).toBe(200);
  return { passkey, codes: made.body.recovery_codes as string[] | null };
};
const withPassword = (browser: Browser) =>
  browser.send('POST', '/api/login', { email: ownerOf.email, password: ownerOf.password });
const nextStep = () => house.clock.advance(30_000);

describe('an authenticator app', () => {
  it('is in force after its first code, and asked for at the next login', async () => {
    const begun = await owner.send('POST', '/api/mfa/totp');
    expect(begun.body.qr_svg).toMatch(/^<svg/);
    expect(begun.body.uri).toMatch(/^otpauth:\/\/totp\/Regulars/);
    // Not yet confirmed: the password alone still signs in.
    expect((await withPassword(door.newBrowser())).body.needs_second_factor).toBe(false);
    expect((await owner.send('POST', '/api/mfa/totp/confirm', { code: '000000' })).body.code).toBe('access.wrong_code');
    const done = await owner.send('POST', '/api/mfa/totp/confirm', { code: codeFor(begun.body.key) });
    expect(done.body.recovery_codes).toHaveLength(10);
    const browser = door.newBrowser();
    const first = await withPassword(browser);
    expect(first.body).toEqual({ id: null, needs_second_factor: true, methods: ['totp', 'recovery'] });
    expect((await browser.send('GET', '/api/me')).status).toBe(401);
    nextStep();
    const second = await browser.send('POST', '/api/login/mfa', { code: codeFor(begun.body.key) });
    expect(second.status, second.text).toBe(200);
    expect((await browser.send('GET', '/api/me')).body.second_factor).toEqual({ set_up: true, due_at: null, held: false });
  });

  it('takes no code twice, none out of its window, and a code of the neighbouring step', async () => {
    const { key } = await setUpApp(owner);
    nextStep();
    const code = codeFor(key);
    const [one, other] = [door.newBrowser(), door.newBrowser()];
    await withPassword(one);
    await withPassword(other);
    const both = await Promise.all([one, other].map(browser => browser.send('POST', '/api/login/mfa', { code })));
    expect(both.map(answer => answer.status).sort()).toEqual([200, 422]);
    const late = door.newBrowser();
    await withPassword(late);
    expect((await late.send('POST', '/api/login/mfa', { code })).status).toBe(422);
    expect((await late.send('POST', '/api/login/mfa', { code: codeFor(key, 3) })).status).toBe(422);
    expect((await late.send('POST', '/api/login/mfa', { code: codeFor(key, 1) })).status).toBe(200);
    // The step in between lies behind the one that was used.
    const last = door.newBrowser();
    await withPassword(last);
    expect((await last.send('POST', '/api/login/mfa', { code: codeFor(key) })).status).toBe(422);
  });

  it('ends the login after five wrong codes, also when they come with keys that repeat', async () => {
    const { key } = await setUpApp(owner);
    nextStep();
    const browser = door.newBrowser();
    await withPassword(browser);
    for (let i = 0; i < 5; i++) {
      const answer = await browser.send('POST', '/api/login/mfa', { code: '000000' }, { headers: { 'idempotency-key': 'x' } });
      expect(answer.status).toBe(422);
    }
    expect((await browser.send('POST', '/api/login/mfa', { code: codeFor(key) })).body.code).toBe('access.login_over');
  });

  it('counts wrong codes of a step-up although the request is refused', async () => {
    await setUpApp(owner);
    nextStep();
    const statuses: number[] = [];
    for (let i = 0; i < 9; i++)
      statuses.push(
        (await owner.send('POST', '/api/step-up', { code: '000000' }, { headers: { 'idempotency-key': `try-${i}` } })).status,
      );
    expect(statuses).toEqual([...Array(8).fill(422), 429]);
  });

  it('ends all other sessions, renews the own one, and keeps its key sealed', async () => {
    const elsewhere = door.newBrowser();
    await withPassword(elsewhere);
    const before = owner.cookie();
    const { key } = await setUpApp(owner);
    expect(owner.cookie()).not.toBe(before);
    expect((await owner.send('GET', '/api/me')).status).toBe(200);
    expect((await elsewhere.send('GET', '/api/me')).status).toBe(401);
    const stale = door.newBrowser();
    stale.setCookie(before);
    expect((await stale.send('GET', '/api/me')).status).toBe(401);
    const [row] = await house.context.postgres`select secret_sealed from access.totp`;
    expect(row.secret_sealed).not.toContain(key.replaceAll(' ', ''));
    expect(JSON.stringify((await owner.send('GET', '/api/mfa')).body)).not.toContain(key.slice(0, 4));
  });

  it('is asked for after a new password by link too', async () => {
    const colleague = await door.join(owner, 'admin');
    await setUpApp(colleague);
    const made = await owner.send('POST', `/api/staff/${colleague.id}/link`);
    const browser = door.newBrowser();
    const answer = await browser.send('POST', '/api/password/reset', {
      token: made.body.link.url.split('#token=')[1],
      password: 'nine purple umbrellas',
    });
    expect(answer.body).toMatchObject({ id: null, needs_second_factor: true });
    expect((await browser.send('GET', '/api/me')).status).toBe(401);
  });
});

describe('recovery codes', () => {
  it('let in once each, are kept as digests, and end when new ones are made', async () => {
    const { codes } = await setUpApp(owner);
    const signIn = async (code: string) => {
      const browser = door.newBrowser();
      await withPassword(browser);
      return { browser, status: (await browser.send('POST', '/api/login/mfa', { code })).status };
    };
    const first = await signIn(codes[0].toUpperCase());
    expect(first.status).toBe(200);
    expect((await signIn(codes[0])).status).toBe(422);
    expect((await first.browser.send('GET', '/api/mfa')).body.recovery_codes_left).toBe(9);
    const rows = await house.context.postgres`select digest from access.recovery_code`;
    for (const code of codes) expect(JSON.stringify(rows)).not.toContain(code.replace('-', ''));
    const renewed = await first.browser.send('POST', '/api/mfa/recovery-codes');
    expect(renewed.body.recovery_codes).toHaveLength(10);
    expect((await signIn(codes[1])).status).toBe(422);
    expect((await signIn(renewed.body.recovery_codes[3])).status).toBe(200);
  });
});

describe('passkeys', () => {
  it('are a second factor, and sign in alone where the device checked the person', async () => {
    const { passkey, codes } = await addPasskey(owner);
    expect(codes).toHaveLength(10);
    const second = door.newBrowser();
    expect((await withPassword(second)).body.methods).toEqual(['passkey', 'recovery']);
    const options = await second.send('POST', '/api/login/passkey/options', undefined, atHome);
    expect(options.body.allowCredentials).toHaveLength(1);
    const answer = passkey.get(options.body, origin, { verified: false });
    expect((await second.send('POST', '/api/login/passkey', { passkey: answer }, atHome)).status).toBe(200);
    const alone = door.newBrowser();
    const asked = await alone.send('POST', '/api/login/passkey/options', undefined, atHome);
    expect(asked.body.allowCredentials ?? []).toEqual([]);
    expect((await alone.send('POST', '/api/login/passkey', { passkey: passkey.get(asked.body, origin) }, atHome)).status).toBe(
      200,
    );
    expect((await alone.send('GET', '/api/me')).body.email).toBe(ownerOf.email);
    expect((await alone.send('GET', '/api/mfa', undefined, atHome)).body.passkeys[0]).toMatchObject({ name: 'Laptop' });
  });

  it('refuse a challenge used twice, of another browser, another site, an unchecked person, a counter that went back', async () => {
    const { passkey } = await addPasskey(owner);
    const ask = async (browser: Browser) => (await browser.send('POST', '/api/login/passkey/options', undefined, atHome)).body;
    const answer = (browser: Browser, response: unknown) =>
      browser.send('POST', '/api/login/passkey', { passkey: response }, atHome);
    const one = door.newBrowser();
    const signed = passkey.get(await ask(one), origin);
    const other = door.newBrowser();
    await ask(other);
    expect((await answer(other, signed)).status).toBe(422);
    expect((await answer(door.newBrowser(), signed)).status).toBe(401);
    expect((await answer(one, signed)).status).toBe(200);
    expect((await answer(one, signed)).status).toBe(401);
    const again = door.newBrowser();
    expect((await answer(again, passkey.get(await ask(again), 'http://evil.example'))).status).toBe(422);
    expect((await answer(again, passkey.get(await ask(again), origin, { verified: false }))).status).toBe(422);
    expect((await answer(again, passkey.get(await ask(again), origin, { counter: 1 }))).status).toBe(422);
  });

  it('belong to one person: another’s passkey is no second factor', async () => {
    await addPasskey(owner);
    const colleague = await door.join(owner, 'admin');
    const { passkey } = await addPasskey(colleague);
    const browser = door.newBrowser();
    await withPassword(browser);
    const options = await browser.send('POST', '/api/login/passkey/options', undefined, atHome);
    expect(
      (await browser.send('POST', '/api/login/passkey', { passkey: passkey.get(options.body, origin) }, atHome)).status,
    ).toBe(422);
  });

  it('are renamed and removed; the last factor stays where one is asked for', async () => {
    await addPasskey(owner, 'First');
    await addPasskey(owner, 'Second');
    const [first, second] = (await owner.send('GET', '/api/mfa')).body.passkeys;
    expect((await owner.send('PATCH', `/api/mfa/passkeys/${first.id}`, { name: 'Old laptop' })).status).toBe(204);
    const { version } = (await owner.send('GET', '/api/security')).body;
    await owner.send('PATCH', '/api/security', { version, second_factor: 'all' });
    expect((await owner.send('DELETE', `/api/mfa/passkeys/${second.id}`)).status).toBe(204);
    const last = await owner.send('DELETE', `/api/mfa/passkeys/${first.id}`);
    expect(last.body.code).toBe('access.last_factor');
    expect((await owner.send('GET', '/api/mfa')).body.passkeys).toHaveLength(1);
  });
});

describe('proof', () => {
  it('is asked for ten minutes after the login before factors change; the password is not enough for who has one', async () => {
    house.clock.advance(11 * 60_000);
    expect((await owner.send('POST', '/api/mfa/totp')).body.code).toBe('access.proof_needed');
    expect((await owner.send('POST', '/api/step-up', { password: 'nope nope nope' })).status).toBe(422);
    expect((await owner.send('POST', '/api/step-up', { password: ownerOf.password })).status).toBe(200);
    const { key } = await setUpApp(owner);
    house.clock.advance(11 * 60_000);
    expect((await owner.send('POST', '/api/mfa/recovery-codes')).body.code).toBe('access.proof_needed');
    expect((await owner.send('POST', '/api/step-up', { password: ownerOf.password })).body.code).toBe('access.proof_by_factor');
    expect((await owner.send('POST', '/api/step-up', { code: codeFor(key) })).status).toBe(200);
    expect((await owner.send('POST', '/api/mfa/recovery-codes')).status).toBe(200);
  });

  it('is given by a passkey whose challenge works once', async () => {
    const { passkey } = await addPasskey(owner);
    house.clock.advance(11 * 60_000);
    const options = await owner.send('POST', '/api/step-up/passkey/options', undefined, atHome);
    const answer = { passkey: passkey.get(options.body, origin) };
    expect((await owner.send('POST', '/api/step-up', answer, atHome)).status).toBe(200);
    expect((await owner.send('POST', '/api/step-up', answer, atHome)).body.code).toBe('access.challenge_over');
  });
});

describe('the owner’s requirement', () => {
  it('gives a grace period, then opens nothing but setting one up; keys go on', async () => {
    const admin = await door.join(owner, 'admin');
    const key = (await owner.send('POST', '/api/api-keys', { name: 'till', verbs: ['staff:read'] })).body.secret;
    await setUpApp(owner);
    const { version } = (await owner.send('GET', '/api/security')).body;
    const roles = (await owner.send('GET', '/api/roles')).body.data as { id: string; code: string }[];
    const decided = await owner.send('PATCH', '/api/security', {
      version,
      second_factor: 'roles',
      role_ids: [roles.find(role => role.code === 'admin')!.id],
      grace_days: 2,
    });
    expect(decided.body.unprotected.map((one: { name: string }) => one.name)).toEqual(['Somebody admin']);
    expect(decided.body.keys.map((one: { name: string }) => one.name)).toEqual(['till']);
    expect((await admin.send('GET', '/api/staff')).status).toBe(200);
    house.clock.advance(2 * 86_400_000 + 1000);
    expect((await admin.send('GET', '/api/staff')).body.code).toBe('access.second_factor_required');
    expect((await admin.send('GET', '/api/me')).body.second_factor.held).toBe(true);
    expect((await door.newBrowser({ bearer: key }).send('GET', '/api/staff')).status).toBe(200);
    await admin.send('POST', '/api/step-up', { password: 'seven green bicycles' });
    await setUpApp(admin);
    expect((await admin.send('GET', '/api/staff')).status).toBe(200);
    expect((await owner.send('GET', '/api/security')).body.unprotected).toEqual([]);
  });
});

it('an owner takes a colleague’s lost factors away: they are signed out, told, and it is written down', async () => {
  const admin = await door.join(owner, 'admin');
  await setUpApp(admin);
  expect((await admin.send('POST', `/api/staff/${admin.id}/mfa/reset`)).status).toBe(422);
  expect((await owner.send('POST', `/api/staff/${admin.id}/mfa/reset`)).status).toBe(204);
  expect((await admin.send('GET', '/api/me')).status).toBe(401);
  const browser = door.newBrowser();
  const answer = await browser.send('POST', '/api/login', { email: 'admin@shop.example', password: 'seven green bicycles' });
  expect(answer.body.needs_second_factor).toBe(false);
  const audit = await owner.send('GET', '/api/audit?action=access.factors_reset');
  expect(audit.body.data).toHaveLength(1);
  // Whoever has the machine can do it without any login: `npm run reset-factors`.
  await setUpApp(owner);
  expect(await resetFactorsOf(house.context, ownerOf.email.toUpperCase())).toBe(ownerOf.name);
  expect((await withPassword(door.newBrowser())).body.needs_second_factor).toBe(false);
  expect(await resetFactorsOf(house.context, 'nobody@shop.example')).toBeNull();
});
