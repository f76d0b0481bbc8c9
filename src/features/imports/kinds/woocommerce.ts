/** Import kind: accounts of a WooCommerce shop, from Analytics > Customers or an export plugin. Neither says what people allowed. */
import type { ImportField } from '../kind.ts';
import { customerFields } from './customer-fields.ts';
import { customersKind } from './customers.ts';

const renamed: Record<string, readonly string[]> = {
  customer_id: ['customer id', 'user id', 'id'],
  email: ['email', 'user email', 'billing email'],
  first_name: ['first name', 'billing first name'],
  last_name: ['last name', 'billing last name'],
  phone: ['billing phone', 'phone'],
  country: ['country region', 'billing country', 'country'],
  region: ['region', 'billing state'],
  city: ['city', 'billing city'],
  postal_code: ['postal code', 'billing postcode'],
  since: ['sign up', 'date registered', 'user registered', 'registered'],
};
const fields: readonly ImportField[] = customerFields
  .filter(field => !['email_consent', 'sms_consent', 'consent_at'].includes(field.code))
  .map(field => (renamed[field.code] ? { ...field, names: renamed[field.code] } : field));

export const wooCustomers = customersKind({
  code: 'woocommerce_customers',
  label: 'imports.kind.woocommerce_customers',
  about: 'imports.kind.woocommerce_customers.about',
  signatures: [
    ['username', 'sign up', 'email', 'total spend', 'aov'],
    ['email', 'date registered', 'billing first name', 'billing country'],
    ['user email', 'user registered', 'billing first name', 'billing country'],
  ],
  fields,
  answers: () => () => ({ consents: [], suppressions: [] }),
});
