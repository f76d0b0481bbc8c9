/** What staff do to one customer by hand: make, edit, tag, note. Edits pin: no other source overwrites them. */
import { audit } from '../../platform/audit.ts';
import { type Context, maySee } from '../../platform/context.ts';
import { notFound, Refusal, stale } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { shopLimitOf } from '../../platform/shop-limit.ts';
import type { FactValue } from './facts.ts';
import { normaliseEmail, normaliseIdentifier, normalisePhone } from './identifier.ts';
import { ownDomains } from './own-domains.ts';
import { lockIdentity } from './owners.ts';
import { insertIdentifiers, queueCopy } from './postgres.ts';
import { recomputeProfiles, recordAttributes } from './record-attributes.ts';
import { resolveCustomers } from './resolve-customers.ts';
import { tieToShops } from './shop-ties.ts';
import { maySeeField } from './show-customer.ts';
import { touchCustomers } from './touch-customers.ts';
import { type AttributeType, fitType, isProfileCode, type ProfileCode } from './traits.ts';

export type ProfileEdit = Partial<Record<ProfileCode, string | null>>;
export type AttributeEdit = Record<string, FactValue | null>;
type NotShopper = 'wholesale' | 'staff' | 'test';

const badEmail = () =>
  new Refusal('refused', 'customers.bad_email', 'This is not an e-mail address. Correct it, or leave it empty.', {
    faults: [{ path: 'email', reason: 'Not an e-mail address.' }],
  });
const badPhone = () =>
  new Refusal('refused', 'customers.bad_phone', 'This is not a phone number. Use at least six digits, or leave it empty.', {
    faults: [{ path: 'phone', reason: 'Not a phone number.' }],
  });

/** Empty texts clear; addresses and numbers are kept in their normal form. */
const cleanEdit = (edit: ProfileEdit): ProfileEdit => {
  const clean: ProfileEdit = {};
  for (const [code, raw] of Object.entries(edit)) {
    if (raw === undefined || !isProfileCode(code)) continue;
    const value = raw?.trim() || null;
    if (value !== null && code === 'email' && !normaliseEmail(value)) throw badEmail();
    if (value !== null && code === 'phone' && !normalisePhone(value)) throw badPhone();
    clean[code] =
      value === null ? null : code === 'email' ? normaliseEmail(value) : code === 'phone' ? normalisePhone(value) : value;
  }
  return clean;
};

export const createCustomer = async (
  context: Context,
  input: { profile: ProfileEdit; tags?: readonly string[]; attributes?: Record<string, FactValue> },
): Promise<number> =>
  inTransaction(context, async inside => {
    const profile = cleanEdit(input.profile);
    if (!profile.name && !profile.first_name && !profile.last_name && !profile.email && !profile.phone) {
      throw new Refusal('refused', 'customers.empty', 'Give at least a name, an e-mail address or a phone number.', {
        faults: [{ path: 'name', reason: 'Give a name, an e-mail address or a phone number.' }],
      });
    }
    await refuseTaken(inside, profile, null);
    const now = inside.clock.now();
    let id: number | null = null;
    if (profile.email) {
      [id] = await resolveCustomers(
        inside,
        [{ identifiers: [{ kind: 'email', source: '', value: profile.email }], trust: 'secret', at: now }],
        { source: sourceOf(inside) },
      );
      if (id === null)
        throw new Refusal(
          'refused',
          'customers.no_person',
          'This address belongs to nobody in particular, or to somebody who was erased. Use another one, or release it first.',
        );
    } else id = await insertKnown(inside, now);
    await pin(inside, id, profile, input.attributes ?? {});
    if (profile.phone) await claimIdentifier(inside, id, 'phone', profile.phone);
    // Whoever sees some shops only would not find again whom they just made.
    await tieToShops(
      inside,
      (shopLimitOf(inside.actor) ?? []).map(shopId => ({ originId: id, shopId })),
    );
    if (input.tags?.length) await changeTags(inside, { id, add: input.tags, remove: [] });
    await audit(inside, 'customers.created', { subject: { kind: 'customer', id: String(id) } });
    return id;
  });

const sourceOf = (context: Context): string => `${context.actor.kind}:${context.actor.name}`;

const insertKnown = async (context: Context, now: Date): Promise<number> => {
  const [row] =
    await context.postgres`insert into customers.customer (known, known_since, first_seen_at) values (true, ${now}, ${now}) returning id`;
  await queueCopy(context, [row.id]);
  await touchCustomers(context, [row.id], ['base'], { historical: false });
  return row.id as number;
};

