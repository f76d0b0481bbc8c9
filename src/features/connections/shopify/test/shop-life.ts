/**
 * A Shopify shop's life by a seed: people, products, checkouts, orders, edits, refunds, cancellations, shipments, merges, consents. Sums are
 * counted in cents here; `expected` says what it all comes to, read from this model and not from what the API or a webhook says.
 */

/** mulberry32 */
export const randomBy = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

type Consent = { state: string; at: number | null };
export type Customer = {
  id: bigint;
  email: string | null;
  phone: string | null;
  first: string;
  last: string;
  city: string;
  tags: string[];
  emailConsent: Consent;
  smsConsent: Consent;
  created: number;
  updated: number;
};
export type Variant = { id: bigint; sku: string; title: string; cents: number };
export type Product = { id: bigint; title: string; type: string; variants: Variant[]; created: number; updated: number };
export type Line = {
  id: bigint;
  sku: string;
  name: string;
  quantity: number;
  cents: number;
  discount: number;
  tax: number;
  gift: boolean;
  taken: number;
};
export type Refund = {
  id: bigint;
  at: number;
  lines: { line: Line; quantity: number; subtotal: number; tax: number }[];
  shipping: number;
};
export type Fulfilment = { id: bigint; at: number; updated: number; status: string; shipment: string | null; skus: string[] };
export type Order = {
  id: bigint;
  name: string;
  customer: bigint | null;
  guest: string | null;
  lines: Line[];
  shipping: number;
  shippingId: bigint;
  tip: number;
  taxesIncluded: boolean;
  codes: string[];
  refunds: Refund[];
  fulfilments: Fulfilment[];
  cancelled: number | null;
  test: boolean;
  pos: boolean;
  checkout: string | null;
  created: number;
  updated: number;
};
export type Checkout = {
  id: bigint;
  token: string;
  email: string | null;
  customer: bigint | null;
  lines: { product: bigint; variant: bigint; sku: string; title: string; quantity: number; cents: number }[];
  completed: number | null;
  created: number;
  updated: number;
};
/** What happened, for whoever is to hear of it: topic and the id of what it is about; `at` when. */
export type Happening = { topic: string; about: unknown; at: number };

export type Life = ReturnType<typeof openLife>;

