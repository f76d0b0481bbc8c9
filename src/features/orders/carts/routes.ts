import type { bindRoutes } from '../../../platform/http.ts';
import type { cartContract } from './contract.ts';
import { setIdleRule, showIdleRules } from './idle-rule.ts';
import { cartFigures, cartsCsv, listCarts, showCart } from './list-carts.ts';
import { listConversionPeople, showConversion } from './show-conversion.ts';

export const cartHandlers: Parameters<typeof bindRoutes<typeof cartContract>>[1] = {
  listCarts: (context, { query }) => listCarts(context, query),
  exportCarts: async (context, { query }) => ({
    file: await cartsCsv(context, query),
    filename: `carts-${context.clock.now().toISOString().slice(0, 10)}.csv`,
  }),
  cartFigures: (context, { query }) => cartFigures(context, query),
  showConversion: (context, { query }) => showConversion(context, query),
  listConversionPeople: (context, { query }) => listConversionPeople(context, query),
  showIdleRules: context => showIdleRules(context),
  setIdleRule: async (context, { body }) => {
    await setIdleRule(context, { shopId: body.shop_id, minutes: body.idle_minutes });
    return showIdleRules(context);
  },
  showCart: (context, { params }) => showCart(context, params.id),
};
