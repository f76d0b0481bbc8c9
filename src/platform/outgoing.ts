/**
 * The one way out: every request to the outside world. An address that somebody typed in must not reach this machine or its
 * neighbours (SSRF), so only public unicast addresses are spoken to, checked on the literal and on every resolved address, and the
 * checked address is the one connected to. No redirects: a 3xx is returned as it is. Short times, limited sizes.
 */
import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { PassThrough, type Readable } from 'node:stream';
import ipaddr from 'ipaddr.js';
import { Agent, type Dispatcher, request as undiciRequest } from 'undici';
import type { Config } from './config.ts';

export type OutgoingRequest = {
  /** https, or http too for a private host that the installation allows (config `privateHosts`). */
  url: string;
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** For the whole exchange; for `openOut`, until the headers and then between two pieces of the body. Default 10 s. */
  timeout_ms?: number;
  /** Of the answer. Default 10 MB. */
  largest_bytes?: number;
};
export type OutgoingAnswer = { status: number; headers: Record<string, string>; body: Buffer };
export type OutgoingStream = { status: number; headers: Record<string, string>; body: Readable };

export type OutgoingTrouble = 'bad_url' | 'refused_address' | 'unreachable' | 'timeout' | 'too_large';

/** What may go wrong outside; `message` is a sentence for people and names the host, never the whole address (it may hold a secret). */
export class OutgoingError extends Error {
  readonly code: OutgoingTrouble;
  constructor(code: OutgoingTrouble, message: string) {
    super(message);
    this.name = 'OutgoingError';
    this.code = code;
  }
}

type Needs = { config: Pick<Config, 'privateHosts'> };

const usual = { timeout_ms: 10_000, largest_bytes: 10_000_000 };

/** Sends and reads the whole answer. Throws OutgoingError. */
export const sendOut = async (context: Needs, request: OutgoingRequest): Promise<OutgoingAnswer> => {
  const signal = AbortSignal.timeout(request.timeout_ms ?? usual.timeout_ms);
  const { status, headers, body } = await open(context, request, signal);
  const largest = request.largest_bytes ?? usual.largest_bytes;
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of body) {
      size += piece.length;
      if (size > largest) throw tooLarge(request.url, largest);
      pieces.push(piece);
    }
  } catch (error) {
    body.destroy();
    throw asOutgoing(error, request.url);
  }
  return { status, headers, body: Buffer.concat(pieces) };
};

/** Sends and hands the body on as a stream, for files. The stream fails with an OutgoingError when it grows too large or stops. */
export const openOut = async (context: Needs, request: OutgoingRequest): Promise<OutgoingStream> => {
  const { status, headers, body } = await open(context, request);
  const largest = request.largest_bytes ?? usual.largest_bytes;
  const out = new PassThrough();
  let size = 0;
  body.on('data', (piece: Buffer) => {
    size += piece.length;
    if (size > largest) out.destroy(tooLarge(request.url, largest));
  });
  body.on('error', error => out.destroy(asOutgoing(error, request.url)));
  out.on('close', () => body.destroy());
  body.pipe(out);
  return { status, headers, body: out };
};

/** Checks an address as far as that goes without connecting: for a form that stores it. Throws OutgoingError. */
export const checkOutgoingUrl = (context: Needs, url: string): URL => {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed || !['https:', 'http:'].includes(parsed.protocol))
    throw new OutgoingError('bad_url', 'This is not a web address. Write it in full, beginning with https://.');
  if (parsed.username !== '' || parsed.password !== '')
    throw new OutgoingError('bad_url', 'Leave the user name and password out of the address; give them in their own fields.');
  if (isAllowedPrivate(context, parsed)) return parsed;
  if (parsed.protocol === 'http:')
    throw new OutgoingError(
      'bad_url',
      `${parsed.host} must be reached with https://. Change the address, or ask for https there.`,
    );
  const literal = parsed.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) && !isPublic(literal)) throw refusedAddress(parsed.hostname);
  return parsed;
};

const open = async (
  context: Needs,
  request: OutgoingRequest,
  signal?: AbortSignal,
): Promise<{ status: number; headers: Record<string, string>; body: Dispatcher.ResponseData['body'] }> => {
  const url = checkOutgoingUrl(context, request.url);
  const timeout_ms = request.timeout_ms ?? usual.timeout_ms;
  try {
    const answer = await undiciRequest(url, {
      method: request.method ?? 'GET',
      headers: { 'user-agent': 'Regulars', ...request.headers },
      body: request.body,
      dispatcher: isAllowedPrivate(context, url) ? privateAgent : publicAgent,
      headersTimeout: timeout_ms,
      bodyTimeout: timeout_ms,
      signal,
    });
    const headers = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
    );
    return { status: answer.statusCode, headers, body: answer.body };
  } catch (error) {
    throw asOutgoing(error, request.url);
  }
};

const isAllowedPrivate = (context: Needs, url: URL): boolean => {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return context.config.privateHosts.some(host => host === url.hostname || host === `${url.hostname}:${port}`);
};

/** IPv4-mapped and translated forms are read as the IPv4 address they lead to. */
const isPublic = (address: string): boolean => {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  // 2002::/16 and 64:ff9b::/96 have ranges of their own; what is left of IPv6 must lie in 2000::/3 to be routed at all.
  return parsed.kind() === 'ipv4' || (Number((parsed as ipaddr.IPv6).parts[0]) & 0xe000) === 0x2000;
};

/** All addresses of a name must be public: one that is not shows a name made to slip through. The checked ones are connected to. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    if (addresses.length === 0 || !addresses.every(one => isPublic(one.address)))
      return callback(refusedAddress(hostname), '', 0);
    if (options.all) return callback(null, addresses);
    callback(null, addresses[0].address, addresses[0].family);
  });
};

// An agent holds idle connections only; one per kind serves the whole process.
const agentOptions = { connections: 20, keepAliveTimeout: 10_000 };
const publicAgent = new Agent({ ...agentOptions, connect: { lookup: publicLookup, timeout: usual.timeout_ms } });
const privateAgent = new Agent({ ...agentOptions, connect: { timeout: usual.timeout_ms } });

const refusedAddress = (host: string): OutgoingError =>
  new OutgoingError(
    'refused_address',
    `${host} leads to a private address, which is not spoken to. If it is yours and meant, name it in PRIVATE_HOSTS and start again.`,
  );
const tooLarge = (url: string, largest_bytes: number): OutgoingError =>
  new OutgoingError(
    'too_large',
    `The answer of ${hostOf(url)} is larger than ${Math.round(largest_bytes / 1e6)} MB. Ask for less, or in portions.`,
  );
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'that address');

/** The cause may lie below: undici wraps what the lookup or the socket says. */
const asOutgoing = (error: unknown, url: string): OutgoingError => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof OutgoingError) return cause;
  const { name = '', code = '' } = (error ?? {}) as { name?: string; code?: string };
  const host = hostOf(url);
  if (name === 'TimeoutError' || /TIMEOUT/.test(code))
    return new OutgoingError('timeout', `${host} did not answer in time. It is tried again later; check that it is up.`);
  return new OutgoingError(
    'unreachable',
    `${host} cannot be reached (${code || name || 'no answer'}). Check the address and that it is up.`,
  );
};
