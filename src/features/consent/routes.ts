import type { Context } from '../../platform/context.ts';
import { notFound } from '../../platform/errors.ts';
import { bindRoutes } from '../../platform/http.ts';
import { ownersOf } from '../customers/index.ts';
import { type Consents, contract } from './contract.ts';
import { consentsOf } from './postgres.ts';
import { recordConsents } from './record-consents.ts';
import { release, suppress } from './suppressions.ts';

/** The owner behind an id in a path, or 404. */
const livingOwner = async (context: Context, id: string): Promise<number> => {
  const owner = (await ownersOf(context, [Number(id)])).get(Number(id))!;
  const [person] = await context.postgres`select id from customers.customer where id = ${owner} and erased_at is null`;
  if (!person) throw notFound('customer');
  return owner;
};

const answer = async (context: Context, customerId: number) => (await consentsOf(context, customerId)) as unknown as Consents;

export const routes = bindRoutes(contract, {
  listConsents: async (context, { params }) => answer(context, await livingOwner(context, params.id)),
  changeConsent: async (context, { params, body }) => {
    const customerId = await livingOwner(context, params.id);
    const { brand_id: brandId, ...said } = body;
    await recordConsents(context, [{ originId: customerId, brandId, at: context.clock.now(), ...said }], {
      speaker: 'staff',
      source: `staff:${context.actor.name}`,
    });
    return answer(context, customerId);
  },
  suppress: async (context, { params, body }) => {
    const customerId = await livingOwner(context, params.id);
    await suppress(context, { customerId, ...body });
    return answer(context, customerId);
  },
  release: async (context, { params, body }) => release(context, { suppressionId: params.id, reason: body.reason }),
});
