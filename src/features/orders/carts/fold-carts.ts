/**
 * One person's steps in one shop -> their carts and their last look around. Pure: no I/O, no clock. Steps are sorted by time here, so the
 * same steps in any order, any number of times, give the same carts.
 */
import { lineTotalMinor } from '../../../platform/money.ts';
import type { CartLine, CartState } from './cart.ts';

export type CartStep = {
  /** The same thing told twice has the same id. */
  id: string;
  at: Date;
  originId: number | null;
  historical: boolean;
  source: string;
  /**
   * view: a product was looked at. added, removed: one line. shown: the whole cart was seen. checkout: its owner is paying.
   * coupon: a code was applied. gone: the shop deleted it. ordered: an order came in.
   */
  what: 'view' | 'added' | 'removed' | 'shown' | 'checkout' | 'coupon' | 'gone' | 'ordered';
  refs: readonly string[];
  /** added, removed, view: the one line; shown, checkout: the whole cart, or null where the step does not say; ordered: what was bought. */
  lines: readonly CartLine[] | null;
  valueMinor: number | null;
  currency: string;
  coupon: string | null;
  url: string | null;
  emailKnown: boolean;
  /** Of "ordered"; null: the shop says it was completed, the order itself is not here yet. */
  orderId?: string | null;
};

export type Cart = {
  /** Id of its first step. */
  key: string;
  /** Ids of all its steps: how a cart is found again when an earlier step arrives late. */
  steps: ReadonlySet<string>;
  refs: readonly string[];
  originId: number | null;
  lastOriginId: number | null;
  state: CartState;
  lines: readonly CartLine[];
  items: number;
  valueMinor: number | null;
  currency: string;
  coupon: string | null;
  url: string | null;
  emailKnown: boolean;
  startedAt: Date;
  lastActivityAt: Date;
  checkoutAt: Date | null;
  /** When it was last given up: the last activity before the silence plus the idle time. */
  abandonedAt: Date | null;
  closedAt: Date | null;
  orderId: string | null;
  source: string;
  /** Whether the last activity was historical: then nobody is told. */
  historical: boolean;
};

/** Products looked at in one go. `added`: something was put into a cart or bought meanwhile. */
export type Browse = {
  originId: number | null;
  startedAt: Date;
  lastActivityAt: Date;
  products: readonly CartLine[];
  added: boolean;
  historical: boolean;
  abandoned: boolean;
};

/** Silent for longer than this, a cart without an id is over, and the next product begins a new one. */
const lifetime_ms = 30 * 86_400_000;
const mostProducts = 10;
const mostLines = 200;

type Draft = {
  steps: Set<string>;
  refs: Set<string>;
  first: CartStep;
  last: CartStep;
  /** Lines by what they are, in the order they were put in. */
  lines: Map<string, CartLine>;
  statedMinor: number | null;
  currency: string;
  coupon: string | null;
  url: string | null;
  emailKnown: boolean;
  /** Last sign of life: a step of the cart, or a look at a product before the idle time was over. */
  aliveAt: number;
  checkoutAt: Date | null;
  abandonedAt: number | null;
  closed: { at: Date; orderId: string | null } | null;
  gone: boolean;
};

/** `until`: what is known up to (the clock, or the oldest thing still waiting): silence is judged against it, never against the future. */
export const foldCarts = (
  given: readonly CartStep[],
  { idle_ms, until }: { idle_ms: number; until: Date },
): { carts: Cart[]; browse: Browse | null } => {
  const steps = [...new Map(given.map(step => [step.id, step])).values()].sort(inOrder);
  const orders = new Map<string, CartStep>();
  for (const step of steps)
    if (step.what === 'ordered') for (const ref of step.refs) if (!orders.get(ref)?.orderId) orders.set(ref, step);
  const carts: Draft[] = [];
  for (const step of steps) {
    if (step.what === 'view') lookAt(carts, step, idle_ms);
    else if (step.what === 'ordered') close(carts, step, idle_ms);
    else apply(carts, step, idle_ms);
  }
  for (const cart of carts) if (!cart.closed) closeByLateName(cart, orders, idle_ms);
  return {
    carts: carts
      .filter(cart => !cart.gone && (cart.lines.size > 0 || cart.checkoutAt !== null))
      .map(cart => finish(cart, idle_ms, until)),
    browse: browseOf(steps, idle_ms, until),
  };
};

