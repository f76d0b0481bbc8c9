/** Lists and histories from other senders through the front door: known by their headers, kept as they mean, taken back without a trace. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { feature as access } from '../access/index.ts';
import { feature as consent } from '../consent/index.ts';
import { feature as customers, resolveCustomers } from '../customers/index.ts';
import { feature as shops } from '../shops/index.ts';
import { feature as tracking } from '../tracking/index.ts';
import { feature as imports } from './index.ts';
import { bringer, zipOf } from './test/bring.ts';

let house: TestHouse;
let files: ReturnType<typeof bringer>;
beforeAll(async () => {
  house = await startTestHouse({ features: [access, shops, customers, consent, tracking, imports] });
  files = bringer(house);
});
afterAll(() => house?.close());

/** Who may be written to by e-mail, who not, and why not. */
const standing = async () =>
  (
    await house.context.postgres`
      select c.email, (select state from consent.current k where k.customer_id = c.id and k.channel = 'email') as state,
        (select string_agg(class, ',' order by class) from consent.suppression s where s.customer_id = c.id and s.released_at is null) as closed
      from customers.customer c where c.email is not null order by c.email`
  ).map(row => [row.email, row.state, row.closed]);
const traces = async () =>
  (
    await house.context.postgres`
      select (select count(*)::int from customers.customer) as people, (select count(*)::int from consent.consent) as consents, (select count(*)::int from consent.suppression) as suppressions,
        (select count(*)::int from tracking.event) as events, (select count(*)::int from customers.address) as addresses`
  )[0];
const nothing = { people: 0, consents: 0, suppressions: 0, events: 0, addresses: 0 };
const takeBack = async (...ids: string[]) => {
  for (const id of ids) await files.act(id, 'undo');
  expect({ ...(await traces()) }).toEqual(nothing);
};

const mailchimpHead =
  'Email Address,First Name,Last Name,Address,Birthday,Favourite Colour,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION';
const mailchimp = {
  'subscribed_email_audience_export_1a2b.csv': `${mailchimpHead},LAST_CHANGED,LEID,EUID,NOTES,TAGS\nana@shop.example,Ana,Ruiz,"1 High Street",10/24,blue,4,"2023-05-01 09:00:00",192.0.2.1,"2023-05-01 09:02:00",192.0.2.1,51.5,-0.1,0,1,Europe/London,GB,ENG,"2023-06-01 10:00:00",1,aa1,,"""VIP"",""Blog"""\n`,
  'unsubscribed_email_audience_export_1a2b.csv': `${mailchimpHead},UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,LEID,EUID,NOTES,TAGS\nbo@shop.example,Bo,Lund,,,,2,"2022-05-01 09:00:00",,"2022-05-01 09:02:00",,,,,,,DK,,"2023-07-01 08:00:00",Summer sale,c1,NORMAL,,2,bb2,,\n`,
  'cleaned_email_audience_export_1a2b.csv': `${mailchimpHead},CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,LEID,EUID,NOTES,TAGS\ncy@shop.example,Cy,Ngo,,,,1,"2021-05-01 09:00:00",,"2021-05-01 09:02:00",,,,,,,FR,,"2023-08-01 08:00:00",Autumn,c2,3,cc3,,\n`,
  'nonsubscribed_email_audience_export_1a2b.csv': `${mailchimpHead},LAST_CHANGED,LEID,EUID,NOTES,TAGS\ndi@shop.example,Di,Ek,,,,1,,,,,,,,,,SE,,"2023-06-01 10:00:00",4,dd4,,\n`,
};

