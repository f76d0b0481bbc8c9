/**
 * Shopify's REST Admin API: tokens, the leaky bucket, Link cursors. docs/decisions/130-connections.md says why REST.
 * https://shopify.dev/docs/api/admin-rest (version 2026-04)
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type OutgoingAnswer, type OutgoingRequest, sendOut } from '../../../platform/outgoing.ts';
import { parseExact } from '../../tracking/index.ts';
import { type Access, ConnectorError } from '../connector.ts';

export const apiVersion = '2026-04';
/** Shorter waits than this are waited out here; longer ones are left to the caller's schedule. */
const longestWait_seconds = 10;
const mostTries = 6;
/** A bucket this full is given a moment to leak (40 calls, 2 leave it per second). */
const fullShare = 0.9;
const breath_ms = 500;
/** A token lasts 24 hours; a new one is fetched well before. */
const tokenMargin_seconds = 600;

export type Answer = { headers: Record<string, string>; json: Record<string, unknown>; observedAt: Date };
type Query = Record<string, string | undefined>;

/** Shops answer by https; a private host that the installation allows may be a double or a proxy without it. */
export const baseOf = (access: Pick<Access, 'settings' | 'out'>): string => {
  const { shop } = access.settings;
  const isPrivate = access.out.config.privateHosts.includes(shop);
  return `${isPrivate ? 'http' : 'https'}://${shop}`;
};

/** Throws ConnectorError with what to do next; waits out short throttling. */
export const call = async (
  access: Access,
  method: NonNullable<OutgoingRequest['method']>,
  path: string,
  { query = {}, body }: { query?: Query; body?: unknown } = {},
): Promise<Answer> => {
  const search = new URLSearchParams(Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const url = `${baseOf(access)}/admin/${path}${search.size > 0 ? `?${search}` : ''}`;
  let renewed = false;
  for (let attempt = 1; ; attempt++) {
    const answer = await sendOut(access.out, {
      url,
      method,
      headers: {
        'x-shopify-access-token': await tokenOf(access),
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      timeout_ms: 30_000,
      largest_bytes: 50_000_000,
    });
    if (answer.status === 429) {
      const seconds = retryAfter(answer);
      if (seconds > longestWait_seconds || attempt >= mostTries)
        throw new ConnectorError('throttled', 'Shopify asks to be asked less often. It is tried again by itself.', seconds);
      await wait(seconds * 1000);
      continue;
    }
    // A token may have been withdrawn before its time; ask for a new one once.
    if (answer.status === 401 && !renewed && !access.secrets.access_token) {
      renewed = true;
      tokens.delete(tokenKey(access));
      continue;
    }
    if (answer.status >= 400) throw refusalOf(answer, path, query);
    if (isNearlyFull(answer)) await wait(breath_ms);
    return { headers: answer.headers, json: jsonOf(answer), observedAt: timeOf(access, answer) };
  }
};

const retryAfter = (answer: OutgoingAnswer): number => {
  const seconds = Number.parseFloat(answer.headers['retry-after'] ?? '');
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : 2;
};

/** "39/40" */
const isNearlyFull = (answer: OutgoingAnswer): boolean => {
  const [used, size] = (answer.headers['x-shopify-shop-api-call-limit'] ?? '').split('/').map(Number);
  return size > 0 && used / size >= fullShare;
};

/** When Shopify looked, by its own clock; the second it names has begun by then, so it is never too late. */
const timeOf = (access: Access, answer: OutgoingAnswer): Date => {
  const said = Date.parse(answer.headers.date ?? '');
  return Number.isNaN(said) ? access.out.clock.now() : new Date(said);
};

const jsonOf = (answer: OutgoingAnswer): Record<string, unknown> => {
  if (answer.body.length === 0) return {};
  try {
    const json = parseExact(answer.body.toString('utf8'));
    if (json !== null && typeof json === 'object') return json as Record<string, unknown>;
  } catch {
    // falls through: whatever this is, it is no answer of the API
  }
  throw new ConnectorError('bad_answer', 'What answered is not Shopify’s API. Check the shop’s address.');
};

const refusalOf = (answer: OutgoingAnswer, path: string, query: Query): ConnectorError => {
  const what = path.split('/').at(-1)?.replace('.json', '') ?? path;
  if (answer.status === 401)
    return new ConnectorError(
      'unauthorised',
      'Shopify does not accept the credentials. Copy them again from the app’s settings and save them here.',
    );
  if (answer.status === 403)
    return new ConnectorError(
      'forbidden',
      `The app may not read or change "${what}". Add the missing scopes to the app, release it and approve it in the shop.`,
    );
  if (answer.status === 402 || answer.status === 423)
    return new ConnectorError(
      'forbidden',
      'The shop is frozen or locked at Shopify. Settle that in Shopify’s admin; reading goes on by itself.',
    );
  if (answer.status === 404)
    return new ConnectorError('not_found', `Shopify has no "${what}" at this address. Check the shop’s address.`);
  if (answer.status === 400 && query.page_info) return new ConnectorError('bad_page', 'The page mark is too old.');
  if (answer.status >= 500)
    return new ConnectorError('bad_answer', `Shopify has trouble of its own (${answer.status}). It is tried again by itself.`);
  return new ConnectorError(
    'bad_answer',
    `Shopify refused a request for "${what}" (${answer.status}: ${answer.body.toString('utf8').slice(0, 200)}).`,
  );
};

// ---- tokens ------------------------------------------------------------------------------------------------------------

const tokens = new Map<string, { token: string; until: number }>();
const tokenKey = (access: Access): string => `${access.connectionId} ${access.secretsVersion} ${access.settings.client_id ?? ''}`;

/** Apps of the Dev Dashboard exchange client id and secret for a token of 24 hours; older custom apps were shown a lasting one. */
const tokenOf = async (access: Access): Promise<string> => {
  if (access.secrets.access_token) return access.secrets.access_token;
  const key = tokenKey(access);
  const known = tokens.get(key);
  const now = access.out.clock.now().getTime();
  if (known && known.until > now) return known.token;
  const answer = await sendOut(access.out, {
    url: `${baseOf(access)}/admin/oauth/access_token`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: access.settings.client_id ?? '',
      client_secret: access.secrets.client_secret ?? '',
    }).toString(),
  });
  if (answer.status >= 500 || answer.status === 429)
    throw new ConnectorError('bad_answer', `Shopify has trouble of its own (${answer.status}). It is tried again by itself.`);
  const said = answer.status === 200 ? jsonOf(answer) : {};
  if (typeof said.access_token !== 'string')
    throw new ConnectorError(
      'unauthorised',
      'Shopify does not accept this client ID and secret for this shop. Check both, and that the app is installed in a shop of your own organisation.',
    );
  const seconds = typeof said.expires_in === 'number' ? said.expires_in : 3_600;
  tokens.set(key, { token: said.access_token, until: now + Math.max(60, seconds - tokenMargin_seconds) * 1000 });
  return said.access_token;
};

// ---- pages -------------------------------------------------------------------------------------------------------------

/** The mark of the next page out of a Link header: only the mark is kept, never the address. */
export const nextPage = (link: string | undefined): string | null => {
  for (const part of (link ?? '').split(',')) {
    const match = /<([^>]+)>\s*;\s*rel="?next"?/.exec(part);
    if (match && URL.canParse(match[1])) return new URL(match[1]).searchParams.get('page_info');
  }
  return null;
};