/** Somebody else answers to this e-mail or phone. */
const refuseTaken = async (context: Context, profile: ProfileEdit, id: number | null): Promise<void> => {
  const own = await ownDomains(context);
  for (const kind of ['email', 'phone'] as const) {
    const identifier = profile[kind] ? normaliseIdentifier({ kind, source: '', value: profile[kind] }, own) : null;
    if (!identifier) continue;
    const [taken] =
      await context.postgres`select customer_id from customers.identifier where kind = ${kind} and source = '' and value = ${identifier.value} and not shared`;
    if (taken && taken.customer_id !== id && (kind === 'email' || id === null)) {
      throw new Refusal(
        'conflict',
        `customers.${kind}_taken`,
        `Another customer already has this ${kind === 'email' ? 'e-mail address' : 'phone number'}. Open that customer; if the two are one person, merge them.`,
        {
          values: { id: String(taken.customer_id) },
          faults: [{ path: kind, reason: 'Another customer has it.' }],
        },
      );
    }
  }
};

const claimIdentifier = async (context: Context, id: number, kind: 'email' | 'phone', value: string): Promise<void> => {
  const identifier = normaliseIdentifier({ kind, source: '', value }, await ownDomains(context));
  if (identifier)
    await insertIdentifiers(
      context,
      [{ identifier, originId: id, trust: 'secret', shared: false, rivals: [], since_ms: context.clock.now().getTime() }],
      null,
    );
};

/** Writes staff values. Null for a profile field empties it; null for a custom attribute removes the pin. */
const pin = async (context: Context, id: number, profile: ProfileEdit, attributes: AttributeEdit): Promise<void> => {
  const sql = context.postgres;
  const now = context.clock.now();
  const cleared = Object.keys(attributes).filter(code => attributes[code] === null);
  await sql`delete from customers.attribute where customer_id = ${id} and code = any(${cleared}::text[]) and source = 'staff'`;
  const empty = Object.entries(profile)
    .filter(([, value]) => value === null)
    .map(([code]) => code);
  const kept = Object.fromEntries(
    [...Object.entries(profile), ...Object.entries(attributes)].filter(([, value]) => value !== null),
  );
  await refuseMisfits(context, attributes);
  await sql`
    insert into customers.attribute (origin_id, code, source, customer_id, value, at, trust)
    select ${id}, code, 'staff', ${id}, 'null'::jsonb, ${now}, 'staff' from unnest(${empty}::text[]) as code
    on conflict (origin_id, code, source) do update set value = excluded.value, at = excluded.at`;
  await recordAttributes(context, [{ originId: id, traits: kept, trust: 'staff', at: now }], {
    source: 'staff',
    importId: null,
    historical: false,
  });
  await recomputeProfiles(context, [id]);
  await touchCustomers(context, [id], ['attributes'], { historical: false });
};

const refuseMisfits = async (context: Context, attributes: AttributeEdit): Promise<void> => {
  const rows =
    await context.postgres`select code, type from customers.attribute_type where code = any(${Object.keys(attributes)}::text[])`;
  for (const row of rows) {
    const value = attributes[row.code as string];
    if (value === null || value === undefined || fitType(value, row.type as AttributeType) !== undefined) continue;
    throw new Refusal(
      'refused',
      'customers.attribute_type',
      `"${row.code}" holds a ${row.type}. Enter a ${row.type}, or use another attribute.`,
      {
        values: { code: row.code, type: row.type },
        faults: [{ path: `attributes.${row.code}`, reason: `Enter a ${row.type}.` }],
      },
    );
  }
};

export type CustomerChange = {
  id: number;
  version: number;
  profile: ProfileEdit;
  attributes?: AttributeEdit;
  notShopper?: NotShopper | null;
};

export const changeCustomer = async (context: Context, change: CustomerChange): Promise<void> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    await lockIdentity(inside, 'shared');
    const [row] =
      await sql`select version, not_shopper from customers.customer where id = ${change.id} and erased_at is null and merged_into is null for update`;
    if (!row) throw notFound('customer');
    if (row.version !== change.version) throw stale('customer');
    const profile = cleanEdit(change.profile);
    for (const field of Object.keys(profile)) {
      if (!maySeeField(inside, field))
        throw new Refusal(
          'forbidden',
          'customers.field_forbidden',
          `Your role does not let you see "${field}", so you cannot change it.`,
          { values: { what: field } },
        );
    }
    await refuseTaken(inside, profile, change.id);
    await pin(inside, change.id, profile, change.attributes ?? {});
    for (const kind of ['email', 'phone'] as const)
      if (profile[kind]) await claimIdentifier(inside, change.id, kind, profile[kind]);
    if (change.notShopper !== undefined) await markNotShopper(inside, change.id, change.notShopper);
    await sql`update customers.customer set version = version + 1 where id = ${change.id}`;
    await audit(inside, 'customers.changed', {
      subject: { kind: 'customer', id: String(change.id) },
      fields: [...Object.keys(profile), ...Object.keys(change.attributes ?? {})].slice(0, 50),
    });
    await inside.live.publish('customer', { id: String(change.id) }, 'customers:read');
  });

/** Wholesale, staff and test customers leave lists, models and figures unless asked (decision 6). Null takes the mark away. */
const markNotShopper = async (context: Context, id: number, mark: NotShopper | null): Promise<void> => {
  await context.postgres`update customers.customer set not_shopper = ${mark} where id = ${id}`;
  await queueCopy(context, [id]);
  await touchCustomers(context, [id], ['base'], { historical: false });
};

