/**
 * A year in a shop, by a seed: guests and accounts, payments that fail, refunds per line, edits, coupons, fees, things thrown away and taken
 * back. `expected` says what it all comes to, read from the model and not from the payloads.
 */
import type { Row } from './php.ts';

export type Item = {
  id: string;
  sku: string;
  productId: string;
  variationId: string;
  name: string;
  quantity: number;
  unit: number;
  discount: number;
};
export type Refund = { id: string; at: number; amount: number; lines: { item: Item; quantity: number; amount: number }[] };
export type Order = {
  id: string;
  ownNumber: string | null;
  status: string;
  before: string | null;
  created: number;
  modified: number;
  paid: number | null;
  account: string;
  email: string;
  items: Item[];
  shipping: number;
  fee: number;
  coupon: string | null;
  refunds: Refund[];
  newsletter: boolean;
};
export type Account = {
  id: string;
  email: string;
  first: string;
  city: string;
  created: number;
  modified: number | null;
  meta: Map<string, string>;
};
export type Variation = { id: string; sku: string; price: number; size: string; modified: number };
export type Product = {
  id: string;
  sku: string;
  name: string;
  price: number;
  status: string;
  created: number;
  modified: number;
  variations: Variation[];
};
export type Expected = {
  number: string;
  id: string;
  placedAt: string;
  total: number;
  tax: number;
  sales: number;
  net: number;
  lines: string[];
  refunds: string[];
  codes: string[];
  /** "account:<id>" or "email:<address>". */
  whose: string;
};

const counting = new Set(['processing', 'completed', 'on-hold', 'refunded', 'packed']);
const money = (minor: number): string => (minor / 100).toFixed(2);
/** 20 % on top, rounded per line as WooCommerce does by default. */
const taxOf = (minor: number): number => Math.round(minor * 0.2);

export type Life = ReturnType<typeof openLife>;

