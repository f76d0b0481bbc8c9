/** Saved mappings and scheduled sources through the front door; the outside is a server that speaks HTTP as shops' systems do. */
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { defineFeature } from '../../platform/feature.ts';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { feature as access } from '../access/index.ts';
import { feature as consent } from '../consent/index.ts';
import { feature as customers } from '../customers/index.ts';
import { defaultShopOf, feature as shops } from '../shops/index.ts';
import { feature as tracking } from '../tracking/index.ts';
import { feature as imports } from './index.ts';
import { bringer } from './test/bring.ts';

/** Some shop's system: what it serves, and what it was asked. */
let system: Server;
let answer: { status: number; body: string; etag?: string; location?: string };
let asked: IncomingMessage['headers'][] = [];
let house: TestHouse;
let files: ReturnType<typeof bringer>;
let address: string;
let shopId: string;

/** Stands for desk, which comes later: who is told, and of what. */
const told: Record<string, unknown>[] = [];
const listener = defineFeature({
  name: 'listener',
  reactions: [{ on: 'imports.source_needs_staff', run: async (_, payload) => void told.push(payload) }],
});

beforeAll(async () => {
  system = createServer((request, response) => {
    asked.push(request.headers);
    if (answer.etag && request.headers['if-none-match'] === answer.etag) return void response.writeHead(304).end();
    response
      .writeHead(answer.status, {
        'content-disposition': 'attachment; filename="nightly.csv"',
        ...(answer.etag ? { etag: answer.etag } : {}),
        ...(answer.location ? { location: answer.location } : {}),
      })
      .end(answer.body);
  });
  await new Promise<void>(resolve => system.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(system.address() as AddressInfo).port}`;
  address = `http://${host}/export`;
  house = await startTestHouse({
    features: [access, shops, customers, consent, tracking, imports, listener],
    config: { privateHosts: [host] },
    now: '2027-01-10T12:00:00Z',
  });
  files = bringer(house);
  shopId = (await defaultShopOf(house.context)).id;
});
afterAll(async () => {
  await house?.close();
  system.close();
});
beforeEach(() => {
  asked = [];
  answer = { status: 200, body: 'Mail;Vorname;Kundig seit\nana@shop.example;Ana;2024-05-01\n' };
});

const send = async (method: string, path: string, body?: unknown) => house.request(method as 'POST', path, { body });
const make = async (change: object = {}) => {
  const made = await send('POST', '/api/imports/sources', {
    name: 'ERP nightly',
    place: 'url',
    address,
    shop_id: shopId,
    every: 'day',
    at_time: '05:30',
    ...change,
  });
  expect(made.status, made.text).toBe(201);
  return made.body;
};
const visit = async (id: string) => {
  expect((await send('POST', `/api/imports/sources/${id}/run`)).status).toBe(202);
  await house.drain();
  return (await send('GET', `/api/imports/sources/${id}`)).body;
};
const people = async () =>
  Number((await house.context.postgres`select count(*)::int as n from customers.customer where known`)[0].n);
describe('mappings under a name', () => {
  test('saved once, used by itself for the next file with these headers, wherever its columns stand; renamed, deleted, brought back', async () => {
    const up = await files.bring(answer.body);
    expect(up.body).toMatchObject({ kind: 'customers', saved_mapping: null });
    const mapped = await files.edit(up.body, {
      mapping: [
        { column: 0, field: 'email' },
        { column: 1, field: 'first_name' },
        { column: 2, field: 'attribute', name: 'expert_since' },
      ],
    });
    const saved = await send('POST', '/api/imports/mappings', { import_id: mapped.id, name: 'ERP customers' });
    expect(saved.status, saved.text).toBe(201);

    const next = await files.bring('Mail;Vorname;Kundig seit\nbo@shop.example;Bo;2023-05-01\n');
    expect(next.body).toMatchObject({ saved_mapping: { id: saved.body.id, name: 'ERP customers' } });
    expect(next.body.mapping).toContainEqual({ column: 2, field: 'attribute', name: 'expert_since' });

    // Columns elsewhere: the headers differ, so it is not offered by itself, but it can be chosen.
    const moved = await files.bring('Nr;Kundig seit;Mail\n1;2023-05-01;cy@shop.example\n');
    expect(moved.body.saved_mapping).toBeNull();
    const chosen = await files.edit(moved.body, { mapping_id: saved.body.id });
    expect(chosen.mapping).toEqual([
      { column: 1, field: 'attribute', name: 'expert_since' },
      { column: 2, field: 'email' },
    ]);

    const renamed = await send('PATCH', `/api/imports/mappings/${saved.body.id}`, {
      version: saved.body.version,
      name: 'ERP people',
    });
    expect(renamed.status, renamed.text).toBe(200);
    expect(
      (await send('PATCH', `/api/imports/mappings/${saved.body.id}`, { version: saved.body.version, name: 'x' })).status,
    ).toBe(409);
    expect((await send('DELETE', `/api/imports/mappings/${saved.body.id}`)).status).toBe(204);
    expect((await send('GET', '/api/imports/mappings')).body.data).toEqual([]);
    expect((await files.bring(answer.body)).body.saved_mapping).toBeNull();
    expect((await send('POST', `/api/imports/mappings/${saved.body.id}/restore`)).body.name).toBe('ERP people');
    expect((await files.bring(answer.body)).body.saved_mapping?.name).toBe('ERP people');
  });
});

