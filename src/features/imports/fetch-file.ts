/** A file from a web address, through the one guarded way out. */
import type { Readable } from 'node:stream';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { checkOutgoingUrl, OutgoingError, openOut } from '../../platform/outgoing.ts';

export type Credentials = { auth: 'none' } | { auth: 'basic'; user: string; secret: string } | { auth: 'bearer'; secret: string };
export type Fetched =
  | { changed: false }
  | { changed: true; content: Readable; fileName: string; etag: string | null; lastModified: string | null };

const answer_ms = 60_000;
const fileLimit_bytes = 8 * 2 ** 30;

/** `since`: what the last answer said of its version; the same version answers `changed: false`. Errors: refused, with what the host did. */
export const fetchFile = async (
  context: Context,
  url: string,
  credentials: Credentials,
  since: { etag: string | null; lastModified: string | null } = { etag: null, lastModified: null },
): Promise<Fetched> => {
  const answer = await openOut(context, {
    url,
    headers: {
      accept: 'text/csv, text/plain, application/zip, application/gzip, */*',
      ...headersOf(credentials),
      ...(since.etag ? { 'if-none-match': since.etag } : {}),
      ...(since.lastModified ? { 'if-modified-since': since.lastModified } : {}),
    },
    timeout_ms: answer_ms,
    largest_bytes: fileLimit_bytes,
  }).catch(asRefusal);
  if (answer.status === 304) {
    answer.body.destroy();
    return { changed: false };
  }
  if (answer.status !== 200) {
    answer.body.destroy();
    throw badAnswer(url, answer.status);
  }
  return {
    changed: true,
    content: answer.body,
    fileName: fileNameOf(url, answer.headers['content-disposition'] ?? ''),
    etag: answer.headers.etag ?? null,
    lastModified: answer.headers['last-modified'] ?? null,
  };
};

/** As far as that goes without connecting. Errors: refused. */
export const checkUrl = (context: Context, url: string): void => {
  try {
    checkOutgoingUrl(context, url);
  } catch (error) {
    asRefusal(error);
  }
};

const headersOf = (credentials: Credentials): Record<string, string> => {
  if (credentials.auth === 'none') return {};
  if (credentials.auth === 'bearer') return { authorization: `Bearer ${credentials.secret}` };
  return { authorization: `Basic ${Buffer.from(`${credentials.user}:${credentials.secret}`).toString('base64')}` };
};

export const asRefusal = (error: unknown): never => {
  if (error instanceof OutgoingError) throw new Refusal('refused', `imports.url_${error.code}`, error.message);
  throw error;
};

const badAnswer = (url: string, status: number): Refusal => {
  const host = new URL(url).host;
  const what =
    status >= 300 && status < 400
      ? `${host} sends the request on to another address, which is not followed. Enter the address it leads to.`
      : status === 401 || status === 403
        ? `${host} does not let us in (${status}). Check the user name and the password or token.`
        : status === 404 || status === 410
          ? `${host} has no file at this address (${status}). Check the address.`
          : `${host} answered ${status} instead of a file. Try again later.`;
  return new Refusal('refused', 'imports.url_status', what, { values: { status } });
};

/** What the answer calls the file, else the end of the address. */
const fileNameOf = (url: string, disposition: string): string => {
  const stated = /filename\*?=(?:UTF-8'')?"?([^";]+)"?/i.exec(disposition)?.[1];
  const path = new URL(url).pathname.split('/').at(-1) ?? '';
  const name = decoded(stated ?? path)
    .split(/[\\/]/)
    .at(-1)!
    .trim();
  return name === '' ? 'file.csv' : name.slice(0, 200);
};
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
