/** Lists of customers through the front door: consents mean what was answered, the unsubscribed stay so, undo leaves nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { feature as access } from '../access/index.ts';
import { feature as consent } from '../consent/index.ts';
import { feature as customers } from '../customers/index.ts';
import { feature as shops } from '../shops/index.ts';
import { feature as tracking } from '../tracking/index.ts';
import { feature as imports } from './index.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startTestHouse({ features: [access, shops, customers, consent, tracking, imports] });
});
afterAll(() => house?.close());

const bring = (content: string) => {
  const body = `--edge\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\nContent-Type: text/csv\r\n\r\n${content}\r\n--edge--\r\n`;
  return house.request('POST', '/api/imports', {
    body: Buffer.from(body),
    headers: { 'content-type': 'multipart/form-data; boundary=edge' },
  });
};
const act = async (id: string, verb: string) => {
  const answer = await house.request('POST', `/api/imports/${id}/${verb}`);
  expect(answer.status, answer.text).toBe(202);
  await house.drain();
  return (await house.request('GET', `/api/imports/${id}`)).body;
};
const figures = async () =>
  (
    await house.context.postgres`
    select (select count(*)::int from customers.customer) as people, (select count(*)::int from customers.identifier) as identifiers, (select count(*)::int from customers.attribute) as attributes,
      (select count(*)::int from customers.tag) as tags, (select count(*)::int from consent.consent) as consents, (select count(*)::int from consent.current where state = 'subscribed') as subscribed`
  )[0];
const nothing = { people: 0, identifiers: 0, attributes: 0, tags: 0, consents: 0, subscribed: 0 };

const list =
  'E-Mail;Vorname;Nachname;Land;Newsletter;Schlagworte;Schuhgröße\n' +
  'ana@shop.example;Ana;Ruiz;Spanien;ja;vip, early;38\n' +
  'ANA@shop.example ;Ana;Ruiz;Spanien;ja;vip;38\n' +
  'bo@shop.example;Bo;Lund;Dänemark;nein;;42\n' +
  'not an address;Cy;;;ja;;\n' +
  ';Di;;;ja;;\n';

test('a list asks what yes and no mean, merges rows of one person, and goes away without a trace', async () => {
  const up = await bring(list);
  expect(up.body).toMatchObject({ kind: 'customers', problems: [{ code: 'option_unanswered' }, { code: 'option_unanswered' }] });
  const column = up.body.columns.findIndex((one: { name: string }) => one.name === 'Schuhgröße');
  const ready = await house.request('POST', `/api/imports/${up.body.id}/mapping`, {
    body: {
      version: up.body.version,
      options: { email_yes: 'subscribed', email_no: 'unsubscribed' },
      mapping: [...up.body.mapping, { column, field: 'attribute', name: 'shoe_size' }],
    },
  });
  expect(ready.body.problems).toEqual([]);
  const done = await act(up.body.id, 'start');
  expect(done.counts).toMatchObject({
    read: 5,
    kept: 2,
    merged: { same_person: 1 },
    skipped: { not_an_email: 1, nobody: 1 },
    made: { customers: 2, consents: 2 },
  });
  const people = await house.context.postgres`
    select c.name, c.email, c.country, (select value from customers.attribute a where a.customer_id = c.id and a.code = 'shoe_size') as shoe from customers.customer c order by c.email`;
  expect(people.map(row => ({ ...row }))).toEqual([
    { name: 'Ana Ruiz', email: 'ana@shop.example', country: 'ES', shoe: 38 },
    { name: 'Bo Lund', email: 'bo@shop.example', country: 'DK', shoe: 42 },
  ]);
  const before = await figures();
  expect({ ...before }).toMatchObject({ people: 2, tags: 2, consents: 2, subscribed: 1 });

  const again = await bring(list);
  expect(again.body.problems).toEqual([]);
  expect((await act(again.body.id, 'start')).counts).toMatchObject({ kept: 2, added: 0, made: { customers_known: 2 } });
  expect({ ...(await figures()) }).toEqual({ ...before });

  // Bo said no; a list that says yes does not bring him back.
  const hopeful = await bring('email,newsletter\nbo@shop.example,yes\n');
  await house.request('POST', `/api/imports/${hopeful.body.id}/mapping`, {
    body: { version: hopeful.body.version, options: { email_yes: 'subscribed', email_no: 'ignore' } },
  });
  const kept = await act(hopeful.body.id, 'start');
  expect(kept.counts).toMatchObject({ kept: 1, noted: { kept_unsubscribed: 1 } });
  expect((await figures())?.subscribed).toBe(1);

  // In the order they came, not the reverse: people named by later lists go with the last one.
  await act(done.id, 'undo');
  await act(again.body.id, 'undo');
  await act(kept.id, 'undo');
  expect({ ...(await figures()) }).toEqual(nothing);
});

test('the Shopify export is known by its headers', async () => {
  const head =
    'Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Country Code,Default Address Zip,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags';
  const up = await bring(
    `${head}\n'7410991464714,Ana,Ruiz,ana@shop.example,yes,,ES,'08001,'+34600111222,no,120.00,3,,no,"vip, loyal"\n`,
  );
  expect(up.body).toMatchObject({
    kind: 'shopify_customers',
    problems: [],
    options: { email_yes: 'subscribed', email_no: 'unsubscribed' },
  });
  const done = await act(up.body.id, 'start');
  expect(done.counts).toMatchObject({ kept: 1, made: { customers: 1, consents: 2, tags: 2 } });
  const rows = await house.context.postgres`select kind, value from customers.identifier order by kind`;
  expect(rows.map(row => ({ ...row }))).toEqual([
    { kind: 'email', value: 'ana@shop.example' },
    { kind: 'phone', value: '+34600111222' },
    { kind: 'shop_customer_id', value: '7410991464714' },
  ]);
  await act(done.id, 'undo');
  expect({ ...(await figures()) }).toEqual(nothing);
});

test('a browser without the right sees no rows, and somebody without the verb gets no import', async () => {
  const up = await bring('email,name\nana@shop.example,Ana\n');
  const analyst = house.staff({ verbs: new Set(['imports:read']), fields: new Set(['behaviour']) });
  const seen = await house.request('GET', `/api/imports/${up.body.id}`, { actor: analyst });
  expect(seen.body.rows).toEqual([]);
  expect(JSON.stringify(seen.body)).not.toContain('ana@shop.example');
  expect((await house.request('POST', `/api/imports/${up.body.id}/start`, { actor: analyst })).status).toBe(403);
});

test('bad uploads are refused with a sentence and leave nothing', async () => {
  const count = async () =>
    (
      await house.context
        .postgres`select (select count(*)::int from platform.file) as files, (select count(*)::int from imports.import) as imports`
    )[0];
  const before = { ...(await count()) };
  for (const [content, code] of [
    ['', 'imports.empty'],
    ['email,name\n', 'imports.header_only'],
    ['PK\u0003\u0004 xxxxxxxxxxxxxxxxxx', 'imports.container_zip'],
  ]) {
    const answer = await bring(content);
    expect([answer.status, answer.body.code]).toEqual([422, code]);
  }
  expect((await house.request('POST', '/api/imports', { body: { url: 'x' } })).status).toBe(415);
  expect({ ...(await count()) }).toEqual(before);
});
