/** A house with a connection to the double: how tests turn the handle, and what the house holds in the double's own terms. */
import { expect } from 'vitest';
import { startTestHouse, type TestHouse } from '../../../../platform/testing.ts';
import { pollSoon } from '../../poll.ts';
import { startWalk, type WalkKind } from '../../walk.ts';
import { type Delivery, openShopifyDouble, type ShopifyDouble } from './double.ts';

const hooks = 'hooks.example';

export type Stand = Awaited<ReturnType<typeof openStand>>;

export const openStand = async (options: { seed: number; lived?: number; webhooks?: boolean }) => {
  const double = await openShopifyDouble({ seed: options.seed });
  double.life.live(options.lived ?? 60);
  const house = await startTestHouse({
    now: double.life.now().toISOString(),
    config: {
      privateHosts: [double.domain(), hooks],
      publicUrl: options.webhooks === false ? null : `http://${hooks}`,
    },
  });
  // Time passes while the house works: what comes later is later.
  const still = house.clock.now;
  let passed_ms = 0;
  house.clock.now = () => new Date(still().getTime() + passed_ms++);
  const made = await connect(house, double);
  expect(made).toMatchObject({ status: 201 });
  const id = made.body.id as string;

  /** The clock of the house follows the double's. */
  const keepUp = (): void => {
    house.clock.set(double.life.now());
    passed_ms = 0;
  };
  const post = async ({ address, body, headers }: Delivery): Promise<number> => {
    keepUp();
    const answer = await house.request('POST', new URL(address).pathname, { actor: null, body, headers });
    return answer.status;
  };
  /** What waits for later is due: tries again, leases of the dead. */
  const patience = async (): Promise<void> => {
    for (let round = 0; round < 10; round++) {
      await house.context.postgres`update connections.resource set lease_until = null`;
      // Announcements are dated by the database, whose clock is not the house's.
      const { postgres: sql } = house.context;
      await sql`update ${sql('platform.delivery')} set due_at = ${house.clock.now()}`;
      await house.context.postgres`update connections.delivery set due_at = ${house.clock.now()} where state = 'waiting'`;
      await house.drain();
      const [{ waiting }] = await house.context.postgres`
        select (select count(*) from connections.delivery where state = 'waiting') + (select count(*) from platform.delivery where not dead) as waiting`;
      if (waiting === 0) return;
    }
  };
  return {
    house,
    double,
    id,
    post,
    patience,
    keepUp,
    poll: async (): Promise<void> => {
      keepUp();
      await pollSoon(house.context, id);
      await patience();
    },
    walk: async (kind: WalkKind): Promise<void> => {
      keepUp();
      await startWalk(house.context, id, kind);
      await house.drain();
    },
    held: () => held(house, id),
    close: async (): Promise<void> => {
      await house.close();
      await double.close();
    },
  };
};

export const connect = (house: TestHouse, double: ShopifyDouble, fields: Record<string, string> = {}, shopId?: string) =>
  house.request('POST', '/api/connections', {
    body: {
      kind: 'shopify',
      ...(shopId ? { shop_id: shopId } : {}),
      fields: { shop: double.domain(), client_id: double.app.clientId, client_secret: double.app.clientSecret, ...fields },
    },
  });

type Row = Record<string, unknown>;

/** What the house holds of one connection, written as `expected` of the double writes it. */
export const held = async (house: TestHouse, connectionId: string) => {
  const { postgres: sql } = house.context;
  const [{ shop_id: shopId }] = await sql`select shop_id from connections.connection where id = ${connectionId}`;
  const idsOf = new Map<number, string[]>();
  for (const row of await sql`
    select customers.owner_of(i.origin_id) as owner, i.value from customers.identifier i
    join connections.record r on r.connection_id = ${connectionId} and r.resource = 'customers' and r.outside_id = i.value and r.gone_at is null
    where i.kind = 'shop_customer_id' and i.source = ${connectionId}`)
    idsOf.set(row.owner as number, [...(idsOf.get(row.owner as number) ?? []), row.value as string]);
  const orders = await sql`
    select o.*, c.email,
      (select jsonb_agg(jsonb_build_object('kind', l.kind, 'sku', l.sku, 'quantity', l.quantity::float8, 'total', l.total_minor) order by l.position) from orders.line l where l.order_id = o.id) as lines,
      (select jsonb_agg(jsonb_build_object('id', r.key, 'at', to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'amount', r.amount_minor,
        'lines', (select jsonb_agg(jsonb_build_object('sku', l.sku, 'quantity', l.quantity::float8, 'amount', l.amount_minor) order by l.position) from orders.refund_line l where l.refund_id = r.id)) order by r.at, r.key)
        from orders.refund r where r.order_id = o.id) as refunds,
      exists (select from tracking.event e where e.shop_id = o.shop_id and e.name = 'Order Fulfilled' and e.properties ->> 'number' = o.number) as fulfilled,
      exists (select from tracking.event e where e.shop_id = o.shop_id and e.name = 'Order Delivered' and e.properties ->> 'number' = o.number) as delivered
    from orders."order" o left join customers.customer c on c.id = o.customer_id where o.shop_id = ${shopId}`;
  const people = await sql`
    select r.outside_id, c.email, c.phone, c.name, c.city,
      (select array_agg(distinct t.tag order by t.tag) from customers.tag t where t.customer_id = c.id) as tags,
      (select state from consent.current s where s.customer_id = c.id and s.channel = 'email' and s.purpose = 'marketing' and s.topic = '') as email_consent,
      (select state from consent.current s where s.customer_id = c.id and s.channel = 'sms' and s.purpose = 'marketing' and s.topic = '') as sms_consent
    from connections.record r join customers.customer c on c.id = customers.owner_of(r.origin_id)
    where r.connection_id = ${connectionId} and r.resource = 'customers' and r.gone_at is null`;
  const variants = await sql`select sku, price, category from products.variant v`;
  // The shop says it was completed, or the order that came of it found its cart.
  const checkouts = await sql`
    select c.outside_id, c.completed_at is not null or exists (
      select from orders.cart k where k.shop_id = c.shop_id and k.refs && c.refs and k.state in ('converted', 'recovered')) as completed
    from orders.checkout c where c.shop_id = ${shopId} and c.customer_id is not null and not c.deleted`;
  return {
    orders: Object.fromEntries(
      orders.map(row => [
        row.number as string,
        {
          id: row.outside_id as string,
          buyer: row.customer_id === null ? null : (idsOf.get(row.customer_id as number) ?? [row.email as string]).join('+'),
          placed_at: (row.placed_at as Date).toISOString(),
          cancelled: row.state === 'cancelled' ? (row.cancelled_at as Date).toISOString() : null,
          test: row.test as boolean,
          total: row.total_minor as number,
          tax: row.tax_minor as number,
          codes: row.discount_codes as string[],
          lines: (row.lines ?? []) as Row[],
          refunds: (row.refunds ?? []) as Row[],
          delivered: row.delivered as boolean,
          fulfilled: row.fulfilled as boolean,
        },
      ]),
    ),
    customers: Object.fromEntries(
      people.map(({ outside_id: outsideId, tags, ...row }) => [outsideId as string, { ...row, tags: tags ?? [] }]),
    ),
    products: Object.fromEntries(
      variants.map(row => [row.sku as string, { price: Math.round(Number(row.price) * 100), category: row.category as string }]),
    ),
    checkouts: Object.fromEntries(checkouts.map(row => [row.outside_id as string, { completed: row.completed as boolean }])),
  };
};
