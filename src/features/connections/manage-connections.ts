/** Connect, change, test, pause / resume, disconnect. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal, stale } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { startJob } from '../../platform/queue.ts';
import { maySeeShop, refuseShopLimited } from '../../platform/shop-limit.ts';
import { createShop, findShop, type Shop } from '../shops/index.ts';
import type { Connection } from './connection.ts';
import type { About, Access, Connector } from './connector.ts';
import { connectorOf, connectors } from './connectors.ts';
import { accessOf, keepSecrets } from './credentials.ts';
import { healJob, unregister } from './heal-webhooks.ts';
import { noteFailure, noteSuccess, type Trouble, troubleOf } from './health.ts';
import { pollSoon } from './poll.ts';
import { findConnection, lockConnection } from './postgres.ts';
import { startWalk } from './walk.ts';

export type NewConnection = { kind: string; name?: string; shop_id?: string; fields: Record<string, string> };

/** Tries the credentials, then stores them sealed, makes or takes the shop, and begins to bring everything in. */
export const createConnection = async (
  context: Context,
  input: NewConnection,
): Promise<{ id: string; job_id: string; missing: string[] }> => {
  const connector = connectors.find(one => one.kind === input.kind);
  if (!connector)
    throw new Refusal(
      'refused',
      'connections.kind_unknown',
      'This version cannot connect such a system. Pick one from the list.',
    );
  if (input.shop_id === undefined) refuseShopLimited(context.actor);
  const fields = readFields(connector, input.fields, true);
  const about = await tryOut(context, connector, {
    connectionId: 'new',
    settings: fields.settings,
    secrets: fields.secrets,
    secretsVersion: `new ${context.clock.now().getTime()}`,
  });
  return inTransaction(context, async inside => {
    const settings = {
      ...fields.settings,
      address: about.address,
      ...(connector.writesBackOnlyIfAsked ? { write_back: 'off' } : {}),
    };
    await refuseTwice(inside, connector, about.address);
    const shop = await shopFor(inside, input, about);
    const now = inside.clock.now();
    const [{ id }] = await inside.postgres`
      insert into connections.connection (kind, name, shop_id, settings, created_at, created_by, last_success_at)
      values (${connector.kind}, ${input.name ?? about.name}, ${shop.id}, ${inside.postgres.json({ ...settings, currency: about.currency ?? shop.currency })}, ${now}, ${inside.actor.name}, ${now})
      returning id`;
    const secrets = await keepSecrets(inside, id as string, connector.fields, fields.secrets);
    // From now on by polling; the backfill brings what was before.
    for (const resource of connector.resources)
      await inside.postgres`
        insert into connections.resource (connection_id, code, cursor_at, poll_due_at)
        values (${id}, ${resource.code}, ${now}, ${now})`;
    await audit(inside, 'connections.connected', {
      subject: { kind: 'connection', id: id as string },
      connected: connector.kind,
      secrets,
    });
    const jobId = await startWalk(inside, id as string, 'backfill');
    await startJob(inside, healJob, { connection_id: id }, { key: id as string });
    return { id: id as string, job_id: jobId, missing: about.missing };
  });
};

type Typed = { settings: Record<string, string>; secrets: Record<string, string> };

/** What was typed, in its normal form. `whole`: every required field must be there. */
const readFields = (connector: Connector, typed: Record<string, string>, whole: boolean): Typed => {
  const read: Typed = { settings: {}, secrets: {} };
  const unknown = Object.keys(typed).find(code => !connector.fields.some(field => field.code === code));
  if (unknown)
    throw new Refusal('refused', 'connections.field_unknown', `There is no field "${unknown}" in this form. Remove it.`);
  for (const field of connector.fields) {
    const value = (typed[field.code] ?? '').trim();
    if (value === '') {
      if (whole && field.required)
        throw new Refusal('refused', 'connections.field_missing', `Fill in "${field.code}".`, {
          values: { field: field.code },
          faults: [{ path: `fields.${field.code}`, reason: 'Fill this in.' }],
        });
      continue;
    }
    read[field.kind === 'secret' ? 'secrets' : 'settings'][field.code] = field.normalise ? field.normalise(value) : value;
  }
  return read;
};

const tryOut = async (context: Context, connector: Connector, access: Omit<Access, 'out'>): Promise<About> => {
  try {
    return await connector.test({ ...access, out: { config: context.config, clock: context.clock, log: context.log } });
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    throw new Refusal('refused', `connections.${trouble.code}`, trouble.message);
  }
};

const refuseTwice = async (context: Context, connector: Connector, address: string): Promise<void> => {
  const [known] = await context.postgres`
    select name from connections.connection where kind = ${connector.kind} and settings ->> 'address' = ${address}`;
  if (known)
    throw new Refusal(
      'conflict',
      'connections.connected_already',
      `${address} is connected already, as "${known.name}". Open that connection instead.`,
      {
        values: { address, name: known.name as string },
      },
    );
};