/** Of one moment: a look before what is put in, that before what is taken out, and that before what closes the cart. */
const ranks: Partial<Record<CartStep['what'], number>> = { view: -1, removed: 1, gone: 2, ordered: 3 };
const rank = (step: CartStep): number => ranks[step.what] ?? 0;
const inOrder = (a: CartStep, b: CartStep): number =>
  a.at.getTime() - b.at.getTime() || rank(a) - rank(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

const lineKey = (line: CartLine): string => line.variantId ?? line.sku ?? line.productId ?? line.name ?? '';
const isIdle = (cart: Draft, at: number, idle_ms: number): boolean =>
  (cart.lines.size > 0 || cart.checkoutAt !== null) && at - cart.aliveAt >= idle_ms;

/** The cart a step is about: the one it names, else the one still open. */
const find = (carts: readonly Draft[], step: CartStep): Draft | 'closed' | null => {
  const named = carts.findLast(cart => step.refs.some(ref => cart.refs.has(ref)));
  if (named) {
    if (!named.closed) return named;
    // A shop that uses one id for ever: what is put in after the order is a new cart.
    return step.what === 'added' && step.at > named.closed.at ? null : 'closed';
  }
  const open = carts.findLast(cart => !cart.closed && !cart.gone && step.at.getTime() - cart.aliveAt <= lifetime_ms);
  if (!open) return null;
  const kinds = new Set([...open.refs].map(kindOf));
  return step.refs.some(ref => kinds.has(kindOf(ref))) ? null : open;
};
const kindOf = (ref: string): string => ref.slice(0, ref.indexOf(':'));

/** A cart begins with something in it; a coupon, a removal or a deletion alone does not begin one. */
const begins = (step: CartStep): boolean =>
  step.what === 'added' || step.what === 'checkout' || (step.what === 'shown' && (step.lines?.length ?? 0) > 0);

const apply = (carts: Draft[], step: CartStep, idle_ms: number): void => {
  const found = find(carts, step);
  if (found === 'closed' || (found === null && !begins(step))) return;
  const cart = found ?? begin(carts, step);
  const at = step.at.getTime();
  if (isIdle(cart, at, idle_ms)) cart.abandonedAt = cart.aliveAt + idle_ms;
  cart.steps.add(step.id);
  for (const ref of step.refs) cart.refs.add(ref);
  cart.last = step;
  cart.aliveAt = Math.max(cart.aliveAt, at);
  cart.emailKnown ||= step.emailKnown;
  cart.url = step.url ?? cart.url;
  cart.coupon = step.coupon ?? cart.coupon;
  cart.gone = step.what === 'gone';
  if (step.what === 'checkout') cart.checkoutAt ??= step.at;
  fillLines(cart, step);
};

const begin = (carts: Draft[], step: CartStep): Draft => {
  const cart: Draft = {
    steps: new Set(),
    refs: new Set(),
    first: step,
    last: step,
    lines: new Map(),
    statedMinor: null,
    currency: step.currency,
    coupon: null,
    url: null,
    emailKnown: false,
    aliveAt: step.at.getTime(),
    checkoutAt: null,
    abandonedAt: null,
    closed: null,
    gone: false,
  };
  carts.push(cart);
  return cart;
};

const fillLines = (cart: Draft, step: CartStep): void => {
  if (step.what === 'shown' || step.what === 'checkout') {
    if (step.lines !== null && (step.lines.length > 0 || step.what === 'shown')) {
      cart.lines.clear();
      for (const line of step.lines) addLine(cart, line);
      cart.statedMinor = null;
    }
    if (step.valueMinor !== null) cart.statedMinor = step.valueMinor;
    if (step.lines !== null || step.valueMinor !== null) cart.currency = step.currency;
  } else if (step.what === 'added') {
    for (const line of step.lines ?? []) addLine(cart, line);
    cart.statedMinor = null;
    cart.currency = step.currency;
  } else if (step.what === 'removed') {
    for (const line of step.lines ?? []) removeLine(cart, line);
    cart.statedMinor = null;
  }
};

const addLine = (cart: Draft, line: CartLine): void => {
  const key = lineKey(line);
  const before = cart.lines.get(key);
  if (!before && cart.lines.size >= mostLines) return;
  cart.lines.set(key, before ? { ...before, ...known(line), quantity: before.quantity + line.quantity } : line);
};

/** What a second mention knows better than the first. */
const known = (line: CartLine): Partial<CartLine> =>
  Object.fromEntries(Object.entries(line).filter(([, value]) => value !== null)) as Partial<CartLine>;

/** Without a quantity (0) the whole line goes. */
const removeLine = (cart: Draft, line: CartLine): void => {
  const key = lineKey(line);
  const before = cart.lines.get(key);
  if (!before) return;
  const left = line.quantity === 0 ? 0 : before.quantity - line.quantity;
  if (left > 0) cart.lines.set(key, { ...before, quantity: left });
  else cart.lines.delete(key);
};

/** Somebody who still looks at products has not given up their cart; once they have, only the cart itself brings it back. */
const lookAt = (carts: readonly Draft[], step: CartStep, idle_ms: number): void => {
  const at = step.at.getTime();
  const open = carts.findLast(cart => !cart.closed && !cart.gone);
  if (open && at - open.aliveAt < idle_ms) open.aliveAt = Math.max(open.aliveAt, at);
};

const close = (carts: readonly Draft[], order: CartStep, idle_ms: number): void => {
  const named = carts.filter(cart => order.refs.some(ref => cart.refs.has(ref)));
  for (const cart of named) {
    if (!cart.closed) closeOne(cart, order, idle_ms);
    // The shop said it was completed; here is the order.
    else cart.closed.orderId ??= order.orderId ?? null;
  }
  if (named.length > 0) return;
  const at = order.at.getTime();
  const open = carts.findLast(cart => !cart.closed && !cart.gone && at - cart.aliveAt <= lifetime_ms && overlaps(cart, order));
  if (open) closeOne(open, order, idle_ms);
};

const closeOne = (cart: Draft, order: CartStep, idle_ms: number): void => {
  const at = Math.max(order.at.getTime(), cart.last.at.getTime());
  if (isIdle(cart, at, idle_ms)) cart.abandonedAt = cart.aliveAt + idle_ms;
  cart.closed = { at: new Date(at), orderId: order.orderId ?? null };
  for (const ref of order.refs) cart.refs.add(ref);
};

/** An order of another clock may be dated before the step that names its cart. */
const closeByLateName = (cart: Draft, orders: ReadonlyMap<string, CartStep>, idle_ms: number): void => {
  for (const ref of [...cart.refs].sort()) {
    const order = orders.get(ref);
    // A shop that uses one id for ever: an order from before the cart began is another one's.
    if (!cart.closed && order && order.at.getTime() > cart.first.at.getTime() - clockSkew_ms) closeOne(cart, order, idle_ms);
  }
};
const clockSkew_ms = 10 * 60_000;

const namesOf = (line: CartLine): string[] =>
  [line.sku, line.productId, line.variantId, line.name].flatMap(name => (name ? [name.toLowerCase()] : []));
const overlaps = (cart: Draft, order: CartStep): boolean => {
  const bought = new Set((order.lines ?? []).flatMap(namesOf));
  return [...cart.lines.values()].some(line => namesOf(line).some(name => bought.has(name)));
};

const finish = (cart: Draft, idle_ms: number, until: Date): Cart => {
  const silent = !cart.closed && isIdle(cart, until.getTime(), idle_ms);
  const abandonedAt = silent ? cart.aliveAt + idle_ms : cart.abandonedAt;
  const lines = [...cart.lines.values()];
  return {
    key: cart.first.id,
    steps: cart.steps,
    refs: [...cart.refs].sort(),
    originId: cart.first.originId,
    lastOriginId: cart.last.originId,
    state: stateOf(cart, silent),
    lines,
    items: Math.round(lines.reduce((sum, line) => sum + line.quantity, 0) * 1000) / 1000,
    valueMinor: cart.statedMinor ?? sumOf(lines, cart.currency),
    currency: cart.currency,
    coupon: cart.coupon,
    url: cart.url,
    emailKnown: cart.emailKnown,
    startedAt: cart.first.at,
    lastActivityAt: new Date(cart.aliveAt),
    checkoutAt: cart.checkoutAt,
    abandonedAt: abandonedAt === null ? null : new Date(abandonedAt),
    closedAt: cart.closed?.at ?? null,
    orderId: cart.closed?.orderId ?? null,
    source: cart.last.source,
    historical: cart.last.historical,
  };
};

const stateOf = (cart: Draft, silent: boolean): CartState => {
  if (cart.closed) return cart.abandonedAt === null ? 'converted' : 'recovered';
  if (silent) return 'abandoned';
  return cart.checkoutAt === null ? 'open' : 'checkout';
};

/** Null when a price is not known: half a sum would be a wrong one. */
const sumOf = (lines: readonly CartLine[], currency: string): number | null =>
  lines.length === 0 || lines.some(line => line.unitPrice === null)
    ? null
    : lines.reduce((sum, line) => sum + lineTotalMinor(decimal(line.quantity), line.unitPrice!, currency), 0);
const decimal = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(3));

