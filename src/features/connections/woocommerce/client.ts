/** Speaks WooCommerce's REST API v3: Basic authentication, paging by header, and all the ways a shop on shared hosting can say no. */
import { setTimeout as pause } from 'node:timers/promises';
import { type OutgoingAnswer, OutgoingError, sendOut } from '../../../platform/outgoing.ts';
import { parseExact } from '../../tracking/index.ts';
import { type Access, ConnectorError } from '../connector.ts';

export type Asked = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  query?: Record<string, string | number>;
  body?: unknown;
  /** Below /wp-json; default "wc/v3". */
  root?: string;
};
export type Answered = {
  body: unknown;
  /** Records in all, from X-WP-Total; null where the answer is no list. */
  total: number | null;
  /** By the shop's own clock. */
  at: Date;
};

const tries = 3;
const longestWait_seconds = 5;

/** One question; waits out short pauses the host asks for. Throws ConnectorError, with what to do next. */
export const ask = async (access: Access, path: string, asked: Asked = {}): Promise<Answered> => {
  for (let attempt = 1; ; attempt++) {
    const answer = await send(access, path, asked);
    if (answer.status !== 429 && answer.status !== 503) return read(access, answer);
    const wait = retryAfter(answer, access.out.clock.now());
    if (wait > longestWait_seconds || attempt === tries)
      throw new ConnectorError(
        'throttled',
        `${hostOf(access)} asks for a pause (${answer.status}). Nothing is lost; it is asked again later.`,
        Math.max(wait, 30),
      );
    await pause(wait * 1000);
  }
};

/** A list's page; the answer must be one. */
export const askList = async (
  access: Access,
  path: string,
  asked: Asked = {},
): Promise<Answered & { body: Record<string, unknown>[] }> => {
  const answer = await ask(access, path, asked);
  if (!Array.isArray(answer.body)) throw noData(access);
  return { ...answer, body: answer.body.filter(isRecord) };
};

/** One record, or null when the shop has none of that id. */
export const askOne = async (
  access: Access,
  path: string,
  asked: Asked = {},
): Promise<(Answered & { body: Record<string, unknown> }) | null> => {
  try {
    const answer = await ask(access, path, asked);
    if (!isRecord(answer.body)) throw noData(access);
    return { ...answer, body: answer.body };
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_found') return null;
    throw error;
  }
};

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const hostOf = (access: Pick<Access, 'settings'>): string => new URL(access.settings.address).host;

const send = async (
  access: Access,
  path: string,
  { method = 'GET', query = {}, body, root = 'wc/v3' }: Asked,
): Promise<OutgoingAnswer> => {
  const url = new URL(`${access.settings.address}/wp-json/${root}${path === '' ? '' : `/${path}`}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  const credentials = Buffer.from(`${access.secrets.consumer_key}:${access.secrets.consumer_secret}`).toString('base64');
  try {
    return await sendOut(access.out, {
      url: url.href,
      method,
      headers: {
        authorization: `Basic ${credentials}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      timeout_ms: 30_000,
      largest_bytes: 40_000_000,
    });
  } catch (error) {
    if (!(error instanceof OutgoingError)) throw error;
    throw new ConnectorError(error.code === 'too_large' ? 'bad_answer' : 'unreachable', error.message);
  }
};

const retryAfter = ({ headers }: OutgoingAnswer, now: Date): number => {
  const given = headers['retry-after'] ?? '';
  if (/^\d+$/.test(given)) return Number(given);
  const until = Date.parse(given);
  return Number.isNaN(until) ? 30 : Math.max(0, (until - now.getTime()) / 1000);
};

const read = (access: Access, answer: OutgoingAnswer): Answered => {
  const { status, headers } = answer;
  const body = bodyOf(answer);
  if (status >= 200 && status < 300) {
    if (body === undefined) throw noData(access);
    const at = new Date(headers.date ?? '');
    return {
      body,
      total: /^\d+$/.test(headers['x-wp-total'] ?? '') ? Number(headers['x-wp-total']) : null,
      at: Number.isNaN(at.getTime()) ? access.out.clock.now() : at,
    };
  }
  throw refusalOf(access, status, headers, body);
};

/** undefined: it is a web page. Warnings that PHP prints in front of the data are passed over. */
const bodyOf = ({ body }: OutgoingAnswer): unknown => {
  const text = body.toString('utf8').trim();
  const start = /^[[{]/.test(text) ? 0 : text.search(/(?<=>\s*|\n)[[{]["{[\]}\d]/);
  if (start === -1) return undefined;
  try {
    return parseExact(text.slice(start));
  } catch {
    return undefined;
  }
};

const noData = (access: Access): ConnectorError =>
  new ConnectorError(
    'bad_answer',
    `${hostOf(access)} answered with a web page instead of data. It is tried again; if it stays, look at the PHP error log of the shop or switch off the plugin that was changed last.`,
  );

/** WooCommerce's own words (`code`, `message`) where there are some, and what to do about them. */
const refusalOf = (access: Access, status: number, headers: Record<string, string>, body: unknown): ConnectorError => {
  const host = hostOf(access);
  const { code = '', message = '' } = isRecord(body) ? (body as { code?: string; message?: string }) : {};
  const words = `${code} ${message}`;
  if (status >= 300 && status < 400)
    return new ConnectorError(
      'unreachable',
      `${host} sends us on to ${headers.location ?? 'another address'}. Give the address it really has.`,
    );
  if (/(read|write) permissions/.test(words))
    return new ConnectorError(
      'forbidden',
      'The key may only read. Make a new one with the permission Read/Write in WooCommerce > Settings > Advanced > REST API.',
    );
  if (status === 401 && /cannot_(view|list|create|edit)/.test(code))
    return new ConnectorError(
      'unauthorised',
      `${host} did not see the key. Its web server drops the Authorization header: ask the host to pass it on to PHP.`,
    );
  if (status === 401)
    return new ConnectorError(
      'unauthorised',
      `${host} does not know this key. Copy consumer key and consumer secret again, or make a new pair in WooCommerce > Settings > Advanced > REST API.`,
    );
  if (status === 403)
    return new ConnectorError(
      'forbidden',
      code === ''
        ? `${host} refuses us (403): a firewall or security plugin stands in front of the REST API. Allow /wp-json/wc/v3/ there.`
        : "The key's user may not see this. Make the key for an administrator or shop manager.",
    );
  if (status === 404)
    return new ConnectorError(
      'not_found',
      `${host} has no ${code === 'rest_no_route' ? 'WooCommerce REST API' : 'such record'}.`,
    );
  if (status === 400) return new ConnectorError('bad_answer', `${host} did not understand the question (${code || status}).`);
  return new ConnectorError(
    'bad_answer',
    `${host} answered with an error (${status}). It is tried again later; look at the PHP error log of the shop.`,
  );
};
