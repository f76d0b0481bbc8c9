/** Reads pages of records so that nothing is skipped while the shop goes on changing under us. */
import type { Access, Item, Page, ResourceCode } from '../connector.ts';
import { ConnectorError } from '../connector.ts';
import { ask, askList, askOne, isRecord } from './client.ts';

/** What comes with each order and product is asked one by one: a page must be done well within a minute on a slow host. */
const perPage = { customers: 100, orders: 50, products: 20 };
const perList = 100;
type Payload = Record<string, unknown>;
type From = { since: Date | null; page: string | null };

export const readPage = (access: Access, resource: ResourceCode, from: From): Promise<Page> =>
  resource === 'customers'
    ? from.since === null || from.page?.startsWith('all:')
      ? everyCustomer(access, from)
      : newCustomers(access, from as From & { since: Date })
    : changedPage(access, resource as 'orders' | 'products', from);

// ---- orders and products: by time of change -------------------------------------------------------------------------------

/**
 * A reading goes forward by the time of the last change, not by page number: a record that changes meanwhile moves to the end and would
 * shift the pages. Only where one second fills a whole page (a bulk edit) is that second read on by number. Orders in the trash are a
 * second round: "any" leaves them out.
 */
type Mark = { round: 'any' | 'trash'; after: number; page: number };

const readMark = (from: From): Mark => {
  if (from.page === null) return { round: 'any', after: from.since?.getTime() ?? 0, page: 1 };
  const match = /^(any|trash):(\d+):(\d+)$/.exec(from.page);
  if (!match) throw new ConnectorError('bad_page', 'The mark of the page is not one of ours.');
  return { round: match[1] as Mark['round'], after: Number(match[2]), page: Number(match[3]) };
};
const writeMark = (mark: Mark): string => `${mark.round}:${mark.after}:${mark.page}`;

/** WooCommerce reads times without zone, in UTC where `dates_are_gmt` says so; and whole seconds only. */
const gmt = (ms: number): string => new Date(ms).toISOString().slice(0, 19);

const changedPage = async (access: Access, resource: 'orders' | 'products', from: From): Promise<Page> => {
  const mark = readMark(from);
  const { body, at } = await askList(access, resource, {
    query: {
      per_page: perPage[resource],
      page: mark.page,
      orderby: 'modified',
      order: 'asc',
      status: mark.round,
      modified_after: gmt(mark.after),
      dates_are_gmt: 'true',
    },
  });
  const items = body.map(payload => itemOf(payload));
  const last = items.at(-1)?.updatedAt.getTime() ?? 0;
  const next = nextMark(
    mark,
    items.length === perPage[resource],
    last,
    resource === 'orders' ? { round: 'trash', after: from.since?.getTime() ?? 0, page: 1 } : null,
  );
  return { items: await complete(access, resource, items), next: next && writeMark(next), observedAt: at };
};

const nextMark = (mark: Mark, isFull: boolean, last: number, trash: Mark | null): Mark | null => {
  if (!isFull) return mark.round === 'any' ? trash : null;
  // "after" is exclusive: a second less brings those of the last second again.
  const after = last - 1000;
  return after > mark.after ? { ...mark, after, page: 1 } : { ...mark, page: mark.page + 1 };
};

const timeOf = (payload: Payload, field: string): number => {
  const value = payload[field];
  return typeof value === 'string' && value !== '' ? Date.parse(/[zZ]$/.test(value) ? value : `${value}Z`) : Number.NaN;
};
export const itemOf = (payload: Payload): Item => {
  const modified = timeOf(payload, 'date_modified_gmt');
  const created = timeOf(payload, 'date_created_gmt');
  const at = Number.isNaN(modified) ? created : modified;
  return { id: String(payload.id), updatedAt: new Date(Number.isNaN(at) ? 0 : at), payload };
};

// ---- customers: the API cannot say who changed ------------------------------------------------------------------------------

/** Everybody, by id. Pages overlap, so that somebody who is deleted meanwhile does not hide the next one. */
const overlap = 5;
const everyCustomer = async (access: Access, from: From): Promise<Page> => {
  const offset = from.page === null ? 0 : Number(/^all:(\d+)$/.exec(from.page)?.[1] ?? Number.NaN);
  if (Number.isNaN(offset)) throw new ConnectorError('bad_page', 'The mark of the page is not one of ours.');
  const { body, at } = await askList(access, 'customers', {
    query: { per_page: perPage.customers, offset, orderby: 'id', order: 'asc', role: 'all' },
  });
  return {
    items: body.map(itemOf),
    next: body.length < perPage.customers ? null : `all:${offset + perPage.customers - overlap}`,
    observedAt: at,
  };
};