describe('people from other senders', () => {
  test('Mailchimp: the archive as it is, four files that each mean something else', async () => {
    const up = await files.bring(zipOf({ ...mailchimp, '__MACOSX/._x.csv': 'x', 'readme.md': 'x' }), 'audience.zip');
    expect(up.status, up.text).toBe(201);
    expect(up.body.also).toHaveLength(3);
    const all = [up.body, ...(await Promise.all(up.body.also.map((one: { id: string }) => files.show(one.id))))];
    expect(all.map(one => [one.file_name, one.kind, one.recognised, one.options.people, one.problems])).toEqual([
      ['subscribed_email_audience_export_1a2b.csv', 'mailchimp_audience', true, 'subscribed', []],
      ['unsubscribed_email_audience_export_1a2b.csv', 'mailchimp_audience', true, 'unsubscribed', []],
      ['cleaned_email_audience_export_1a2b.csv', 'mailchimp_audience', true, 'cleaned', []],
      ['nonsubscribed_email_audience_export_1a2b.csv', 'mailchimp_audience', true, 'never', []],
    ]);
    for (const one of all) expect((await files.act(one.id, 'start')).counts).toMatchObject({ read: 1, kept: 1, added: 1 });
    expect(await standing()).toEqual([
      ['ana@shop.example', 'subscribed', null],
      ['bo@shop.example', 'unsubscribed', null],
      ['cy@shop.example', null, 'hard_bounce'],
      ['di@shop.example', null, null],
    ]);
    const [ana] = await house.context.postgres`
      select c.name, c.country, (select jsonb_object_agg(code, value) from customers.attribute a where a.customer_id = c.id) as attributes,
        (select array_agg(tag order by tag) from customers.tag t where t.customer_id = c.id) as tags, (select line1 from customers.address d where d.customer_id = c.id) as street,
        (select at from consent.consent k where k.customer_id = c.id) as agreed
      from customers.customer c where c.email = 'ana@shop.example'`;
    expect(ana).toMatchObject({
      name: 'Ana Ruiz',
      country: 'GB',
      tags: ['Blog', 'VIP'],
      street: '1 High Street',
      agreed: new Date('2023-05-01T08:02:00Z'),
    });
    expect(ana.attributes).toMatchObject({ mailchimp_rating: 4, birthday_month_day: '10/24', 'favourite colour': 'blue' });
    expect(Object.keys(ana.attributes)).not.toContain('latitude');

    // The same archive a second time says nothing new, and each file keeps its own meaning.
    const again = await files.bring(zipOf(mailchimp), 'audience.zip');
    const second = [again.body, ...again.body.also];
    for (const one of second) expect((await files.act(one.id, 'start')).counts.added).toBe(0);
    expect((await standing()).map(row => row[1])).toEqual(['subscribed', 'unsubscribed', null, null]);
    await takeBack(...all.map(one => one.id), ...second.map(one => one.id));
  });

  test('Klaviyo: consent and suppressions from their own columns', async () => {
    const done = await files.bringAll(
      'Email,Klaviyo ID,First Name,Last Name,Organization,Phone Number,Address,City,State / Region,Country,Zip Code,Latitude,Email Marketing Consent,Email Marketing Consent Timestamp,SMS Marketing Consent,Email Suppressions,Loyalty Tier\n' +
        'ana@shop.example,01HA,Ana,Ruiz,Acme,+447700900111,2 Low Road,Leeds,West Yorkshire,United Kingdom,LS1,53.8,SUBSCRIBED,2024-02-01T10:00:00Z,SUBSCRIBED,,gold\n' +
        'bo@shop.example,01HB,Bo,Lund,,,,,,,,,UNSUBSCRIBED,2024-03-01T10:00:00Z,,"[\'UNSUBSCRIBE\']",\n' +
        'cy@shop.example,01HC,Cy,,,,,,,,,,NEVER_SUBSCRIBED,,NEVER_SUBSCRIBED,HARD_BOUNCE,\n' +
        'di@shop.example,01HD,Di,,,,,,,,,,SUBSCRIBED,2024-02-01T10:00:00Z,,SPAM_COMPLAINT,\n' +
        'ed@shop.example,01HE,Ed,,,,,,,,,,PERHAPS,,,,\n',
    );
    expect(done).toMatchObject({ kind: 'klaviyo_profiles', recognised: true });
    expect(done.counts).toMatchObject({ read: 5, kept: 4, skipped: { not_a_state: 1 } });
    expect(await standing()).toEqual([
      ['ana@shop.example', 'subscribed', null],
      ['bo@shop.example', 'unsubscribed', null],
      ['cy@shop.example', null, 'hard_bounce'],
      ['di@shop.example', 'subscribed', 'complaint'],
    ]);
    const said = await house.context
      .postgres`select code, value from customers.attribute where code in ('loyalty tier', 'klaviyo_id', 'city') order by code, value`;
    expect(said.map(row => row.value)).toEqual(['Leeds', '01HA', '01HB', '01HC', '01HD', 'gold']);
    await takeBack(done.id);
  });

  test('Brevo: semicolons, days first, blocklisted people by channel', async () => {
    const up = await files.bring(
      'CONTACT ID;EMAIL;FIRSTNAME;LASTNAME;SMS;SHOE_SIZE;ADDED_TIME;MODIFIED_TIME;_listIds;_SUBSCRIBED;_BLOCKLISTED\n' +
        '1;ana@shop.example;Ana;Ruiz;447700900111;38;25-01-2024;26-01-2024;[2|7];email_marketing;\n' +
        '2;bo@shop.example;Bo;Lund;;42;13-02-2024;13-02-2024;[2];;email_marketing,sms_marketing\n' +
        '3;cy@shop.example;Cy;Ngo;;;14-02-2024;14-02-2024;;;\n',
    );
    expect(up.body).toMatchObject({ kind: 'brevo_contacts', problems: [], settings: { delimiter: ';', date_order: 'dmy' } });
    const done = await files.act(up.body.id, 'start');
    expect(done.counts).toMatchObject({ read: 3, kept: 3 });
    expect(await standing()).toEqual([
      ['ana@shop.example', 'subscribed', null],
      ['bo@shop.example', 'unsubscribed', 'imported,imported'],
      ['cy@shop.example', null, null],
    ]);
    await takeBack(done.id);
    // Without the column that says who is subscribed, somebody has to.
    const bare = await files.bring('EMAIL;FIRSTNAME;ADDED_TIME;MODIFIED_TIME\nana@shop.example;Ana;25-01-2024;26-01-2024\n');
    expect(bare.body).toMatchObject({ kind: 'brevo_contacts', problems: [{ code: 'option_unanswered', field: 'not_blocked' }] });
  });

  test('undo puts back since when and until when somebody known before was seen', async () => {
    const [ana] = await resolveCustomers(house.context, [
      {
        identifiers: [{ kind: 'email', source: '', value: 'ana@shop.example' }],
        trust: 'secret',
        at: new Date('2024-05-01T10:00:00Z'),
      },
    ]);
    const span = async () =>
      (await house.context.postgres`select first_at, last_at from customers.seen where origin_id = ${ana}`).map(row => [
        row.first_at,
        row.last_at,
      ])[0];
    const before = await span();
    const done = await files.bringAll('Email,Customer since\nANA@shop.example,2020-01-01\n');
    expect((await span())[0]).toEqual(new Date('2020-01-01T00:00:00Z'));
    await files.act(done.id, 'undo');
    expect(await span()).toEqual(before);
    await house.context.postgres`delete from customers.seen`;
    await house.context.postgres`delete from customers.identifier`;
    await house.context.postgres`delete from customers.customer`;
  });

  test('consents and suppressions as lists of their own', async () => {
    const yes = await files.bringAll(
      'email,channel,consent,date\nana@shop.example,email,yes,2024-05-01\nana@shop.example,fax,yes,2024-05-01\nbo@shop.example,sms,no,2024-05-01\n',
    );
    expect(yes).toMatchObject({ kind: 'consents', counts: { kept: 2, skipped: { not_a_channel: 1 } } });
    const closed = await files.bringAll(
      'email,reason,created\nana@shop.example,hard bounce: mailbox gone,2024-06-01\ncy@shop.example,spam report,2024-06-01\n',
    );
    expect(closed).toMatchObject({ kind: 'suppressions', counts: { kept: 2, made: { suppressions: 2 } } });
    expect(await standing()).toEqual(
      [
        ['ana@shop.example', 'subscribed', 'hard_bounce'],
        ['cy@shop.example', null, 'complaint'],
      ]
        .slice(0, 1)
        .concat([['bo@shop.example', null, null]] as never, [['cy@shop.example', null, 'complaint']]),
    );
    await takeBack(closed.id, yes.id);
  });
});

