import { z } from 'zod';
import { day, defineContract, uuid } from '../../platform/contract.ts';
import { currencyNamed, zoneNamed } from './place.ts';

const name = z.string().trim().min(1, 'Enter a name.').max(100);
const currency = z
  .string()
  .max(10)
  .transform((code, checked) => {
    const known = currencyNamed(code.trim());
    if (known === null)
      checked.addIssue({ code: 'custom', message: 'This is not a currency. Write its three letters, for example EUR.' });
    return known ?? '';
  });
const zone = z
  .string()
  .max(60)
  .transform((text, checked) => {
    const known = zoneNamed(text.trim());
    if (known === null) checked.addIssue({ code: 'custom', message: 'This is not a time zone. Write one like Europe/London.' });
    return known ?? '';
  });
export const shopKinds = ['shop', 'till', 'demo'] as const;

const organisation = z.object({
  name: z.string(),
  home_currency: z.string(),
  zone: z.string(),
  default_as_of: day.nullable(),
  proposed_as_of: day.nullable(),
  version: z.number(),
});
const shop = z.object({
  id: uuid,
  brand_id: uuid,
  name: z.string(),
  kind: z.enum(shopKinds),
  currency: z.string(),
  zone: z.string(),
  is_default: z.boolean(),
  version: z.number(),
});

export const contract = defineContract({
  showOrganisation: {
    method: 'GET',
    path: '/api/organisation',
    summary: 'The merchant: name, home currency, time zone, the day things are read as of',
    needs: 'signed-in',
    answer: organisation,
  },
  changeOrganisation: {
    method: 'PATCH',
    path: '/api/organisation',
    summary: 'Change the merchant; default_as_of null means today, and declines an open proposal',
    needs: 'shops:write',
    body: z.object({
      version: z.number().int(),
      name: name.optional(),
      home_currency: currency.optional(),
      zone: zone.optional(),
      default_as_of: day.nullable().optional(),
    }),
    answer: organisation,
    errors: ['conflict', 'refused'],
  },
  listShops: {
    method: 'GET',
    path: '/api/shops',
    summary: 'The shops',
    needs: 'signed-in',
    answer: z.object({ data: z.array(shop) }),
  },
  createShop: {
    method: 'POST',
    path: '/api/shops',
    summary: 'Add a shop; currency and zone are the organisation’s unless given',
    needs: 'shops:write',
    body: z.object({
      name,
      kind: z.enum(['shop', 'till']).default('shop'),
      currency: currency.optional(),
      zone: zone.optional(),
    }),
    answer: shop,
    status: 201,
    errors: ['refused'],
  },
  changeShop: {
    method: 'PATCH',
    path: '/api/shops/:id',
    summary: 'Change a shop',
    needs: 'shops:write',
    params: z.object({ id: uuid }),
    body: z.object({
      version: z.number().int(),
      name: name.optional(),
      kind: z.enum(['shop', 'till']).optional(),
      currency: currency.optional(),
      zone: zone.optional(),
    }),
    answer: shop,
    errors: ['not_found', 'conflict', 'refused'],
  },
});
