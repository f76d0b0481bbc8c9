/** The merchant (organisation), its brands and its shops; zones, currencies, and the day everything is read as of. */
import type { Context } from '../../platform/context.ts';
import { defineFeature } from '../../platform/feature.ts';
import { fill } from '../../platform/slot.ts';
import { organisationTeller, setupSteps } from '../access/index.ts';
import { contract } from './contract.ts';
import { nameOrganisation, organisationOf } from './organisation.ts';
import { routes } from './routes.ts';
import { en } from './texts/en.ts';

export {
  changeOrganisation,
  defaultAsOf,
  type Organisation,
  organisationOf,
  proposeAsOf,
  zoneOf,
} from './organisation.ts';
export { createShop, defaultShopOf, findShop, removeDemoShop, type Shop, shopsOf } from './shop.ts';

/** One of each from the start, so that everything later has somewhere to belong; set-up names them. */
const writeDefaults = async ({ postgres: sql, clock }: Context): Promise<void> => {
  const now = clock.now();
  await sql`
    insert into shops.organisation (name, home_currency, zone, created_at) values ('My shop', 'EUR', 'Europe/London', ${now}) on conflict do nothing`;
  await sql`insert into shops.brand (name, is_default, created_at) values ('My shop', true, ${now}) on conflict do nothing`;
  await sql`
    insert into shops.shop (brand_id, name, kind, currency, zone, is_default, created_at)
    select brand.id, 'My shop', 'shop', organisation.home_currency, organisation.zone, true, ${now}
    from shops.brand brand, shops.organisation organisation where brand.is_default
    on conflict do nothing`;
};

export const feature = defineFeature({
  name: 'shops',
  contract,
  routes,
  permissions: [{ verb: 'shops:write', label: 'shops.permission.write', roles: [] }],
  migrations: new URL('./migrations', import.meta.url),
  fills: [
    ...fill(setupSteps, { name: 'organisation', run: nameOrganisation }),
    ...fill(organisationTeller, {
      name: 'organisation' as const,
      read: async (context: Context) => {
        const { name, homeCurrency, zone, defaultAsOf, proposedAsOf } = await organisationOf(context);
        return { name, home_currency: homeCurrency, zone, as_of: defaultAsOf, proposed_as_of: proposedAsOf };
      },
    }),
  ],
  texts: en,
  start: writeDefaults,
});