/** The last look around: products seen with less than the idle time between two signs of life. */
const browseOf = (steps: readonly CartStep[], idle_ms: number, until: Date): Browse | null => {
  let browse: { first: CartStep; last: CartStep; aliveAt: number; products: Map<string, CartLine>; added: boolean } | null = null;
  for (const step of steps) {
    const at = step.at.getTime();
    const goesOn = browse !== null && at - browse.aliveAt < idle_ms;
    if (step.what === 'view') {
      if (browse === null || !goesOn) browse = { first: step, last: step, aliveAt: at, products: new Map(), added: false };
      browse.last = step;
      for (const line of step.lines ?? []) {
        browse.products.delete(lineKey(line));
        browse.products.set(lineKey(line), line);
      }
    } else if (browse === null || !goesOn) continue;
    else browse.added ||= step.what !== 'removed' && step.what !== 'gone';
    browse.aliveAt = at;
  }
  if (browse === null) return null;
  return {
    originId: browse.last.originId,
    startedAt: browse.first.at,
    lastActivityAt: new Date(browse.aliveAt),
    // The latest first.
    products: [...browse.products.values()].reverse().slice(0, mostProducts),
    added: browse.added,
    historical: browse.last.historical,
    abandoned: !browse.added && browse.products.size > 0 && until.getTime() - browse.aliveAt >= idle_ms,
  };
};