export const openLife = (options: { seed: number; now: string; staleShare?: number; heard?: (one: Happening) => void }) => {
  const random = randomBy(options.seed);
  let now = Date.parse(options.now);
  const state = { staleShare: options.staleShare ?? 0 };
  // Above 2^53 from the first one on.
  let last = 9_007_199_254_740_993n;
  const nextId = (): bigint => {
    last += BigInt(1 + Math.floor(random() * 9999)) * 2n;
    return last;
  };
  const customers = new Map<bigint, Customer>();
  const products = new Map<bigint, Product>();
  const orders = new Map<bigint, Order>();
  const checkouts = new Map<bigint, Checkout>();
  let number = 1000;
  let person = 0;

  const int = (most: number): number => Math.floor(random() * most);
  const pick = <T>(list: readonly T[]): T => list[int(list.length)];
  const chance = (share: number): boolean => random() < share;
  const all = <T>(map: Map<bigint, T>): T[] => [...map.values()];
  const hear = (topic: string, about: unknown): void => options.heard?.({ topic, about, at: now });
  /** Some writes of Shopify's own leave updated_at as it was. */
  const touch = (record: { updated: number }): void => {
    if (!chance(state.staleShare)) record.updated = now;
  };

  const cities = ['Leeds', 'Bath', 'York', 'Derby', 'Exeter', 'Truro'];
  const names = ['Ada', 'Ben', 'Cleo', 'Dev', 'Eva', 'Finn', 'Gia', 'Hugo', 'Ines', 'Jon'];
  const tagWords = ['vip', 'wholesale-interest', 'newsletter', 'local', 'gift buyer'];

  // ---- people ------------------------------------------------------------------------------------------------------------

  const newCustomer = (): Customer => {
    person++;
    const customer: Customer = {
      id: nextId(),
      email: chance(0.92) ? `person${person}@mail.example` : null,
      phone: chance(0.3) ? `+4477009${String(10_000 + person)}` : null,
      first: pick(names),
      last: `Tester${person}`,
      city: pick(cities),
      tags: chance(0.4) ? [pick(tagWords)] : [],
      emailConsent: { state: 'not_subscribed', at: null },
      smsConsent: { state: 'not_subscribed', at: null },
      created: now,
      updated: now,
    };
    if (customer.email === null && customer.phone === null) customer.email = `person${person}@mail.example`;
    if (customer.email && chance(0.5))
      customer.emailConsent = { state: pick(['subscribed', 'subscribed', 'pending', 'unsubscribed']), at: now };
    if (customer.phone && chance(0.4)) customer.smsConsent = { state: 'subscribed', at: now };
    customers.set(customer.id, customer);
    hear('customers/create', customer);
    hearConsents(customer);
    return customer;
  };
  const hearConsents = (customer: Customer): void => {
    if (customer.emailConsent.at !== null) hear('customers_email_marketing_consent/update', customer);
    if (customer.smsConsent.at !== null) hear('customers_marketing_consent/update', customer);
  };
  const someone = (): Customer | null => (customers.size === 0 ? null : pick(all(customers)));

  const editCustomer = (): void => {
    const customer = someone();
    if (!customer) return;
    if (chance(0.5)) customer.city = pick(cities);
    else customer.first = pick(names);
    touch(customer);
    hear('customers/update', customer);
  };
  const changeAddress = (): void => {
    const customer = someone();
    if (!customer?.email) return;
    person++;
    customer.email = `person${person}@mail.example`;
    touch(customer);
    hear('customers/update', customer);
  };
  const changeConsent = (): void => {
    const customer = someone();
    if (!customer) return;
    const [channel, topic] =
      customer.email && chance(0.7)
        ? ([customer.emailConsent, 'customers_email_marketing_consent/update'] as const)
        : ([customer.smsConsent, 'customers_marketing_consent/update'] as const);
    if (channel === customer.smsConsent && !customer.phone) return;
    channel.state = channel.state === 'subscribed' ? 'unsubscribed' : 'subscribed';
    channel.at = now;
    touch(customer);
    hear(topic, customer);
    hear('customers/update', customer);
  };
  const changeTags = (): void => {
    const customer = someone();
    if (!customer) return;
    const tag = pick(tagWords);
    const has = customer.tags.includes(tag);
    customer.tags = has ? customer.tags.filter(one => one !== tag) : [...customer.tags, tag].sort();
    touch(customer);
    hear(has ? 'customer.tags_removed' : 'customer.tags_added', { customer, tags: [tag] });
    hear('customers/update', customer);
  };
  const deleteCustomer = (): void => {
    const free = all(customers).filter(
      one => !all(orders).some(order => order.customer === one.id) && !all(checkouts).some(c => c.customer === one.id),
    );
    if (free.length < 3) return;
    const customer = pick(free);
    customers.delete(customer.id);
    hear('customers/delete', { id: customer.id });
  };
  const mergeCustomers = (): void => {
    if (customers.size < 6) return;
    const kept = pick(all(customers));
    const gone = pick(all(customers));
    if (kept === gone) return;
    for (const order of all(orders))
      if (order.customer === gone.id) {
        order.customer = kept.id;
        order.updated = now;
        hear('orders/updated', order);
      }
    for (const checkout of all(checkouts)) if (checkout.customer === gone.id) checkout.customer = kept.id;
    kept.tags = [...new Set([...kept.tags, ...gone.tags])].sort();
    kept.email ??= gone.email;
    kept.phone ??= gone.phone;
    for (const channel of ['emailConsent', 'smsConsent'] as const) {
      const stricter = [kept[channel], gone[channel]].some(one => one.state === 'unsubscribed');
      const known = [kept[channel], gone[channel]].some(one => one.state === 'subscribed');
      if (stricter || known) kept[channel] = { state: stricter ? 'unsubscribed' : 'subscribed', at: now };
    }
    kept.updated = now;
    customers.delete(gone.id);
    hear('customers/merge', { kept: kept.id, gone: gone.id });
    hear('customers/update', kept);
    hearConsents(kept);
  };

  // ---- things ------------------------------------------------------------------------------------------------------------

  const newProduct = (): void => {
    const n = products.size + 1;
    const product: Product = {
      id: nextId(),
      title: `Lamp ${n}`,
      type: pick(['Lamps', 'Chairs', 'Rugs']),
      variants: Array.from({ length: 1 + int(3) }, (_, i) => ({
        id: nextId(),
        sku: `SKU-${n}-${i}`,
        title: i === 0 ? 'Default Title' : `Size ${i}`,
        cents: 500 + int(9000),
      })),
      created: now,
      updated: now,
    };
    products.set(product.id, product);
    hear('products/create', product);
  };
  const changePrice = (): void => {
    if (products.size === 0) return;
    const product = pick(all(products));
    pick(product.variants).cents = 500 + int(9000);
    touch(product);
    hear('products/update', product);
  };

  const someLines = (taxesIncluded: boolean): Line[] => {
    const variants = new Map(
      Array.from({ length: 1 + int(3) }, () => {
        const product = pick(all(products));
        const variant = pick(product.variants);
        return [variant.sku, { product, variant }] as const;
      }),
    );
    return [...variants.values()].map(({ product, variant }) => {
      const quantity = 1 + int(3);
      const gross = quantity * variant.cents;
      const discount = chance(0.3) ? Math.floor(gross * 0.1) : 0;
      const tax = taxesIncluded
        ? Math.round(((gross - discount) * 20) / 120)
        : chance(0.3)
          ? Math.round((gross - discount) * 0.2)
          : 0;
      const name = variant.title === 'Default Title' ? product.title : `${product.title} - ${variant.title}`;
      return {
        id: nextId(),
        sku: variant.sku,
        name,
        quantity,
        cents: variant.cents,
        discount,
        tax,
        gift: chance(0.04),
        taken: 0,
      };
    });
  };

  const newOrder = (from?: Checkout): void => {
    if (products.size === 0) return;
    const customer = from
      ? from.customer === null
        ? null
        : (customers.get(from.customer) ?? null)
      : chance(0.75)
        ? someone()
        : null;
    const taxesIncluded = chance(0.4);
    const order: Order = {
      id: nextId(),
      name: `#${++number}`,
      customer: customer?.id ?? null,
      guest: customer ? null : (from?.email ?? (chance(0.7) ? `guest${int(40)}@mail.example` : null)),
      lines: someLines(taxesIncluded),
      shipping: pick([0, 495, 995]),
      shippingId: nextId(),
      tip: chance(0.1) ? 200 : 0,
      taxesIncluded,
      codes: chance(0.2) ? ['SAVE10'] : [],
      refunds: [],
      fulfilments: [],
      cancelled: null,
      test: chance(0.05),
      pos: chance(0.1),
      checkout: from?.token ?? null,
      created: now,
      updated: now,
    };
    orders.set(order.id, order);
    hear('orders/create', order);
    if (chance(0.8)) hear('orders/paid', order);
  };
  const someOrder = (fits: (order: Order) => boolean): Order | null => {
    const found = all(orders).filter(order => order.cancelled === null && fits(order));
    return found.length === 0 ? null : pick(found);
  };
  const editOrder = (): void => {
    const order = someOrder(one => one.refunds.length === 0 && one.fulfilments.length === 0);
    if (!order) return;
    if (chance(0.5)) order.lines.push(...someLines(order.taxesIncluded).slice(0, 1));
    else order.lines[0].discount = Math.min(order.lines[0].discount + 100, order.lines[0].quantity * order.lines[0].cents);
    touch(order);
    hear('orders/edited', order);
    hear('orders/updated', order);
  };
  const refund = (): void => {
    const order = someOrder(one => one.lines.some(line => line.taken < line.quantity));
    if (!order) return;
    const line = pick(order.lines.filter(one => one.taken < one.quantity));
    const quantity = 1 + int(line.quantity - line.taken);
    line.taken += quantity;
    const share = (sum: number) => Math.round((sum * quantity) / line.quantity);
    const one: Refund = {
      id: nextId(),
      at: now,
      lines: [{ line, quantity, subtotal: share(line.quantity * line.cents - line.discount), tax: share(line.tax) }],
      shipping: chance(0.2) ? order.shipping : 0,
    };
    order.refunds.push(one);
    touch(order);
    hear('refunds/create', { order, refund: one });
    hear('orders/updated', order);
  };
  const cancel = (): void => {
    const order = someOrder(one => one.fulfilments.length === 0);
    if (!order) return;
    order.cancelled = now;
    touch(order);
    hear('orders/cancelled', order);
    hear('orders/updated', order);
  };
  const fulfil = (): void => {
    const order = someOrder(one => one.fulfilments.length === 0);
    if (!order) return;
    const one: Fulfilment = {
      id: nextId(),
      at: now,
      updated: now,
      status: 'success',
      shipment: null,
      skus: order.lines.map(line => line.sku),
    };
    order.fulfilments.push(one);
    touch(order);
    hear('fulfillments/create', { order, fulfilment: one });
    hear('orders/updated', order);
  };
  const ship = (): void => {
    const order = someOrder(one => one.fulfilments.some(f => f.shipment !== 'delivered'));
    if (!order) return;
    const one = order.fulfilments[0];
    one.shipment = one.shipment === null ? 'in_transit' : 'delivered';
    one.updated = now;
    touch(order);
    hear('fulfillments/update', { order, fulfilment: one });
  };

  const newCheckout = (): void => {
    if (products.size === 0) return;
    const customer = chance(0.5) ? someone() : null;
    const product = pick(all(products));
    const variant = pick(product.variants);
    const checkout: Checkout = {
      id: nextId(),
      token: `tok${nextId()}`,
      email: customer?.email ?? (chance(0.6) ? `guest${int(40)}@mail.example` : null),
      customer: customer?.id ?? null,
      lines: [
        {
          product: product.id,
          variant: variant.id,
          sku: variant.sku,
          title: product.title,
          quantity: 1 + int(2),
          cents: variant.cents,
        },
      ],
      completed: null,
      created: now,
      updated: now,
    };
    checkouts.set(checkout.id, checkout);
    hear('checkouts/create', checkout);
  };
  const convert = (): void => {
    const open = all(checkouts).filter(one => one.completed === null);
    if (open.length === 0) return;
    const checkout = pick(open);
    checkout.completed = now;
    checkout.updated = now;
    hear('checkouts/update', checkout);
    newOrder(checkout);
  };

  // ---- a day --------------------------------------------------------------------------------------------------------------

  const deeds: [number, () => void][] = [
    [10, () => void newCustomer()],
    [6, editCustomer],
    [2, changeAddress],
    [6, changeConsent],
    [4, changeTags],
    [1, deleteCustomer],
    [1, mergeCustomers],
    [4, newProduct],
    [4, changePrice],
    [16, () => newOrder()],
    [5, editOrder],
    [6, refund],
    [3, cancel],
    [6, fulfil],
    [4, ship],
    [6, newCheckout],
    [4, convert],
  ];
  const weight = deeds.reduce((sum, [share]) => sum + share, 0);
  const live = (steps: number): void => {
    if (products.size === 0) for (let i = 0; i < 4; i++) newProduct();
    for (let step = 0; step < steps; step++) {
      now += 1000 * (1 + int(300));
      let drawn = random() * weight;
      const deed = deeds.find(([share]) => {
        drawn -= share;
        return drawn < 0;
      });
      deed?.[1]();
    }
  };

  return {
    random,
    state,
    customers,
    products,
    orders,
    checkouts,
    live,
    newCustomer,
    newOrder: () => newOrder(),
    now: () => new Date(now),
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
};

// ---- what it all comes to ------------------------------------------------------------------------------------------------

const net = (order: Order, line: Line): number =>
  line.quantity * line.cents - line.discount - (order.taxesIncluded ? line.tax : 0);
const shippingTax = (order: Order): number => (order.taxesIncluded ? Math.round((order.shipping * 20) / 120) : 0);
export const taxOf = (order: Order): number => order.lines.reduce((sum, line) => sum + line.tax, 0) + shippingTax(order);
export { shippingTax };
export const totalOf = (order: Order): number =>
  order.lines.reduce((sum, line) => sum + line.quantity * line.cents - line.discount + (order.taxesIncluded ? 0 : line.tax), 0) +
  order.shipping +
  order.tip;

/** Decided by the model alone. */
export const expected = (life: Life) => ({
  orders: Object.fromEntries(
    [...life.orders.values()].map(order => [
      order.name,
      {
        id: String(order.id),
        buyer: order.customer === null ? order.guest : String(order.customer),
        placed_at: new Date(order.created).toISOString(),
        cancelled: order.cancelled === null ? null : new Date(order.cancelled).toISOString(),
        test: order.test,
        total: totalOf(order),
        tax: taxOf(order),
        codes: order.codes,
        lines: [
          ...order.lines.map(line => ({
            kind: line.gift ? 'gift_card' : 'product',
            sku: line.sku as string | null,
            quantity: line.quantity,
            total: net(order, line),
          })),
          ...(order.shipping > 0
            ? [{ kind: 'shipping', sku: null, quantity: 1, total: order.shipping - shippingTax(order) }]
            : []),
          ...(order.tip > 0 ? [{ kind: 'tip', sku: null, quantity: 1, total: order.tip }] : []),
        ],
        refunds: order.refunds.map(one => ({
          id: String(one.id),
          at: new Date(one.at).toISOString(),
          amount: one.lines.reduce((sum, line) => sum + line.subtotal + (order.taxesIncluded ? 0 : line.tax), 0) + one.shipping,
          lines: one.lines.map(line => ({
            sku: line.line.sku,
            quantity: line.quantity,
            amount: line.subtotal - (order.taxesIncluded ? line.tax : 0),
          })),
        })),
        delivered: order.fulfilments.some(one => one.shipment === 'delivered'),
        fulfilled: order.fulfilments.length > 0,
      },
    ]),
  ),
  customers: Object.fromEntries(
    [...life.customers.values()].map(one => [
      String(one.id),
      {
        email: one.email,
        phone: one.phone,
        name: `${one.first} ${one.last}`,
        city: one.city,
        tags: [...one.tags].sort(),
        email_consent: heldConsent(one.emailConsent),
        sms_consent: heldConsent(one.smsConsent),
      },
    ]),
  ),
  products: Object.fromEntries(
    [...life.products.values()].flatMap(product =>
      product.variants.map(variant => [variant.sku, { price: variant.cents, category: product.type }]),
    ),
  ),
  checkouts: Object.fromEntries(
    [...life.checkouts.values()].map(one => [
      one.token,
      { completed: one.completed !== null, known: one.email !== null || one.customer !== null, later: boughtLater(life, one) },
    ]),
  ),
});
const heldConsent = (consent: Consent): string | null =>
  consent.state === 'subscribed' || consent.state === 'unsubscribed' ? consent.state : null;

/** An order by the same person closes what they left open, whichever checkout it came of. */
const boughtLater = (life: Life, checkout: Checkout): boolean =>
  [...life.orders.values()].some(
    order =>
      order.created >= checkout.created &&
      (checkout.customer !== null
        ? order.customer === checkout.customer
        : order.guest !== null && order.guest === checkout.email),
  );
