/** What connections hold about people: which record of a shop they are, deliveries about them, what was written back. */
import type { CustomerTable } from '../../platform/feature.ts';

export const customerTables: readonly CustomerTable[] = [
  {
    table: 'connections.record',
    label: 'connections.table.record',
    merge: 'move',
    export: async ({ postgres }, ids) => postgres`
      select c.name as connection, r.resource, r.outside_id, r.updated_at, r.tags, r.consents
      from connections.record r join connections.connection c on c.id = r.connection_id where r.customer_id = any(${ids as number[]}::bigint[])`,
    erase: 'delete',
  },
  {
    table: 'connections.delivery',
    label: 'connections.table.delivery',
    merge: 'move',
    export: async ({ postgres }, ids) => {
      const rows = await postgres`
        select c.name as connection, d.topic, d.received_at, d.body
        from connections.delivery d join connections.connection c on c.id = d.connection_id where d.customer_id = any(${ids as number[]}::bigint[])`;
      return rows.map(row => ({ ...row, body: (row.body as Buffer | null)?.toString('utf8') ?? null }));
    },
    // Hash, topic and outcome stay: they say nothing about anybody.
    erase: async ({ postgres }, ids) => {
      await postgres`
        update connections.delivery set body = null, headers = '{}', error = null, origin_id = null, customer_id = null
        where origin_id = any(${ids as number[]}::bigint[]) or customer_id = any(${ids as number[]}::bigint[])`;
      // What has not been worked does not say yet whom it is about: found by the person's own identifiers, which are still there.
      await postgres`
        update connections.delivery d set body = null, headers = '{}', error = null, state = case when state = 'waiting' then 'ignored' else state end
        where d.origin_id is null and d.body is not null and exists (
          select from customers.identifier i
          where i.customer_id = any(${ids as number[]}::bigint[]) and length(i.value) >= 6 and position(i.value in lower(encode(d.body, 'escape'))) > 0)`;
    },
  },
  {
    table: 'connections.write_back',
    label: 'connections.table.write_back',
    merge: 'move',
    export: async ({ postgres }, ids) => postgres`
      select c.name as connection, w.what, w.change, w.at, w.state from connections.write_back w join connections.connection c on c.id = w.connection_id
      where w.customer_id = any(${ids as number[]}::bigint[])`,
    erase: 'delete',
  },
];
