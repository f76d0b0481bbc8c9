/** Carts as a table: steps in, carts out. And whatever the order and however often told: the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CartStep, foldCarts } from './fold-carts.ts';
import { readStep } from './read-step.ts';

const zero = Date.parse('2026-03-01T10:00:00Z');
const minute = 60_000;
const idle_ms = 60 * minute;

/** "add A 2 @5", "remove A", "view B", "show A 1,B 2", "pay", "pay#c1", "coupon X", "order A", "order#c1": `#x` names the cart x. */
const stepOf = (text: string, at_minutes: number): CartStep => {
  const [, word, ref, rest = ''] = /^(\w+)(?:#(\w+))?\s*(.*)$/.exec(text)!;
  const named = ref ? { cart_id: ref } : {};
  const product = (one: string) => {
    const [sku, quantity] = one.trim().split(' ');
    return { sku, price: '2.50', ...(quantity ? { quantity: Number(quantity) } : {}) };
  };
  const base = {
    id: `${at_minutes}/${text}`,
    originId: 1,
    time: new Date(zero + at_minutes * minute),
    source: 'server',
    historical: false,
  };
  const event = (name: string, properties: object) => readStep({ ...base, name, properties: { ...named, ...properties } }, 'EUR');
  switch (word) {
    case 'add':
      return event('Product Added', product(rest));
    case 'remove':
      return event('Product Removed', product(rest));
    case 'view':
      return event('Product Viewed', product(rest));
    case 'show':
      return event('Cart Viewed', { products: rest === '' ? [] : rest.split(',').map(product) });
    case 'pay':
      return event('Checkout Started', {});
    case 'coupon':
      return event('Coupon Applied', { coupon: rest });
    default:
      return {
        ...event('Product Viewed', product(rest)),
        what: 'ordered',
        refs: ref ? [`cart:${ref}`] : [],
        lines: rest === '' ? [] : readStep({ ...base, name: 'Product Viewed', properties: product(rest) }, 'EUR').lines,
        orderId: `order at ${at_minutes}`,
      };
  }
};

/** "state: 2 A, 1 B" per cart. */
const told = (steps: readonly CartStep[], until_minutes: number): string[] =>
  foldCarts(steps, { idle_ms, until: new Date(zero + until_minutes * minute) }).carts.map(
    cart => `${cart.state}: ${cart.lines.map(line => `${line.quantity} ${line.sku}`).join(', ')}`,
  );
const stepsOf = (given: Record<number, string>): CartStep[] =>
  Object.entries(given).map(([at, text]) => stepOf(text, Number(at)));

describe('carts', () => {
  const table: [what: string, steps: Record<number, string>, until: number, carts: string[]][] = [
    ['is open while something happens', { 0: 'add A', 50: 'add A 2' }, 100, ['open: 3 A']],
    ['is abandoned after the idle time', { 0: 'add A', 50: 'add B' }, 110, ['abandoned: 1 A, 1 B']],
    ['a minute before, it is not', { 0: 'add A', 50: 'add B' }, 109, ['open: 1 A, 1 B']],
    ['looking at products keeps it alive', { 0: 'add A', 50: 'view B', 100: 'view C' }, 159, ['open: 1 A']],
    ['but does not bring it back', { 0: 'add A', 70: 'view B' }, 100, ['abandoned: 1 A']],
    ['what is put in later brings it back', { 0: 'add A', 70: 'add B' }, 100, ['open: 1 A, 1 B']],
    ['is in checkout once its owner pays', { 0: 'add A', 5: 'pay' }, 20, ['checkout: 1 A']],
    ['is converted by an order of the same things', { 0: 'add A', 5: 'pay', 9: 'order A' }, 500, ['converted: 1 A']],
    ['is not by an order of other things', { 0: 'add A', 9: 'order B' }, 20, ['open: 1 A']],
    ['is by an order that names it', { 0: 'add#x A', 9: 'order#x B' }, 20, ['converted: 1 A']],
    ['is recovered when bought after it was abandoned', { 0: 'add A', 90: 'order A' }, 500, ['recovered: 1 A']],
    ['also when its owner came back first', { 0: 'add A', 90: 'show A 1', 95: 'order A' }, 500, ['recovered: 1 A']],
    ['after an order a new one begins', { 0: 'add A', 9: 'order A', 20: 'add B' }, 30, ['converted: 1 A', 'open: 1 B']],
    ['also with the same id', { 0: 'add#x A', 9: 'order#x A', 20: 'add#x B' }, 30, ['converted: 1 A', 'open: 1 B']],
    ['two ids are two carts', { 0: 'add#x A', 5: 'add#y B' }, 30, ['open: 1 A', 'open: 1 B']],
    ['a name given later is the open one’s', { 0: 'add A', 5: 'pay#x', 9: 'order#x' }, 30, ['converted: 1 A']],
    ['an order from a clock behind still closes it', { 3: 'order#x', 5: 'add#x A' }, 30, ['converted: 1 A']],
    ['what is taken out is out', { 0: 'add A 3', 1: 'remove A 1', 2: 'add B', 3: 'remove B' }, 5, ['open: 2 A']],
    ['an empty one is none', { 0: 'add A', 1: 'remove A' }, 500, []],
    ['the whole cart as it was seen', { 0: 'add A', 1: 'show B 2,C 1' }, 5, ['open: 2 B, 1 C']],
    ['a coupon alone begins none', { 0: 'coupon X' }, 5, []],
    ['a cart a month old is over', { 0: 'add A', 50000: 'add B' }, 50_001, ['abandoned: 1 A', 'open: 1 B']],
  ];
  it.each(table)('%s', (_what, steps, until, carts) => {
    expect(told(stepsOf(steps), until)).toEqual(carts);
  });

  it('adds up what it is worth, and does not guess', () => {
    const priced = foldCarts(stepsOf({ 0: 'add A 3', 1: 'add B' }), { idle_ms, until: new Date(zero) }).carts[0];
    expect([priced.valueMinor, priced.items]).toEqual([1000, 4]);
    const step = { ...stepOf('add A', 0), lines: [{ ...stepOf('add A', 0).lines![0], unitPrice: null }] };
    expect(foldCarts([step], { idle_ms, until: new Date(zero) }).carts[0].valueMinor).toBeNull();
  });

  it('knows a look around that came to nothing', () => {
    const browse = (steps: Record<number, string>, until: number) => {
      const found = foldCarts(stepsOf(steps), { idle_ms, until: new Date(zero + until * minute) }).browse;
      return (
        found && `${found.abandoned ? 'abandoned' : found.added ? 'added' : 'looking'}: ${found.products.map(one => one.sku)}`
      );
    };
    expect(browse({ 0: 'view A', 5: 'view B', 9: 'view A' }, 60)).toBe('looking: A,B');
    expect(browse({ 0: 'view A', 5: 'view B', 9: 'view A' }, 69)).toBe('abandoned: A,B');
    expect(browse({ 0: 'view A', 5: 'add A' }, 500)).toBe('added: A');
    expect(browse({ 0: 'view A', 500: 'view B' }, 501)).toBe('looking: B');
    expect(browse({ 0: 'add A' }, 500)).toBeNull();
  });
});

describe('whatever the order and however often', () => {
  const word = fc.oneof(
    fc.constantFrom('add A', 'add B 2', 'add#x A', 'add#y C', 'remove A', 'remove B 1', 'view A', 'view B'),
    fc.constantFrom(
      'show A 1,B 1',
      'show',
      'show#x C 2',
      'pay',
      'pay#x',
      'coupon X',
      'order A',
      'order B',
      'order#x A',
      'order#y',
    ),
  );
  const story = fc.array(fc.tuple(word, fc.integer({ min: 0, max: 400 })), { minLength: 1, maxLength: 14 });

  it('the same steps give the same carts', () => {
    const told = story.chain(given =>
      fc.record({
        given: fc.constant(given),
        twice: fc.subarray(given),
        mixed: fc.shuffledSubarray(given, { minLength: given.length }),
        until: fc.integer({ min: 0, max: 600 }),
      }),
    );
    fc.assert(
      fc.property(told, ({ given, twice, mixed, until }) => {
        const steps = (list: readonly [string, number][]) => list.map(([text, at]) => stepOf(text, at));
        const plain = (list: readonly CartStep[]) => {
          const { carts, browse } = foldCarts(list, { idle_ms, until: new Date(zero + until * minute) });
          return { carts: carts.map(cart => ({ ...cart, steps: [...cart.steps].sort() })), browse };
        };
        expect(plain(steps([...twice, ...mixed]))).toEqual(plain(steps(given)));
      }),
      { numRuns: 1000, seed: 20260301 },
    );
  });

  it('an order is the end of at most the carts it names, and of no cart twice', () => {
    fc.assert(
      fc.property(story, given => {
        const { carts } = foldCarts(
          given.map(([text, at]) => stepOf(text, at)),
          { idle_ms, until: new Date(zero + 600 * minute) },
        );
        for (const cart of carts) {
          expect(cart.closedAt === null).toBe(cart.state !== 'converted' && cart.state !== 'recovered');
          if (cart.state === 'abandoned' || cart.state === 'recovered') expect(cart.abandonedAt).not.toBeNull();
          expect(cart.lastActivityAt >= cart.startedAt).toBe(true);
        }
      }),
      { numRuns: 300, seed: 20260302 },
    );
  });
});