export const openLife = (options: { seed: number; now: string; zoneOffset_hours: number }) => {
  let state = options.seed >>> 0;
  /** mulberry32 */
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)];
  const chance = (share: number): boolean => random() < share;

  let clock = Date.parse(options.now);
  /** Share of changes that leave date_modified as it was (plugins that write past WooCommerce). */
  const habits = { stale: 0 };
  const currency = 'EUR';
  const orders = new Map<string, Order>();
  const accounts = new Map<string, Account>();
  const products = new Map<string, Product>();
  let happened: { topic: string; id: string }[] = [];
  // Beyond what a double can hold exactly.
  let lastId = 9_007_199_254_740_992n;
  let lastItem = 0;
  let lastRefund = 0;
  let lastProduct = 100;
  let lastOwnNumber = 1000;

  const nextId = (): string => String(++lastId);
  const number = (id: string): bigint => BigInt(id);
  const seconds = (): number => Math.floor(clock / 1000) * 1000;
  const gmt = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString().slice(0, 19));
  const local = (at: number | null): string | null => (at === null ? null : gmt(at + options.zoneOffset_hours * 3_600_000));
  const dates = (name: string, at: number | null): Row => ({ [name]: local(at), [`${name}_gmt`]: gmt(at) });
  const happen = (topic: string, id: string): void => {
    happened.push({ topic, id });
  };

  // ---- what the API shows --------------------------------------------------------------------------------------------------

  const totalOf = (item: Item): number => item.quantity * item.unit - item.discount;
  const taxesOf = (order: Order): number =>
    order.items.reduce((sum, item) => sum + taxOf(totalOf(item)), 0) + taxOf(order.shipping) + taxOf(order.fee);
  const grossOf = (order: Order): number =>
    order.items.reduce((sum, item) => sum + totalOf(item), 0) + order.shipping + order.fee + taxesOf(order);

  const address = (order: Pick<Order, 'email'>): Row => {
    const first = order.email.split('@')[0];
    return {
      first_name: first,
      last_name: 'O&#039;Neill',
      city: 'Graz',
      state: '',
      postcode: '8010',
      country: 'AT',
      email: order.email,
      phone: '',
    };
  };
  const itemRow = (item: Item, sign = 1, extra: Row = {}): Row => ({
    id: number(item.id),
    name: item.name,
    product_id: Number(item.productId),
    variation_id: Number(item.variationId),
    quantity: sign * item.quantity,
    tax_class: '',
    subtotal: money(sign * item.quantity * item.unit),
    total: money(sign * totalOf(item)),
    total_tax: money(sign * taxOf(totalOf(item))),
    meta_data: [],
    sku: item.sku,
    price: item.quantity === 0 ? 0 : totalOf(item) / item.quantity / 100,
    ...extra,
  });
  const orderRow = (order: Order): Row => ({
    id: number(order.id),
    parent_id: 0,
    number: order.id,
    status: order.status,
    currency,
    prices_include_tax: true,
    ...dates('date_created', order.created),
    ...dates('date_modified', order.modified),
    ...dates('date_paid', order.paid),
    total: money(grossOf(order)),
    total_tax: money(taxesOf(order)),
    customer_id: order.account === '0' ? 0 : number(order.account),
    billing: address(order),
    shipping: {},
    payment_url: `https://woo.invalid/checkout/order-pay/${order.id}/?pay_for_order=true`,
    meta_data: [
      ...(order.ownNumber ? [{ id: 1, key: '_order_number', value: order.ownNumber }] : []),
      ...(order.newsletter ? [{ id: 2, key: 'ws_opt_in', value: '1' }] : []),
    ],
    line_items: order.items.map(item => itemRow(item)),
    tax_lines: [],
    shipping_lines: [{ id: 1, method_title: 'Flat rate', total: money(order.shipping), total_tax: money(taxOf(order.shipping)) }],
    fee_lines:
      order.fee === 0 ? [] : [{ id: 2, name: order.fee > 0 ? 'Gift wrap' : 'Regulars&rsquo; thanks', total: money(order.fee) }],
    coupon_lines: order.coupon ? [{ id: 3, code: order.coupon, discount: '0.00' }] : [],
    refunds: order.refunds.map(one => ({ id: number(one.id), reason: '', total: money(-one.amount) })),
  });
  const refundRows = (order: Order): Row[] =>
    order.refunds
      .map(one => ({
        id: number(one.id),
        ...dates('date_created', one.at),
        amount: money(one.amount),
        reason: '',
        line_items: one.lines.map(line =>
          itemRow(line.item, 1, {
            id: ++lastItem,
            quantity: -line.quantity,
            subtotal: money(-line.amount),
            total: money(-line.amount),
            meta_data: [{ id: 5, key: '_refunded_item_id', value: line.item.id }],
          }),
        ),
      }))
      .reverse();
  const accountRow = (account: Account): Row => ({
    id: number(account.id),
    ...dates('date_created', account.created),
    ...dates('date_modified', account.modified),
    email: account.email,
    first_name: account.first,
    last_name: 'Doe',
    role: 'customer',
    is_paying_customer: true,
    billing: { ...address(account), city: account.city },
    shipping: [],
    meta_data: [...account.meta].map(([key, value], id) => ({ id, key, value })),
  });
  const productRow = (product: Product): Row => ({
    id: Number(product.id),
    name: product.name,
    type: product.variations.length > 0 ? 'variable' : 'simple',
    status: product.status,
    sku: product.sku,
    price: money(product.price),
    ...dates('date_created', product.created),
    ...dates('date_modified', product.modified),
    parent_id: 0,
    categories: [{ id: 1, name: 'Tea &amp; more', slug: 'tea' }],
    variations: product.variations.map(one => Number(one.id)),
  });
  const oneVariation = (product: Product, one: Variation): Row => ({
    id: Number(one.id),
    status: 'publish',
    sku: one.sku,
    price: money(one.price),
    parent_id: Number(product.id),
    ...dates('date_created', product.created),
    ...dates('date_modified', one.modified),
    attributes: [{ id: 0, name: 'Size', option: one.size }],
  });
  const variationRow = (id: string): Row | undefined => {
    for (const product of products.values()) {
      const one = product.variations.find(variation => variation.id === id);
      if (one) return oneVariation(product, one);
    }
    return undefined;
  };

  // ---- what happens ----------------------------------------------------------------------------------------------------------

  const touch = (order: Order, topic = 'order.updated'): void => {
    if (!chance(habits.stale)) order.modified = seconds();
    happen(topic, order.id);
  };
  const itemOf = (product: Product): Item => {
    const variation = product.variations.length > 0 ? pick(product.variations) : null;
    const quantity = 1 + below(3);
    const unit = variation?.price ?? product.price;
    return {
      id: String(++lastItem),
      productId: product.id,
      variationId: variation?.id ?? '0',
      sku: variation?.sku ?? product.sku,
      name: variation ? `${product.name} - ${variation.size}` : product.name,
      quantity,
      unit,
      discount: 0,
    };
  };
  const placeOrder = (): Order => {
    const account = accounts.size > 0 && chance(0.5) ? pick([...accounts.values()]) : null;
    const items = Array.from({ length: 1 + below(3) }, () => itemOf(pick([...products.values()])));
    const coupon = chance(0.25) ? pick(['spring', 'hello10']) : null;
    if (coupon) for (const item of items) item.discount = Math.round(item.quantity * item.unit * 0.1);
    const order: Order = {
      id: nextId(),
      ownNumber: chance(0.3) ? `W-${++lastOwnNumber}` : null,
      status: chance(0.4) ? 'pending' : pick(['processing', 'on-hold', 'completed']),
      before: null,
      created: seconds(),
      modified: seconds(),
      paid: null,
      account: account?.id ?? '0',
      // An account sometimes orders to somebody else's address.
      email: account && chance(0.8) ? account.email : `guest${below(40)}@woo.invalid`,
      items,
      shipping: chance(0.7) ? 490 : 0,
      fee: chance(0.15) ? pick([250, -300]) : 0,
      coupon,
      refunds: [],
      newsletter: chance(0.2),
    };
    orders.set(order.id, order);
    happen('order.created', order.id);
    return order;
  };
  const openAccount = (): void => {
    const id = nextId();
    accounts.set(id, {
      id,
      email: `person${id.slice(-4)}@woo.invalid`,
      first: `P${id.slice(-4)}`,
      city: 'Wien',
      created: seconds(),
      modified: null,
      meta: new Map(),
    });
    happen('customer.created', id);
  };
  const addProduct = (): void => {
    const id = String(++lastProduct);
    const hasVariations = chance(0.4);
    products.set(id, {
      id,
      sku: chance(0.7) ? `SKU-${id}` : '',
      name: `Tea &ldquo;${id}&rdquo;`,
      price: 300 + below(3000),
      status: 'publish',
      created: seconds(),
      modified: seconds(),
      variations: hasVariations
        ? ['S', 'L'].map(size => ({
            id: String(++lastProduct),
            sku: chance(0.8) ? `SKU-${id}-${size}` : '',
            price: 500 + below(3000),
            size,
            modified: seconds(),
          }))
        : [],
    });
    happen('product.created', id);
  };

  const someOrder = (fits: (order: Order) => boolean): Order | null => {
    const list = [...orders.values()].filter(fits);
    return list.length === 0 ? null : pick(list);
  };
  const isSale = (order: Order): boolean => counting.has(order.status);
  const restOf = (order: Order): number => grossOf(order) - order.refunds.reduce((sum, one) => sum + one.amount, 0);

  const changeStatus = (): void => {
    const order = someOrder(one => one.status !== 'trash' && one.status !== 'refunded');
    if (!order) return;
    const next: Record<string, readonly string[]> = {
      pending: ['processing', 'failed', 'cancelled', 'on-hold'],
      failed: ['processing', 'cancelled'],
      'on-hold': ['processing', 'cancelled', 'pending'],
      processing: ['completed', 'packed', 'cancelled', 'failed'],
      packed: ['completed'],
      completed: ['processing', 'cancelled'],
      cancelled: ['pending', 'processing'],
    };
    order.status = pick(next[order.status] ?? ['processing']);
    if (order.status === 'processing') order.paid ??= seconds();
    touch(order);
  };
  const refundLines = (): void => {
    const order = someOrder(one => isSale(one) && one.status !== 'refunded' && one.refunds.length < 2);
    if (!order) return;
    const item = pick(order.items);
    const back = order.refunds.flatMap(one => one.lines).filter(line => line.item.id === item.id);
    const left = item.quantity - back.reduce((sum, line) => sum + line.quantity, 0);
    if (left <= 0) return;
    const quantity = 1 + below(left);
    const amount = Math.round((totalOf(item) * quantity) / item.quantity);
    order.refunds.push({
      id: String(50_000 + ++lastRefund),
      at: seconds(),
      amount: amount + taxOf(amount),
      lines: [{ item: { ...item }, quantity, amount }],
    });
    touch(order);
  };
  const giveMoneyBack = (): void => {
    const order = someOrder(one => isSale(one) && one.status !== 'refunded' && restOf(one) > 300);
    if (!order) return;
    order.refunds.push({ id: String(50_000 + ++lastRefund), at: seconds(), amount: 100 + below(150), lines: [] });
    touch(order);
  };
  const refundWhole = (): void => {
    const order = someOrder(one => isSale(one) && one.refunds.length === 0 && one.status !== 'refunded');
    if (!order) return;
    order.refunds.push({ id: String(50_000 + ++lastRefund), at: seconds(), amount: grossOf(order), lines: [] });
    order.status = 'refunded';
    touch(order);
  };
  const deleteRefund = (): void => {
    const order = someOrder(one => one.refunds.length > 0 && one.status !== 'refunded' && one.status !== 'trash');
    if (!order) return;
    order.refunds.pop();
    touch(order);
  };
  const editOrder = (): void => {
    const order = someOrder(one => ['pending', 'on-hold', 'processing'].includes(one.status) && one.refunds.length === 0);
    if (!order) return;
    if (chance(0.5) && order.items.length > 1) order.items.pop();
    else if (chance(0.5)) order.items.push(itemOf(pick([...products.values()])));
    else order.items[0] = { ...order.items[0], quantity: order.items[0].quantity + 1 };
    touch(order);
  };
  const throwAway = (): void => {
    const order = someOrder(one => one.status !== 'trash');
    if (!order) return;
    order.before = order.status;
    order.status = 'trash';
    touch(order, 'order.deleted');
  };
  const takeOut = (): void => {
    const order = someOrder(one => one.status === 'trash');
    if (!order) return;
    order.status = order.before ?? 'processing';
    touch(order, 'order.restored');
  };
  /** Out of the trash for good; WooCommerce sends no webhook for that. */
  const deleteForGood = (): void => {
    const order = someOrder(one => one.status === 'trash') ?? (chance(0.3) ? someOrder(() => true) : null);
    if (order) orders.delete(order.id);
  };
  const changeAccount = (): void => {
    if (accounts.size === 0) return;
    const account = pick([...accounts.values()]);
    account.city = pick(['Linz', 'Bregenz', 'Villach']);
    account.modified = seconds();
    happen('customer.updated', account.id);
  };
  const deleteAccount = (): void => {
    if (accounts.size < 4) return;
    const account = pick([...accounts.values()]);
    accounts.delete(account.id);
    // WordPress makes the orders of a deleted account orders of a guest, past WooCommerce and without touching their dates.
    for (const order of orders.values()) if (order.account === account.id) order.account = '0';
    happen('customer.deleted', account.id);
  };
  const changeProduct = (): void => {
    const product = pick([...products.values()]);
    if (product.variations.length > 0) {
      const one = pick(product.variations);
      one.price = 500 + below(3000);
      one.modified = seconds();
      happen('product.updated', one.id);
    } else {
      product.price = 300 + below(3000);
    }
    product.modified = seconds();
    happen('product.updated', product.id);
  };

  const deeds: readonly [number, () => void][] = [
    [30, placeOrder],
    [8, openAccount],
    [28, changeStatus],
    [8, refundLines],
    [3, giveMoneyBack],
    [3, refundWhole],
    [2, deleteRefund],
    [8, editOrder],
    [4, throwAway],
    [2, takeOut],
    [2, deleteForGood],
    [4, changeAccount],
    [1, deleteAccount],
    [5, changeProduct],
    [2, addProduct],
  ];
  const weight = deeds.reduce((sum, [share]) => sum + share, 0);
  const live = (steps: number, longest_seconds = 120): void => {
    while (products.size < 5) addProduct();
    for (let step = 0; step < steps; step++) {
      clock += 1000 + below(longest_seconds * 1000);
      let left = random() * weight;
      for (const [share, deed] of deeds) {
        left -= share;
        if (left < 0) {
          deed();
          break;
        }
      }
    }
  };

  // ---- what it comes to --------------------------------------------------------------------------------------------------------

  const skuOf = (item: Item): string => item.sku || `id:${item.variationId === '0' ? item.productId : item.variationId}`;
  const expect = (order: Order): Expected => {
    const goods = order.items.reduce((sum, item) => sum + totalOf(item), 0) + Math.min(0, order.fee);
    const linesOf = (refund: Refund) =>
      refund.lines.length === 0 && refund.amount === grossOf(order)
        ? order.items.map(item => ({ item, quantity: item.quantity, amount: totalOf(item) }))
        : refund.lines;
    const back = order.refunds.flatMap(linesOf).reduce((sum, line) => sum + line.amount, 0);
    return {
      number: order.ownNumber ?? order.id,
      id: order.id,
      placedAt: new Date(order.created).toISOString(),
      total: grossOf(order),
      tax: taxesOf(order),
      sales: goods,
      net: goods - back,
      lines: [
        ...order.items.map(
          item => `product ${skuOf(item)} ${item.quantity} x ${item.unit} - ${item.discount} = ${totalOf(item)}`,
        ),
        ...(order.shipping > 0 ? [`shipping = ${order.shipping}`] : []),
        ...(order.fee !== 0 ? [`${order.fee > 0 ? 'fee' : 'discount'} = ${order.fee}`] : []),
      ].sort(),
      refunds: order.refunds
        .map(
          one =>
            `${one.id} ${new Date(one.at).toISOString()} ${one.amount}: ${linesOf(one)
              .map(line => `${line.quantity} ${skuOf(line.item)} ${line.amount}`)
              .sort()
              .join(', ')}`,
        )
        .sort(),
      codes: order.coupon ? [order.coupon] : [],
      whose: order.account === '0' ? `email:${order.email}` : `account:${order.account}`,
    };
  };

  return {
    random,
    zoneOffset_hours: options.zoneOffset_hours,
    currency,
    habits,
    orders,
    accounts,
    products,
    number,
    now: () => new Date(clock),
    setNow: (to: Date) => {
      clock = Math.max(clock, to.getTime());
    },
    live,
    placeOrder,
    happen,
    takeHappened: () => {
      const taken = happened;
      happened = [];
      return taken;
    },
    setAccountMeta: (id: string, meta: readonly { key: string; value: string }[]) => {
      const account = accounts.get(id)!;
      for (const { key, value } of meta) account.meta.set(key, value);
      account.modified = seconds();
      happen('customer.updated', id);
    },
    orderRows: () => [...orders.values()].map(orderRow),
    refundRows,
    accountRows: () => [...accounts.values()].map(accountRow),
    productRows: () => [...products.values()].map(productRow),
    variationRows: (product: Product) => product.variations.map(one => oneVariation(product, one)),
    variationRow,
    rowOf: (noun: string, id: string): Row | undefined => {
      const order = orders.get(id);
      const account = accounts.get(id);
      const product = products.get(id);
      if (noun === 'order') return order && orderRow(order);
      if (noun === 'customer') return account && accountRow(account);
      return product ? productRow(product) : variationRow(id);
    },
    /** Sales by number, as they must stand in the end. */
    expected: (): Map<string, Expected> =>
      new Map([...orders.values()].filter(isSale).map(order => [order.ownNumber ?? order.id, expect(order)])),
    /** Prices by SKU, of what is for sale. */
    expectedPrices: (): Map<string, number> =>
      new Map(
        [...products.values()].flatMap(product =>
          product.variations.length === 0
            ? [[product.sku || `id:${product.id}`, product.price] as const]
            : product.variations.map(one => [one.sku || `id:${one.id}`, one.price] as const),
        ),
      ),
  };
};