export const changeTags = async (
  context: Context,
  change: { id: number; add: readonly string[]; remove: readonly string[] },
): Promise<string[]> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    const removed = await sql`
      delete from customers.tag where customer_id = ${change.id} and tag = any(${change.remove as string[]}::text[]) returning tag`;
    const added = await sql`
      insert into customers.tag (origin_id, tag, customer_id, at, by_whom)
      select ${change.id}, given.tag, ${change.id}, ${inside.clock.now()}, ${inside.actor.name} from unnest(${[...new Set(change.add)].sort()}::text[]) as given(tag)
      where not exists (select 1 from customers.tag t where t.customer_id = ${change.id} and t.tag = given.tag)
      on conflict do nothing returning tag`;
    await touchCustomers(inside, [change.id], ['tags'], { historical: false });
    await announceTags(
      inside,
      added.map(row => ({ customerId: change.id, tag: row.tag as string })),
      removed.map(row => ({ customerId: change.id, tag: row.tag as string })),
    );
    await inside.live.publish('customer', { id: String(change.id) }, 'customers:read');
    return (await sql`select distinct tag from customers.tag where customer_id = ${change.id} order by tag`).map(
      row => row.tag as string,
    );
  });

/** Tags in bulk, for imports and rules: ORIGIN ids; a tag that is there already stays as it is. */
export const tagCustomers = async (
  context: Context,
  tags: readonly { originId: number; tag: string }[],
  options: { importId?: string | null; historical: boolean },
): Promise<void> => {
  const rows = [...new Map(tags.map(one => [`${one.originId} ${one.tag}`, one])).values()].sort(
    (a, b) => a.originId - b.originId || (a.tag < b.tag ? -1 : 1),
  );
  if (rows.length === 0) return;
  const written = await context.postgres`
    insert into customers.tag (origin_id, tag, customer_id, at, by_whom, import_id)
    select origin_id, tag, customers.owner_of(origin_id), ${context.clock.now()}, ${context.actor.name}, ${options.importId ?? null}::uuid
    from unnest(${rows.map(row => row.originId)}::bigint[], ${rows.map(row => row.tag)}::text[]) as n(origin_id, tag)
    on conflict do nothing returning customer_id, tag`;
  await touchCustomers(
    context,
    written.map(row => row.customer_id as number),
    ['tags'],
    { historical: options.historical },
  );
  if (!options.historical)
    await announceTags(
      context,
      written.map(row => ({ customerId: row.customer_id as number, tag: row.tag as string })),
      [],
    );
};

/** Takes tags away in bulk: ORIGIN ids; a tag that is not there is no matter. */
export const untagCustomers = async (
  context: Context,
  tags: readonly { originId: number; tag: string }[],
  options: { historical: boolean },
): Promise<void> => {
  if (tags.length === 0) return;
  const gone = await context.postgres`
    delete from customers.tag t using unnest(${tags.map(one => one.originId)}::bigint[], ${tags.map(one => one.tag)}::text[]) as n(origin_id, tag)
    where t.customer_id = customers.owner_of(n.origin_id) and t.tag = n.tag returning t.customer_id, t.tag`;
  await touchCustomers(
    context,
    gone.map(row => row.customer_id as number),
    ['tags'],
    { historical: options.historical },
  );
  if (!options.historical)
    await announceTags(
      context,
      [],
      gone.map(row => ({ customerId: row.customer_id as number, tag: row.tag as string })),
    );
};

type TagOf = { customerId: number; tag: string };
/** One announcement per customer, with who did it: a connection does not send back what it brought. Ids only: an erasure must not miss a tag here. */
const announceTags = async (context: Context, added: readonly TagOf[], removed: readonly TagOf[]): Promise<void> => {
  for (const id of new Set([...added, ...removed].map(one => one.customerId)))
    await context.announce('customers.tagged', { customer_id: String(id), by_id: context.actor.id });
};

export const addNote = async (context: Context, note: { id: number; text: string }): Promise<string> => {
  if (!maySee(context.actor, 'notes'))
    throw new Refusal(
      'forbidden',
      'customers.notes_forbidden',
      'Your role does not include notes. Ask an owner of this installation to add them.',
    );
  const text = note.text.replaceAll('\u0000', '');
  const [row] = await context.postgres`
    insert into customers.note (origin_id, customer_id, text, at, staff_id, by_whom)
    values (${note.id}, ${note.id}, ${text}, ${context.clock.now()}, ${context.actor.id}, ${context.actor.name}) returning id`;
  await context.live.publish('customer', { id: String(note.id) }, 'customers:read');
  return row.id as string;
};

export const resolveQualityIssue = async (context: Context, id: string): Promise<void> => {
  const done = await context.postgres`
    update customers.quality_issue set resolved_at = ${context.clock.now()}, resolved_by = ${context.actor.name} where id = ${id} and resolved_at is null returning id`;
  if (done.length === 0) throw notFound('issue');
};
