import type { Context } from '../../platform/context.ts';
import { shopsOf } from '../shops/index.ts';
import type { DemoState } from './contract.ts';

export const findDemo = async (context: Context): Promise<DemoState> => {
  const shop = (await shopsOf(context)).find(one => one.kind === 'demo');
  const [job] = await context.postgres`
    select id, name from platform.job where name in ('demo.load', 'demo.remove') and state in ('queued', 'running') order by name desc limit 1`;
  const [counts] = shop
    ? await context.postgres`
        select (select count(*) from customers.customer where import_id = ${shop.id} and known) as customers, (select count(*) from orders."order" where shop_id = ${shop.id}) as orders`
    : [{ customers: 0, orders: 0 }];
  return {
    state: job ? (job.name === 'demo.load' ? 'loading' : 'removing') : shop ? 'loaded' : 'none',
    job_id: (job?.id as string) ?? null,
    shop_id: shop?.id ?? null,
    customers: counts.customers as number,
    orders: counts.orders as number,
  };
};