describe('a file from an address', () => {
  test('once: fetched, looked at, with what the host says when it does not give it', async () => {
    const up = await files.bringUrl({ url: address, user: 'shop', password: 'pass' });
    expect(up.status, up.text).toBe(201);
    expect(up.body.file_name).toBe('nightly.csv');
    expect(asked[0].authorization).toBe(`Basic ${Buffer.from('shop:pass').toString('base64')}`);
    for (const [given, code] of [
      [{ status: 404, body: '' }, 'imports.url_status'],
      [{ status: 302, body: '', location: 'http://169.254.169.254/' }, 'imports.url_status'],
      [{ status: 200, body: '' }, 'imports.empty'],
    ] as const) {
      answer = given;
      const refused = await files.bringUrl({ url: address });
      expect([refused.status, refused.body.code]).toEqual([422, code]);
    }
    for (const url of [
      'http://169.254.169.254/latest',
      'https://10.0.0.1/x',
      'file:///etc/passwd',
      'https://user:pass@shop.example/x',
    ])
      expect((await files.bringUrl({ url })).body.code).toMatch(/^imports\.url_(bad_url|refused_address)$/);
  });
});

describe('sources', () => {
  test('visited by their schedule, only when something changed, each time an ordinary import that can be undone', async () => {
    const before = await people();
    answer = { status: 200, body: 'email,name\ndora@shop.example,Dora\n', etag: '"1"' };
    const source = await make({ auth: 'bearer', secret: 'a-long-secret-token-7788' });
    expect(source).toMatchObject({ next_due_at: '2027-01-11T05:30:00.000Z', secret_last4: '7788', auth: 'bearer' });
    expect(JSON.stringify(source)).not.toContain('a-long-secret');
    expect(JSON.stringify(await house.context.postgres`select * from imports.source`)).not.toContain('a-long-secret');

    await house.drain();
    expect(asked).toHaveLength(0);
    house.clock.set('2027-01-11T05:31:00Z');
    await house.drain();
    expect(asked).toHaveLength(1);
    expect(asked[0].authorization).toBe('Bearer a-long-secret-token-7788');
    const first = (await send('GET', `/api/imports/sources/${source.id}`)).body;
    expect(first).toMatchObject({ next_due_at: '2027-01-12T05:30:00.000Z', last_run: { outcome: 'imported' } });
    expect(first.runs[0]).toMatchObject({ by_hand: false, import_state: 'done', rows_kept: 1, file_name: 'nightly.csv' });
    expect(await people()).toBe(before + 1);

    // The same version, by its tag and, without one, by its content.
    expect((await visit(source.id)).last_run.outcome).toBe('unchanged');
    expect(asked.at(-1)!['if-none-match']).toBe('"1"');
    answer = { ...answer, etag: '"2"' };
    const same = await visit(source.id);
    expect(same.last_run).toMatchObject({ outcome: 'unchanged', import_id: null });
    answer = { status: 200, body: 'email,name\ndora@shop.example,Dora\nemil@shop.example,Emil\n', etag: '"3"' };
    expect((await visit(source.id)).last_run.outcome).toBe('imported');
    expect(await people()).toBe(before + 2);

    const { runs } = (await send('GET', `/api/imports/sources/${source.id}`)).body;
    for (const run of runs) if (run.import_id) await files.act(run.import_id, 'undo');
    expect(await people()).toBe(before);

    // The secret is for the host it was given for.
    const elsewhere = await send('PATCH', `/api/imports/sources/${source.id}`, {
      ...source,
      version: source.version,
      address: 'https://attacker.example/x',
      user_name: undefined,
    });
    expect([elsewhere.status, elsewhere.body.code]).toEqual([422, 'imports.secret_missing']);
    expect((await send('DELETE', `/api/imports/sources/${source.id}`)).status).toBe(204);
    expect((await house.context.postgres`select secret from imports.source where id = ${source.id}`)[0].secret).toBeNull();
    const back = (await send('POST', `/api/imports/sources/${source.id}/restore`)).body;
    expect(back.paused_at).not.toBeNull();
  });

  test('what fails is tried again soon, then staff are told; pausing and resuming', async () => {
    answer = { status: 503, body: '' };
    const source = await make({ name: 'Flaky', every: 'hour', at_time: '00:10' });
    house.clock.set('2027-01-11T07:10:30Z');
    await house.drain();
    const show = async () => (await send('GET', `/api/imports/sources/${source.id}`)).body;
    expect(await show()).toMatchObject({ failures: 1, last_run: { outcome: 'failed' }, next_due_at: '2027-01-11T07:15:30.000Z' });
    for (const at of ['2027-01-11T07:16:00Z', '2027-01-11T07:27:00Z']) {
      house.clock.set(at);
      await house.drain();
    }
    expect(await show()).toMatchObject({ failures: 3 });
    expect(told).toEqual([]);
    house.clock.set('2027-01-11T07:48:00Z');
    await house.drain();
    expect(await show()).toMatchObject({ failures: 4, next_due_at: '2027-01-11T08:10:00.000Z' });
    expect(told).toMatchObject([{ name: 'Flaky', outcome: 'failed' }]);

    expect((await send('POST', `/api/imports/sources/${source.id}/pause`)).body.paused_at).not.toBeNull();
    const calls = asked.length;
    house.clock.set('2027-01-12T12:00:00Z');
    await house.drain();
    expect(asked).toHaveLength(calls);
    const resumed = (await send('POST', `/api/imports/sources/${source.id}/resume`)).body;
    expect(resumed).toMatchObject({ paused_at: null, failures: 0, next_due_at: '2027-01-12T12:10:00.000Z' });
    await send('DELETE', `/api/imports/sources/${source.id}`);
  });

  test('a file that leaves a question open waits for a person', async () => {
    answer = { status: 200, body: 'email,newsletter\nfritz@shop.example,yes\n' };
    const source = await make({ name: 'Asks' });
    const seen = await visit(source.id);
    expect(seen.last_run).toMatchObject({ outcome: 'waiting' });
    expect((await files.show(seen.last_run.import_id)).problems).not.toEqual([]);
    await send('DELETE', `/api/imports/sources/${source.id}`);
  });

  test('a folder below the inbox: each file once, nothing outside it, no links', async () => {
    const inbox = join(house.context.config.dataFolder, 'inbox');
    mkdirSync(join(inbox, 'erp'), { recursive: true });
    const put = (name: string, body: string, age_s = 60) => {
      const path = join(inbox, 'erp', name);
      writeFileSync(path, body);
      const at = new Date(Date.now() - age_s * 1000);
      utimesSync(path, at, at);
    };
    const before = await people();
    put('one.csv', 'email,name\ngina@shop.example,Gina\n');
    put('notes.txt', 'not for us');
    put('half.csv', 'email,name\nhalf', 0);
    writeFileSync(join(house.context.config.dataFolder, 'secret.csv'), 'email,name\nsecret@shop.example,S\n');
    symlinkSync(join(house.context.config.dataFolder, 'secret.csv'), join(inbox, 'erp', 'link.csv'));
    symlinkSync(house.context.config.dataFolder, join(inbox, 'out'));
    const source = await make({ name: 'Folder', place: 'folder', address: 'erp', pattern: '*.csv' });
    expect((await visit(source.id)).last_run).toMatchObject({ outcome: 'imported' });
    expect(await people()).toBe(before + 1);
    expect((await visit(source.id)).last_run.outcome).toBe('unchanged');
    put('two.csv', 'email,name\nhans@shop.example,Hans\n', 30);
    put('one.csv', 'email,name\ngina@shop.example,Gina\n', 20);
    expect((await visit(source.id)).runs.filter((run: { outcome: string }) => run.outcome === 'imported')).toHaveLength(2);
    expect(await people()).toBe(before + 2);
    for (const address of ['..', '../files', '/etc', 'erp/../..', 'out', 'out/files', 'nowhere', '.hidden']) {
      const refused = await send('POST', '/api/imports/sources', {
        name: 'x',
        place: 'folder',
        address,
        shop_id: shopId,
        every: 'day',
      });
      expect([address, refused.status]).toEqual([address, 422]);
    }
    await send('DELETE', `/api/imports/sources/${source.id}`);
  });
});
