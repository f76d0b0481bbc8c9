/** People who are in here twice: found, shown with reasons, kept apart for good, merged in one go and taken back in one go. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestHouse, type TestHouse } from '../../platform/testing.ts';
import { feature as shops } from '../shops/index.ts';
import { findDuplicates } from './find-duplicates.ts';
import { feature, resolveCustomers } from './index.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startTestHouse({ features: [shops, feature] });
});
afterAll(() => house.close());

const person = async (email: string, traits: Record<string, unknown>, shopId?: string): Promise<string> => {
  const [id] = await resolveCustomers(house.context, [
    {
      identifiers: [
        { kind: 'email', source: '', value: email },
        ...(shopId ? [{ kind: 'shop_customer_id' as const, source: 'shop', value: shopId }] : []),
      ],
      trust: 'secret',
      at: house.clock.now(),
      traits: { email, ...traits },
    },
  ]);
  return String(id);
};
const pairs = async (query: Record<string, string> = {}) => {
  const answer = await house.request('GET', '/api/merge-suggestions', { query });
  expect(answer.status, answer.text).toBe(200);
  return (answer.body.data as { winner: { id: string }; loser: { id: string }; class: string; reasons: string[] }[]).map(one => ({
    ids: [one.winner.id, one.loser.id],
    class: one.class,
    reasons: one.reasons,
  }));
};

describe('duplicates', () => {
  const people: Record<string, string> = {};
  beforeAll(async () => {
    people.ana = await person('ana.lee@gmail.com', { name: 'Ana Lee', city: 'Bath' });
    house.clock.advance(60_000);
    people.slip = await person('ana.lee@gmial.com', { name: 'Lee, Ána' });
    people.bob = await person('bob@mail.test', { name: 'Bob Ray', phone: '+44 7700 900321' }, '100');
    people.bobby = await person('bob@other.test', { name: 'Bob Ray', phone: '07700 900321' }, '200');
    people.cleo = await person('cleo@mail.test', { name: 'Cleo Zed', postal_code: 'AB1 2CD', country: 'GB' });
    people.cleo2 = await person('zed@mail.test', { name: 'Zed Cleo', postal_code: 'ab12cd', country: 'GB' });
    people.dan = await person('dan@mail.test', { name: 'Dan Odd', city: 'Bath' });
    // A switchboard's number says nothing about anybody.
    for (let n = 0; n < 15; n++) await person(`staff${n}@firm.test`, { name: `Clerk ${n}x`, phone: '+44 20 7946 0000' });
  });

  it('finds them by what they share, says why, and leaves the rest alone', async () => {
    const started = await house.request('POST', '/api/merge-suggestions/find', { body: {} });
    expect(started.status, started.text).toBe(202);
    await house.drain();
    const found = await pairs();
    expect(found).toEqual(
      [
        { ids: [people.ana, people.slip], class: 'certain', reasons: ['email_typo', 'names_swapped'] },
        { ids: [people.cleo, people.cleo2], class: 'possible', reasons: ['names_swapped', 'same_post_code'] },
      ].sort((a, b) => (a.class < b.class ? -1 : 1)),
    );
    expect((await house.request('GET', '/api/merge-suggestions/count')).body).toMatchObject({
      certain: 1,
      likely: 0,
      possible: 1,
    });
    const own = (await house.request('GET', `/api/customers/${people.slip}/merges`)).body.suggestions;
    expect(own).toMatchObject([{ id: people.ana, class: 'certain', reasons: ['email_typo', 'names_swapped'] }]);
    expect(
      (await house.request('GET', '/api/merge-suggestions', { actor: house.staff({ verbs: new Set(['customers:read']) }) }))
        .status,
    ).toBe(403);
  });

  it('pages', async () => {
    const first = await house.request('GET', '/api/merge-suggestions', { query: { limit: '1' } });
    const second = await house.request('GET', '/api/merge-suggestions', {
      query: { limit: '1', cursor: first.body.next_cursor },
    });
    expect([first.body.data[0].winner.id, second.body.data[0].winner.id]).toEqual([people.ana, people.cleo]);
    expect(second.body.next_cursor).toBeNull();
    expect((await house.request('GET', '/api/merge-suggestions', { query: { cursor: 'x' } })).status).toBe(400);
  });

  it('a pair that is dismissed does not come back', async () => {
    await house.request('POST', `/api/customers/${people.cleo}/keep-apart`, { body: { other: people.cleo2 } });
    await findDuplicates(house.context);
    expect(await pairs()).toHaveLength(1);
  });

  it('a pair that nothing speaks for any more goes', async () => {
    const twin = await person('dan@gmail.test', { name: 'Dan Odd', birthday: '1980-01-01' });
    const before = (await house.request('GET', `/api/customers/${people.dan}`)).body;
    await house.request('PATCH', `/api/customers/${people.dan}`, { body: { version: before.version, birthday: '1980-01-01' } });
    await findDuplicates(house.context);
    expect((await pairs()).map(one => one.ids)).toContainEqual([people.dan, twin].sort((a, b) => Number(a) - Number(b)));
    house.clock.advance(60_000);
    const after = (await house.request('GET', `/api/customers/${people.dan}`)).body;
    await house.request('PATCH', `/api/customers/${people.dan}`, { body: { version: after.version, birthday: '1981-01-01' } });
    await findDuplicates(house.context);
    expect(await pairs()).toHaveLength(1);
  });

  it('previews what the merge really does, and leaves nothing of it behind', async () => {
    const tables = ['customer', 'owner', 'identifier', 'attribute', 'merge', 'seen', 'tag', 'suggestion', 'touched'];
    const snapshot = () =>
      Promise.all(
        tables.map(
          table => house.context.postgres`select t::text from ${house.context.postgres(`customers.${table}`)} t order by 1`,
        ),
      );
    await house.request('POST', `/api/customers/${people.slip}/tags`, { body: { add: ['vip'] } });
    const before = await snapshot();
    const answer = await house.request('GET', `/api/customers/${people.ana}/merge-preview?loser=${people.slip}`);
    expect(answer.status, answer.text).toBe(200);
    expect(await snapshot()).toEqual(before);
    const { profile, identifiers, tables: counted, conflicts } = answer.body;
    expect(identifiers).toContainEqual({ kind: 'email', value: 'ana.lee@gmial.com', shared: false, of: 'loser' });
    expect(counted).toContainEqual({ label: 'customers.export.tags', winner: 0, rows: 1 });
    expect(conflicts).toEqual([]);
    const { body } = await house.request('POST', '/api/customers/merge', { body: { winner: people.ana, loser: people.slip } });
    const merged = (await house.request('GET', `/api/customers/${people.ana}`)).body;
    for (const line of profile as { field: string; own: boolean; after: string | null }[])
      if (!line.own) expect(merged[line.field], line.field).toBe(line.after);
    await house.request('POST', `/api/merges/${body.merge_id}/undo`);
    await house.context.postgres`delete from customers.suggestion where reason = 'kept_apart' or dismissed_at is not null`;
    await findDuplicates(house.context);
  });

  it('says when a source takes the two for two people', async () => {
    const { body } = await house.request('GET', `/api/customers/${people.bob}/merge-preview?loser=${people.bobby}`);
    expect(body.conflicts).toEqual([{ kind: 'two_ids', values: { winner: '100', loser: '200' } }]);
    expect((await pairs({ class: 'certain' })).flatMap(one => one.ids)).not.toContain(people.bob);
  });

  it('goes on after the first thousands', async () => {
    const sql = house.context.postgres;
    await sql`
      insert into customers.customer (known, known_since, first_seen_at, name, phone, import_id)
      select true, now(), now(), 'Twin Number' || n, '+4479' || (10000000 + n), '00000000-0000-7000-8000-0000000000aa'
      from generate_series(1, 2100) as n, generate_series(1, 2) as twice`;
    expect(await findDuplicates(house.context)).toMatchObject({ certain: 2_101 });
    await sql`delete from customers.suggestion where low_id in (select id from customers.customer where import_id is not null)`;
    await sql`delete from customers.customer where import_id = '00000000-0000-7000-8000-0000000000aa'`;
  });

  it('merges all that is certain in one go, and one undo takes all of it back', async () => {
    expect((await pairs({ class: 'certain' })).map(one => one.ids)).toEqual([[people.ana, people.slip]]);
    await house.request('POST', '/api/merge-suggestions/accept-certain', { body: {} });
    await house.drain();
    expect((await house.request('GET', `/api/customers/${people.slip}`)).body.id).toBe(people.ana);
    const { last_batch, certain } = (await house.request('GET', '/api/merge-suggestions/count')).body;
    expect([certain, last_batch.merges]).toEqual([0, 1]);
    const undone = await house.request('POST', `/api/merge-batches/${last_batch.id}/undo`, { body: {} });
    expect(undone.status, undone.text).toBe(202);
    await house.drain();
    expect((await house.request('GET', `/api/customers/${people.slip}`)).body.id).toBe(people.slip);
    expect((await house.request('GET', '/api/merge-suggestions/count')).body).toMatchObject({ certain: 0, last_batch: null });
  });
});
