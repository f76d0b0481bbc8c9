/** Made-up shops with a known truth, and the doorway to the real data that lie outside the project. */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { PurchaseSummaries } from './beta-geometric.ts';
import type { History } from './history.ts';

/** Seeded random numbers in [0, 1) (mulberry32), so that a failing test fails again. */
export const seeded = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

const exponential = (random: () => number, rate: number): number => -Math.log(1 - random()) / rate;
const normal = (random: () => number): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Gamma(shape, rate) by Marsaglia & Tsang. */
export const gammaDraw = (random: () => number, shape: number, rate: number): number => {
  if (shape < 1) return gammaDraw(random, shape + 1, rate) * random() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return (d * v) / rate;
  }
};

const betaDraw = (random: () => number, a: number, b: number): number => {
  const x = gammaDraw(random, a, 1);
  return x / (x + gammaDraw(random, b, 1));
};

type Truth = { r: number; alpha: number; a: number; b: number };

/** Repeat purchase days after day 0 of somebody who behaves as BG/NBD says, up to day `until`. */
const repeatDays = (random: () => number, { r, alpha, a, b }: Truth, until: number): number[] => {
  const rate = gammaDraw(random, r, alpha);
  const leaves = betaDraw(random, a, b);
  const days: number[] = [];
  let at = 0;
  for (;;) {
    at += exponential(random, rate);
    if (at > until) return days;
    days.push(at);
    if (random() < leaves) return days;
  }
};

/** Summaries of people who behave exactly as BG/NBD says. */
export const bgNbdShop = (seed: number, customers: number, truth: Truth, ageDays: number): PurchaseSummaries => {
  const random = seeded(seed);
  const data = {
    repeats: new Int32Array(customers),
    lastDays: new Int32Array(customers),
    ageDays: new Int32Array(customers).fill(ageDays),
  };
  for (let i = 0; i < customers; i++) {
    const days = repeatDays(random, truth, ageDays);
    data.repeats[i] = days.length;
    data.lastDays[i] = Math.round(days.at(-1) ?? 0);
  }
  return data;
};

/** A shop of regulars with rhythms of their own, one-time buyers, and people who stop; two years of days from `firstDay`. */
export const rhythmShop = (seed: number, customers: number, firstDay: number, days: number): History[] => {
  const random = seeded(seed);
  return Array.from({ length: customers }, (_, i) => {
    const start = firstDay + Math.floor(random() * days * 0.7);
    const gap = 8 + random() * 50;
    const oneTime = random() < 0.45;
    const leaves = 0.04 + random() * 0.12;
    const value = 1500 + random() * 8000;
    const at: number[] = [start];
    let next = start;
    while (!oneTime) {
      if (random() < leaves) break;
      next += Math.max(1, Math.round(gap * (0.6 + random() * 0.8)));
      if (next >= firstDay + days) break;
      at.push(next);
    }
    const purchases = at.map(day => ({
      day,
      salesMinor: Math.round(value * (0.6 + random() * 0.8)),
      newProducts: random() < 0.5 ? 1 : 2,
    }));
    const returns = random() < 0.1 ? [{ day: at[0]! + 5, amountMinor: Math.round(value * 0.3) }] : [];
    return { customerId: i + 1, purchases, returns };
  });
};

/** Text of a file of the shared real data, or null (with a sentence) where they are not at hand. */
export const sharedData = (name: string): string | null => {
  const file = new URL(`../../../../shared/data/${name}`, import.meta.url);
  if (!existsSync(file)) {
    console.log(`Skipped: ${name} is not at hand (../shared/data). It is not part of the project.`);
    return null;
  }
  const bytes = readFileSync(file);
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
};

const dayOf = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day) / 86_400_000;

/** The published summary of the CDNOW cohort in days; null when absent. */
export const cdnowSummary = (): PurchaseSummaries | null => {
  const text = sharedData('cdnow_customers_summary.csv.gz');
  if (text === null) return null;
  const rows = text
    .trim()
    .split('\n')
    .slice(1)
    .map(line => line.split(',').map(Number));
  return {
    repeats: Int32Array.from(rows, row => row[1]!),
    lastDays: Int32Array.from(rows, row => Math.round(row[2]! * 7)),
    ageDays: Int32Array.from(rows, row => Math.round(row[3]! * 7)),
  };
};

/** The raw CDNOW log as histories; null when absent. */
export const cdnowHistories = (): History[] | null => {
  const text = sharedData('cdnow_sample.txt.gz');
  if (text === null) return null;
  const rows = text
    .trim()
    .split('\n')
    .map(line => line.trim().split(/\s+/));
  return historiesOf(
    rows.map(([, id, date, , dollars]) => ({
      customer: id!,
      day: dayOf(Number(date!.slice(0, 4)), Number(date!.slice(4, 6)), Number(date!.slice(6))),
      salesMinor: Math.round(Number(dollars) * 100),
      product: '',
    })),
  );
};

/** The UK gift shop as histories, customer ids as in the file; null when absent. */
export const giftShopHistories = (): History[] | null => {
  const text = sharedData('online_retail_2010_2011_sales_only.csv.gz');
  if (text === null) return null;
  const rows: Row[] = [];
  for (const line of text.split('\n').slice(1)) {
    if (!line) continue;
    const cells = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g)!.map(cell => cell.replace(/,$/, ''));
    const [, product, , quantity, time, price, customer] = cells;
    if (customer === '0' || customer === '') continue;
    rows.push({
      customer: customer!,
      day: dayOf(Number(time!.slice(0, 4)), Number(time!.slice(5, 7)), Number(time!.slice(8, 10))),
      salesMinor: Number(quantity) * Number(price) * 100,
      product: product!,
    });
  }
  return historiesOf(rows);
};

type Row = { customer: string; day: number; salesMinor: number; product: string };

const historiesOf = (rows: readonly Row[]): History[] => {
  const people = new Map<string, Map<number, Row[]>>();
  for (const row of rows) {
    const days = people.get(row.customer) ?? new Map<number, Row[]>();
    people.set(row.customer, days.set(row.day, [...(days.get(row.day) ?? []), row]));
  }
  return [...people].map(([customer, days]) => {
    const seen = new Set<string>();
    const purchases = [...days]
      .sort(([a], [b]) => a - b)
      .map(([day, lines]) => {
        const before = seen.size;
        for (const { product } of lines) if (product) seen.add(product);
        return {
          day,
          salesMinor: Math.round(lines.reduce((sum, line) => sum + line.salesMinor, 0)),
          newProducts: seen.size - before,
        };
      });
    return { customerId: Number(customer), purchases, returns: [] };
  });
};
