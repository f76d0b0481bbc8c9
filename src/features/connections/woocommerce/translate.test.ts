/** WooCommerce's payloads in our words, as tables. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { wooStandingOf, wooUnitPrice } from '../../orders/woocommerce.ts';
import { parseExact } from '../../tracking/properties.ts';
import { plainText } from './entities.ts';
import { customerPayload, orderPayload, productPayload, refundPayload, variationPayload } from './payload.ts';
import { numberOf, translateCustomer, translateOrder, translateProduct, translateRefund } from './translate.ts';

const order = (more: Record<string, unknown> = {}) =>
  orderPayload.parse({
    id: 501,
    number: '501',
    status: 'processing',
    currency: 'EUR',
    date_created_gmt: '2026-03-01T09:30:00',
    date_modified_gmt: '2026-03-02T08:00:00',
    total: '59.40',
    total_tax: '9.48',
    customer_id: 0,
    billing: { first_name: 'Ana', last_name: 'Ruiz', country: 'ES', city: 'Vigo', postcode: '36201', email: 'ana@shop.example' },
    shipping: {},
    line_items: [
      {
        id: 1,
        name: 'Tea &ndash; Green',
        product_id: 7,
        variation_id: 0,
        quantity: 2,
        subtotal: '40.00',
        total: '36.00',
        sku: 'T1',
      },
      { id: 2, name: 'Cup', product_id: 8, variation_id: 81, quantity: 1, subtotal: '9.00', total: '9.00', sku: '' },
    ],
    shipping_lines: [
      { method_title: 'Flat rate', total: '4.92' },
      { method_title: 'Free shipping', total: '0.00' },
    ],
    fee_lines: [],
    coupon_lines: [{ code: 'spring' }],
    refunds: [],
    ...more,
  });
const refund = (more: Record<string, unknown>) =>
  refundPayload.parse({ id: 900, date_created_gmt: '2026-03-05T10:00:00', amount: '10.00', line_items: [], ...more });

test.each([
  ['processing', 'placed'],
  ['completed', 'placed'],
  ['on-hold', 'placed'],
  ['refunded', 'placed'],
  ['wc-shipped', 'placed'],
  ['pending', 'unpaid'],
  ['failed', 'unpaid'],
  ['checkout-draft', 'unpaid'],
  ['auto-draft', 'draft'],
  ['cancelled', 'cancelled'],
  ['trash', 'cancelled'],
  ['Pending payment', 'unpaid'],
  ['Échouée', 'unpaid'],
  ['Storniert', 'cancelled'],
])('an order that is %s stands as %s', (status, standing) => expect(wooStandingOf(status)).toBe(standing));

test.each([
  [{ number: '501' }, '501'],
  [{ number: 'WEB-2026-77' }, 'WEB-2026-77'],
  [{ number: '501', meta_data: [{ key: '_order_number', value: '10023' }] }, '10023'],
  [
    {
      meta_data: [
        { key: '_order_number', value: 23 },
        { key: '_order_number_formatted', value: 'A-23' },
      ],
    },
    'A-23',
  ],
  [{ number: '' }, '501'],
])('the number people read: %j', (more, number) => expect(numberOf(order(more))).toBe(number));

test.each([
  ['40.00', '2', '20'],
  ['10.00', '3', '3.333333'],
  ['0.05', '10', '0.005'],
  ['2.00', '0.5', '4'],
  ['5.00', '0', '5'],
  ['-4.50', '3', '-1.5'],
])('%s for %s is %s each', (total, quantity, each) => expect(wooUnitPrice(total, quantity)).toBe(each));

test.each([
  ['Ship Your Idea &ndash; Color: Black', 'Ship Your Idea – Color: Black'],
  ['R&amp;B &#8217;s &#x1F600; <b>Tea</b>', 'R&B ’s 😀 Tea'],
  ['100% &unknown; &#0; &#xD800;', '100% &unknown; &#0; &#xD800;'],
])('%s reads %s', (html, text) => expect(plainText(html)).toBe(text));

describe('an order', () => {
  test('lines are without tax, discounts on their line, shipping without money says nothing', () => {
    const { standing, told } = translateOrder(order());
    expect(standing).toBe('placed');
    expect(told).toMatchObject({ id: '501', updatedAt: new Date('2026-03-02T08:00:00Z') });
    expect(told.order).toMatchObject({
      number: '501',
      placedAt: new Date('2026-03-01T09:30:00Z'),
      country: 'ES',
      state: 'placed',
      totalMinor: 5940,
      taxMinor: 948,
      discountCodes: ['spring'],
      lines: [
        { kind: 'product', sku: 'T1', name: 'Tea – Green', quantity: '2', unitPrice: '20', discountMinor: 400, totalMinor: 3600 },
        { kind: 'product', sku: 'id:81', quantity: '1', unitPrice: '9', discountMinor: 0, totalMinor: 900 },
        { kind: 'shipping', name: 'Flat rate', totalMinor: 492 },
      ],
    });
    expect(told.buyer).toMatchObject({ id: null, email: 'ana@shop.example', traits: { first_name: 'Ana', country: 'ES' } });
  });

  test('a registered buyer goes by the account, whatever address the order names', () => {
    expect(translateOrder(order({ customer_id: 25 })).told.buyer).toEqual({ id: '25', email: null, phone: null, traits: {} });
    expect(translateOrder(order({ billing: {} })).told.buyer).toBeNull();
    expect(translateOrder(order({ billing: [] })).told.buyer).toBeNull();
  });

  test('fees are fees, negative ones discounts; gift cards are known by what their plugins write', () => {
    const { order: input } = translateOrder(
      order({
        line_items: [
          {
            id: 3,
            name: 'Gift card',
            product_id: 9,
            quantity: 1,
            subtotal: '50',
            total: '50',
            meta_data: [{ key: 'wc_gc_giftcard_amount', value: '50' }],
          },
        ],
        shipping_lines: [],
        fee_lines: [
          { name: 'Gift wrap', total: '2.50' },
          { name: 'Loyal customer', total: '-3.00' },
        ],
      }),
    ).told;
    expect(input.lines.map(line => [line.kind, line.totalMinor])).toEqual([
      ['gift_card', 5000],
      ['fee', 250],
      ['discount', -300],
    ]);
  });

  test('ids beyond 2^53 and decimals as computed by plugins stay exact', () => {
    const read = orderPayload.parse(
      parseExact(
        '{"id":9007199254740993,"status":"completed","currency":"KWD","total":"1.2345","total_tax":0.1,"customer_id":90071992547409931,"line_items":[{"id":1,"name":"x","product_id":9007199254740995,"quantity":0.30000000000000004,"subtotal":"0.3","total":"0.3"}]}',
      ),
    );
    const { order: input, buyer, id } = translateOrder(read).told;
    expect(id).toBe('9007199254740993');
    expect(input).toMatchObject({ number: '9007199254740993', totalMinor: 1235, taxMinor: 100 });
    expect(input.lines[0]).toMatchObject({ sku: 'id:9007199254740995', quantity: '0.3', unitPrice: '1' });
    expect(buyer?.id).toBe('90071992547409931');
  });

  test('what is no order is refused with the place of the fault', () => {
    for (const wrong of [{ total: 'ten' }, { date_created_gmt: 'soon' }, { line_items: [{ id: 1, quantity: 'many' }] }])
      expect(orderPayload.safeParse({ id: 1, status: 'x', currency: 'EUR', ...wrong }).success).toBe(false);
  });
});

describe('a refund', () => {
  const of = order({ refunds: [{ id: 900, total: '-10.00' }] });
  const lines = translateOrder(of).told.order.lines;

  test('names what comes back by the line of the order it points at', () => {
    const back = refund({
      line_items: [
        {
          id: 50,
          name: 'Cup',
          product_id: 8,
          quantity: -1,
          subtotal: '-9.00',
          total: '-9.00',
          sku: '',
          meta_data: [{ key: '_refunded_item_id', value: '2' }],
        },
        {
          id: 51,
          name: 'Tea',
          product_id: 7,
          quantity: 0,
          subtotal: '0',
          total: '0.00',
          sku: 'T1',
          meta_data: [{ key: '_refunded_item_id', value: '1' }],
        },
      ],
    });
    expect(translateRefund(of, back, lines)).toEqual({
      outsideId: '900',
      at: new Date('2026-03-05T10:00:00Z'),
      amountMinor: 1000,
      lines: [{ sku: 'id:81', quantity: '1', amountMinor: 900 }],
    });
  });

  test('without lines it is money back; over the whole order everything comes back', () => {
    expect(translateRefund(of, refund({}), lines).lines).toEqual([]);
    expect(translateRefund(of, refund({ amount: '59.40' }), lines).lines).toEqual([
      { sku: 'T1', quantity: '2', amountMinor: 3600 },
      { sku: 'id:81', quantity: '1', amountMinor: 900 },
    ]);
  });
});

describe('a customer', () => {
  const account = (more: Record<string, unknown>) =>
    customerPayload.parse({
      id: 25,
      date_created_gmt: '2026-01-01T00:00:00',
      date_modified_gmt: null,
      email: 'ana@shop.example',
      first_name: 'Ana',
      last_name: '',
      role: 'customer',
      billing: { last_name: 'Ruiz', country: 'es', phone: '+34 600 000 000' },
      ...more,
    });

  test('is an account with an address', () => {
    expect(translateCustomer(account({}))).toEqual({
      kind: 'customer',
      id: '25',
      createdAt: new Date('2026-01-01T00:00:00Z'),
      updatedAt: new Date('2026-01-01T00:00:00Z'),
      email: 'ana@shop.example',
      phone: '+34 600 000 000',
      traits: { first_name: 'Ana', last_name: 'Ruiz', country: 'ES' },
      tags: null,
      consents: [],
    });
    expect(translateCustomer(account({ role: 'administrator' }))).toBeNull();
    expect(translateCustomer(account({ role: 'shop_manager', is_paying_customer: true }))).not.toBeNull();
  });

  test.each([
    ['mailchimp_woocommerce_is_subscribed', '1', ['subscribed']],
    ['mailchimp_woocommerce_is_subscribed', '0', ['unsubscribed']],
    ['mailchimp_woocommerce_is_subscribed', '', []],
    ['newsletter', '1', []],
    // What we have written ourselves is no answer of the person.
    ['regulars_email_consent', 'subscribed', []],
  ])('consent: %s = %j', (key, value, states) => {
    const translated = translateCustomer(account({ meta_data: [{ id: 1, key, value }] }));
    expect(translated?.consents.map(one => one.state)).toEqual(states);
  });

  test("an order's unticked box is no no", () => {
    const said = (value: string) => translateOrder(order({ meta_data: [{ key: 'ws_opt_in', value }] })).consents;
    expect(said('1')).toMatchObject([{ channel: 'email', state: 'subscribed' }]);
    expect(said('0')).toEqual([]);
  });
});

test('a product is sold as itself or as its variations; drafts are not for sale', () => {
  const product = (more: Record<string, unknown>) =>
    productPayload.parse({
      id: 794,
      name: 'T-shirt',
      type: 'simple',
      status: 'publish',
      sku: '',
      price: '21.990',
      date_modified_gmt: '2026-01-05T00:00:00',
      categories: [{ name: 'Clothing &amp; more' }],
      ...more,
    });
  expect(translateProduct(product({}), [], 'EUR')).toMatchObject({
    id: '794',
    updatedAt: new Date('2026-01-05T00:00:00Z'),
    variants: [{ sku: 'id:794', name: 'T-shirt', category: 'Clothing & more', price: '21.99', currency: 'EUR' }],
  });
  expect(translateProduct(product({ status: 'draft' }), [], 'EUR').variants).toEqual([]);
  const variations = [
    {
      id: 795,
      sku: 'TS-L',
      price: '22',
      status: 'publish',
      attributes: [
        { name: 'Size', option: 'L' },
        { name: 'Color', option: 'Red' },
      ],
    },
    { id: 796, sku: '', price: '', status: 'publish', attributes: [] },
    { id: 797, sku: 'TS-X', price: '1', status: 'trash', attributes: [] },
  ].map(one => variationPayload.parse(one));
  expect(translateProduct(product({ type: 'variable' }), variations, 'EUR').variants).toEqual([
    { sku: 'TS-L', name: 'T-shirt - L, Red', category: 'Clothing & more', price: '22', currency: 'EUR' },
    { sku: 'id:796', name: 'T-shirt', category: 'Clothing & more', price: null, currency: 'EUR' },
  ]);
});

const shared = new URL('../../../../../shared/data/payloads/woocommerce/rest-v3/', import.meta.url);
describe.skipIf(!existsSync(shared))("the vendor's own samples (in ../shared/data; skipped where it is absent)", () => {
  const sample = (name: string) => parseExact(readFileSync(new URL(name, shared), 'utf8'));

  test('order 727', () => {
    const { order: input, buyer } = translateOrder(orderPayload.parse(sample('orders--retrieve-an-order.json'))).told;
    expect(input).toMatchObject({
      number: '727',
      placedAt: new Date('2017-03-22T19:28:02Z'),
      totalMinor: 2935,
      taxMinor: 135,
      lines: [
        { kind: 'product', sku: 'id:93', quantity: '2', unitPrice: '3', totalMinor: 600 },
        { kind: 'product', sku: 'Bar3', name: 'Ship Your Idea – Color: Black, Size: M Test', totalMinor: 1200 },
        { kind: 'shipping', name: 'Flat Rate', totalMinor: 1000 },
      ],
    });
    expect(buyer).toMatchObject({ id: null, email: 'john.doe@example.com', phone: '(555) 555-5555' });
    const sum = input.lines.reduce((total, line) => total + line.totalMinor!, 0);
    expect(sum + input.taxMinor!).toBe(input.totalMinor);
  });

  test('customer 25 and product 794', () => {
    expect(translateCustomer(customerPayload.parse(sample('customers--retrieve-a-customer.json')))).toMatchObject({
      id: '25',
      email: 'john.doe@example.com',
      traits: { first_name: 'John', country: 'US', region: 'CA' },
    });
    expect(translateProduct(productPayload.parse(sample('products--retrieve-a-product.json')), [], 'USD').variants).toMatchObject(
      [{ sku: 'id:794', name: 'Premium Quality', category: 'Clothing', price: '21.99' }],
    );
  });
});