const shopFor = async (context: Context, input: NewConnection, about: About): Promise<Shop> => {
  if (input.shop_id !== undefined) {
    const shop = await findShop(context, input.shop_id);
    if (!shop || !maySeeShop(context.actor, shop.id) || shop.kind === 'demo') throw notFound('shop');
    const [taken] = await context.postgres`select name from connections.connection where shop_id = ${shop.id}`;
    if (taken)
      throw new Refusal(
        'conflict',
        'connections.shop_taken',
        `The shop "${shop.name}" belongs to the connection "${taken.name}" already. Pick another, or let a new one be made.`,
      );
    return shop;
  }
  return createShop(context, {
    name: (input.name ?? about.name).slice(0, 100),
    currency: about.currency ?? undefined,
    zone: about.zone ?? undefined,
  });
};

export type ConnectionChange = { version: number; name?: string; fields?: Record<string, string>; writes_back?: boolean };

export const changeConnection = async (context: Context, id: string, change: ConnectionChange): Promise<void> => {
  const known = await findConnection(context, id);
  if (!known) throw notFound('connection');
  const connector = connectorOf(known.kind);
  const typed = readFields(connector, change.fields ?? {}, false);
  const isNew = Object.keys(typed.settings).length + Object.keys(typed.secrets).length > 0;
  if (isNew) {
    const now = await accessOf(context, known);
    const about = await tryOut(context, connector, {
      connectionId: id,
      settings: { ...known.settings, ...typed.settings },
      secrets: { ...now.secrets, ...typed.secrets },
      secretsVersion: `changed ${context.clock.now().getTime()}`,
    });
    if (about.address !== known.settings.address)
      throw new Refusal(
        'refused',
        'connections.other_shop',
        `These credentials belong to ${about.address}, this connection to ${known.settings.address}. Make a new connection for the other shop.`,
      );
  }
  await inTransaction(context, async inside => {
    const before = await lockConnection(inside, id);
    if (!before) throw notFound('connection');
    if (before.version !== change.version) throw stale('connection');
    const settings = {
      ...before.settings,
      ...typed.settings,
      ...(change.writes_back === undefined ? {} : { write_back: change.writes_back ? 'on' : 'off' }),
    };
    await inside.postgres`
      update connections.connection set name = ${change.name ?? before.name}, settings = ${inside.postgres.json(settings)}, version = version + 1 where id = ${id}`;
    const secrets = await keepSecrets(inside, id, connector.fields, typed.secrets);
    await audit(inside, 'connections.changed', {
      subject: { kind: 'connection', id },
      secrets,
      fields: Object.keys(typed.settings),
    });
    if (isNew) {
      await noteSuccess(inside, id);
      await pollSoon(inside, id);
    }
  });
};

/** Asks now, and notes on the connection how it went. */
export const testConnection = async (context: Context, id: string): Promise<{ about: About | null; trouble: Trouble | null }> => {
  const connection = await findConnection(context, id);
  if (!connection) throw notFound('connection');
  try {
    const about = await connectorOf(connection.kind).test(await accessOf(context, connection));
    await noteSuccess(context, id);
    return { about, trouble: null };
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    await noteFailure(context, id, trouble);
    return { about: null, trouble };
  }
};

export const pauseConnection = (context: Context, id: string): Promise<void> =>
  inTransaction(context, async inside => {
    const before = await lockConnection(inside, id);
    if (!before) throw notFound('connection');
    if (before.state === 'paused') return;
    await inside.postgres`
      update connections.connection set state = 'paused', paused_at = ${inside.clock.now()}, paused_by = ${inside.actor.name}, version = version + 1 where id = ${id}`;
    await audit(inside, 'connections.paused', { subject: { kind: 'connection', id } });
    await inside.live.publish('connection', { id }, 'connections:read');
  });

export const resumeConnection = (context: Context, id: string): Promise<void> =>
  inTransaction(context, async inside => {
    const before = await lockConnection(inside, id);
    if (!before) throw notFound('connection');
    if (before.state !== 'paused') return;
    await inside.postgres`
      update connections.connection set state = 'active', paused_at = null, paused_by = null, failures = 0, version = version + 1 where id = ${id}`;
    await audit(inside, 'connections.resumed', { subject: { kind: 'connection', id } });
    await pollSoon(inside, id);
    await inside.live.publish('connection', { id }, 'connections:read');
  });

/** Credentials and everything remembered of the other side go; customers, orders and events stay. */
export const removeConnection = async (context: Context, id: string): Promise<void> => {
  const connection = await findConnection(context, id);
  if (!connection) throw notFound('connection');
  await unregister(context, connection);
  await inTransaction(context, async inside => {
    await lockConnection(inside, id);
    await forget(inside, connection);
    await audit(inside, 'connections.disconnected', { subject: { kind: 'connection', id }, connected: connection.kind });
    await inside.live.publish('connection', { id }, 'connections:read');
  });
};

const forget = async ({ postgres: sql }: Context, { id }: Connection): Promise<void> => {
  await sql`delete from connections.comparison where connection_id = ${id}`;
  await sql`delete from connections.write_back where connection_id = ${id}`;
  await sql`delete from connections.walk where connection_id = ${id}`;
  await sql`delete from connections.refused where connection_id = ${id}`;
  await sql`delete from connections.delivery where connection_id = ${id}`;
  await sql`delete from connections.record where connection_id = ${id}`;
  await sql`delete from connections.resource where connection_id = ${id}`;
  await sql`delete from connections.secret where connection_id = ${id}`;
  await sql`delete from connections.connection where id = ${id}`;
};