describe('what happened elsewhere', () => {
  const results =
    'event,timestamp,email,campaign,channel,bounce type,url\n' +
    'delivered,2024-03-01T10:00:00Z,ana@shop.example,Spring,email,,\n' +
    'Opened Email,2024-03-01T11:00:00Z,ana@shop.example,Spring,,,\n' +
    'Opened Email,2024-03-01T11:00:00Z,ana@shop.example,Spring,,,\n' +
    'click,2024-03-01T11:05:00Z,ana@shop.example,Spring,email,,https://shop.example/x\n' +
    'hard_bounce,2024-03-01T10:00:01Z,bo@shop.example,Spring,email,,\n' +
    'bounced,2024-03-01T10:00:01Z,cy@shop.example,Spring,email,Transient,\n' +
    'bounced,2024-03-01T10:00:01Z,di@shop.example,Spring,email,,\n' +
    'unsubscribed,2024-03-01T12:00:00Z,ed@shop.example,Spring,email,,\n' +
    'spam,2024-03-01T12:00:00Z,fi@shop.example,Spring,email,,\n' +
    'opened,yesterday,ana@shop.example,Spring,email,,\n' +
    'Order Completed,2024-03-01T12:00:00Z,ana@shop.example,,,,\n' +
    'Wishlist Shared,2024-03-02T12:00:00Z,ana@shop.example,,,,\n';

  test('results of messages become ours; unsubscribes, complaints and hard bounces close the address', async () => {
    const up = await files.bring(results, 'history.csv');
    expect(up.body).toMatchObject({ kind: 'events', problems: [] });
    const counted = await files.act(up.body.id, 'dry-run');
    expect(counted.dry_run.counts).toMatchObject({
      read: 12,
      kept: 9,
      merged: { same_event: 1 },
      skipped: { not_a_time: 1, event_of_orders: 1 },
      noted: { bounce_unclear: 1 },
    });
    const done = await files.act(up.body.id, 'start');
    expect(done.counts).toMatchObject({
      read: 12,
      kept: 9,
      added: 9,
      merged: { same_event: 1 },
      skipped: { not_a_time: 1, event_of_orders: 1 },
      noted: { bounce_unclear: 1 },
      made: { events: 9, consents: 1, suppressions: 2, customers: 6 },
    });
    const log = await house.context
      .postgres`select name, historical, properties from tracking.event order by time, name, properties->>'bounce'`;
    expect(log.map(row => row.name)).toEqual([
      'Message Delivered',
      'Message Bounced',
      'Message Bounced',
      'Message Bounced',
      'Message Opened',
      'Message Clicked',
      'Message Complained',
      'Unsubscribed',
      'Wishlist Shared',
    ]);
    expect(log.every(row => row.historical)).toBe(true);
    expect(log.find(row => row.name === 'Message Clicked')!.properties).toEqual({
      channel: 'email',
      campaign: 'Spring',
      url: 'https://shop.example/x',
    });
    expect(await standing()).toEqual([
      ['ana@shop.example', null, null],
      ['bo@shop.example', null, 'hard_bounce'],
      ['cy@shop.example', null, null],
      ['di@shop.example', null, null],
      ['ed@shop.example', 'unsubscribed', null],
      ['fi@shop.example', null, 'complaint'],
    ]);
    const again = await files.bringAll(results, undefined, 'history.csv');
    expect(again.counts).toMatchObject({ kept: 9, added: 0 });
    expect((await traces())?.events).toBe(9);
    await takeBack(done.id, again.id);
  });

  test('any file of events: properties in columns and as JSON, numbers digit-exact, cards masked, user ids as the site has them', async () => {
    const done = await files.bringAll(
      'Event Name,Event Time,User ID,Colour,Amount,Properties\n' +
        'Sofa Tried,2024-03-01 10:00,u-1,green,"1.5","{""room"":7410991464714123456,""note"":""4111 1111 1111 1111""}"\n' +
        'Sofa Tried,2024-03-01 10:00,u-2,green,2,{broken\n',
    );
    expect(done).toMatchObject({ kind: 'events', counts: { kept: 1, skipped: { not_json: 1 } } });
    const [event] = await house.context.postgres`select name, time, properties from tracking.event`;
    expect(event.time).toEqual(new Date('2024-03-01T10:00:00Z'));
    expect(event.properties).toMatchObject({ colour: 'green', amount: 1.5, room: '7410991464714123456' });
    expect(JSON.stringify(event.properties)).not.toContain('4111 1111');
    const [key] = await house.context.postgres`select kind, value from customers.identifier`;
    expect(key).toMatchObject({ kind: 'user_id', value: 'u-1' });
    await takeBack(done.id);
  });

  test("Mailchimp's files of opens and clicks tell what they are by their place and name", async () => {
    const up = await files.bring(
      zipOf({
        'granular_activity/opens/12345_-_spring-sale.csv': 'Email,Timestamp,IP\nana@shop.example,2024-03-01 11:00:00,192.0.2.1\n',
        'granular_activity/clicks/12345_-_spring-sale.csv':
          'Email,Timestamp,IP,Url\nana@shop.example,2024-03-01 11:05:00,192.0.2.1,https://shop.example/x\n',
      }),
      'export.zip',
    );
    const both = [up.body, await files.show(up.body.also[0].id)];
    expect(both.map(one => [one.kind, one.options.event_name, one.options.campaign_name, one.problems])).toEqual([
      ['mailchimp_activity', 'Opened', 'spring sale', []],
      ['mailchimp_activity', 'Clicked', 'spring sale', []],
    ]);
    for (const one of both) await files.act(one.id, 'start');
    const log = await house.context.postgres`select name, properties->>'campaign' as campaign from tracking.event order by time`;
    expect(log.map(row => [row.name, row.campaign])).toEqual([
      ['Message Opened', 'spring sale'],
      ['Message Clicked', 'spring sale'],
    ]);
    await takeBack(...both.map(one => one.id));
  });
});