/** Who registered since; the newest first. Accounts that changed come with their next order, a webhook, or the next full reading. */
const newCustomers = async (access: Access, { since, page }: From & { since: Date }): Promise<Page> => {
  const number = page === null ? 1 : Number(/^new:(\d+)$/.exec(page)?.[1] ?? Number.NaN);
  if (Number.isNaN(number)) throw new ConnectorError('bad_page', 'The mark of the page is not one of ours.');
  const { body, at } = await askList(access, 'customers', {
    query: { per_page: perPage.customers, page: number, orderby: 'registered_date', order: 'desc', role: 'all' },
  });
  const isNew = (payload: Payload) => !(timeOf(payload, 'date_created_gmt') < since.getTime());
  const items = body.filter(isNew).map(itemOf);
  const goesOn = body.length === perPage.customers && isNew(body.at(-1)!);
  return { items, next: goesOn ? `new:${number + 1}` : null, observedAt: at };
};

// ---- what a record does not carry itself ------------------------------------------------------------------------------------

/** One record with everything that belongs to it; null = it is not there (any more). */
export const readOne = async (
  access: Access,
  resource: ResourceCode,
  id: string,
): Promise<(Item & { observedAt: Date }) | null> => {
  const found = await askOne(access, `${resource}/${encodeURIComponent(id)}`);
  if (found === null) return null;
  // A webhook of a variation names the variation: its product is what we keep.
  const parent = found.body.parent_id;
  if (resource === 'products' && parent && String(parent) !== '0') return readOne(access, resource, String(parent));
  const [item] = await complete(access, resource, [itemOf(found.body)]);
  return { ...item, observedAt: found.at };
};

/**
 * Adds under keys of our own what `translate` needs beside the record: refunds with their lines (`regulars_refunds`), the buyers' accounts
 * (`regulars_account`), variations (`regulars_variations`) and the shop's currency (`regulars_currency`).
 */
const complete = async (access: Access, resource: ResourceCode, items: readonly Item[]): Promise<Item[]> => {
  if (resource === 'orders') return withAccounts(access, await eachOf(items, item => withRefunds(access, item)));
  if (resource === 'products') {
    const currency = items.length === 0 ? '' : await currencyOf(access);
    return eachOf(items, item => withVariations(access, item, currency));
  }
  return [...items];
};

/** One after the other: shared hosting gives few processes to one visitor. */
const eachOf = async (items: readonly Item[], work: (item: Item) => Promise<Item>): Promise<Item[]> => {
  const done: Item[] = [];
  for (const item of items) done.push(await work(item));
  return done;
};

const withRefunds = async (access: Access, item: Item): Promise<Item> => {
  const { refunds } = item.payload;
  if (!Array.isArray(refunds) || refunds.length === 0) return item;
  const all = await everyPage(access, `orders/${item.id}/refunds`);
  return { ...item, payload: { ...item.payload, regulars_refunds: all } };
};

const withVariations = async (access: Access, item: Item, currency: string): Promise<Item> => {
  const { variations } = item.payload;
  const payload = { ...item.payload, regulars_currency: currency };
  if (!Array.isArray(variations) || variations.length === 0) return { ...item, payload };
  const all = await everyPage(access, `products/${item.id}/variations`);
  const updatedAt = new Date(Math.max(item.updatedAt.getTime(), ...all.map(one => itemOf(one).updatedAt.getTime())));
  return { ...item, updatedAt, payload: { ...payload, regulars_variations: all } };
};

const withAccounts = async (access: Access, items: readonly Item[]): Promise<Item[]> => {
  const accountOf = (item: Item) => String(item.payload.customer_id ?? '0');
  const ids = [...new Set(items.map(accountOf))].filter(id => id !== '0');
  if (ids.length === 0) return [...items];
  const { body } = await askList(access, 'customers', { query: { per_page: perList, include: ids.join(','), role: 'all' } });
  const accounts = new Map(body.map(payload => [String(payload.id), payload]));
  return items.map(item => {
    const account = accounts.get(accountOf(item));
    return account ? { ...item, payload: { ...item.payload, regulars_account: account } } : item;
  });
};

const everyPage = async (access: Access, path: string): Promise<Payload[]> => {
  const all: Payload[] = [];
  for (let page = 1; ; page++) {
    const { body } = await askList(access, path, { query: { per_page: perList, page } });
    all.push(...body);
    if (body.length < perList) return all;
  }
};

/** Asked once an hour and connection. */
const currencies = new Map<string, { code: string; until: number }>();
export const currencyOf = async (access: Access): Promise<string> => {
  const key = `${access.connectionId} ${access.settings.address}`;
  const now = access.out.clock.now().getTime();
  const held = currencies.get(key);
  if (held && held.until > now) return held.code;
  const { body } = await ask(access, 'data/currencies/current');
  const code = isRecord(body) ? String(body.code ?? '') : '';
  if (!/^[A-Z]{3}$/.test(code))
    throw new ConnectorError('bad_answer', 'The shop does not say its currency. It is tried again later.');
  currencies.set(key, { code, until: now + 3_600_000 });
  return code;
};

export const countOf = async (access: Access, resource: ResourceCode): Promise<number | null> => {
  const query = { per_page: 1, ...(resource === 'customers' ? { role: 'all' } : { status: 'any' }) };
  return (await askList(access, resource, { query })).total;
};
