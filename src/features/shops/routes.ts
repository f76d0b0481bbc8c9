import { bindRoutes } from '../../platform/http.ts';
import { contract } from './contract.ts';
import { changeOrganisation, type Organisation, organisationOf } from './organisation.ts';
import { changeShop, createShop, type Shop, shopsOf } from './shop.ts';

const organisationAnswer = ({ name, homeCurrency, zone, defaultAsOf, proposedAsOf, version }: Organisation) => ({
  name,
  home_currency: homeCurrency,
  zone,
  default_as_of: defaultAsOf,
  proposed_as_of: proposedAsOf,
  version,
});
const shopAnswer = ({ brandId, isDefault, ...shop }: Shop) => ({ ...shop, brand_id: brandId, is_default: isDefault });

export const routes = bindRoutes(contract, {
  showOrganisation: async context => organisationAnswer(await organisationOf(context)),
  changeOrganisation: async (context, { body }) => {
    const { home_currency: homeCurrency, default_as_of: defaultAsOf, ...rest } = body;
    return organisationAnswer(await changeOrganisation(context, { ...rest, homeCurrency, defaultAsOf }));
  },
  listShops: async context => ({ data: (await shopsOf(context)).map(shopAnswer) }),
  createShop: async (context, { body }) => shopAnswer(await createShop(context, body)),
  changeShop: async (context, { params, body }) => shopAnswer(await changeShop(context, { id: params.id, ...body })),
});
