/** Carts of what happened before carts were followed: once, in the background, telling nobody. */
import type { Context } from '../../../platform/context.ts';
import type { Job } from '../../../platform/feature.ts';
import { startJob } from '../../../platform/queue.ts';
import { touchCustomers } from '../../customers/index.ts';
import { cartsRefilled } from './follow-carts.ts';
import { cartEventNames } from './read-step.ts';

const portion = 2_000;

export const fillCarts: Job = {
  name: 'orders.fill-carts',
  run: async (context, _payload, progress) => {
    const { postgres: sql } = context;
    let after = 0;
    for (let done = 0; ; ) {
      const people = await sql`
        select id from customers.customer c where id > ${after}
          and exists (select from tracking.event e where e.origin_id = c.id and e.name = any(${cartEventNames as string[]}::text[]))
        order by id limit ${portion}`;
      if (people.length === 0) return { people: done };
      after = people.at(-1)!.id as number;
      done += people.length;
      await touchCustomers(
        context,
        people.map(row => row.id as number),
        [cartsRefilled],
        { historical: true },
      );
      await progress.report(done, null);
    }
  },
};

/** At the first start with events but no carts. */
export const fillAtStart = async (context: Context): Promise<void> => {
  const [{ empty }] = await context.postgres`
    select not exists (select from orders.cart) and not exists (select from orders.browse)
      and exists (select from tracking.dictionary_event where name = any(${cartEventNames as string[]}::text[])) as empty`;
  if (empty) await startJob(context, fillCarts.name, {}, { key: 'fill' });
};
