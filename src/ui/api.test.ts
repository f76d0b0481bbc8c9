import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ApiError, call, queryText } from './api.ts';
import { connection } from './connection.ts';

type Sent = { url: string; method: string; key: string | null; body: string | null };

/** A server that can be unplugged. */
const serverDouble = () => {
  const state = { reachable: true, sent: [] as Sent[] };
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    const headers = (init.headers ?? {}) as Record<string, string>;
    if (url !== '/healthz') {
      state.sent.push({
        url,
        method: init.method ?? 'GET',
        key: headers['idempotency-key'] ?? null,
        body: (init.body as string) ?? null,
      });
    }
    if (!state.reachable) throw new TypeError('Failed to fetch');
    if (url === '/api/refused') {
      return new Response(
        JSON.stringify({
          code: 'things.taken',
          detail: 'Choose another name.',
          values: { name: 'vip' },
          errors: [{ path: 'name', reason: 'Taken.' }],
        }),
        {
          status: 409,
          headers: { 'content-type': 'application/problem+json', 'retry-after': '7' },
        },
      );
    }
    if (url === '/api/broken') return new Response('<html>', { status: 502, headers: { 'content-type': 'text/html' } });
    return url === '/api/empty' ? new Response(null, { status: 204 }) : Response.json({ ok: true });
  });
  return state;
};

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('a call', () => {
  test('gives the answer, or nothing for 204', async () => {
    serverDouble();
    expect(await call('GET', '/api/things')).toEqual({ ok: true });
    expect(await call('DELETE', '/api/empty')).toBeUndefined();
  });

  test('turns a problem document into an ApiError with its fields', async () => {
    serverDouble();
    const error = await call('POST', '/api/refused', { name: 'vip' }).catch(refusal => refusal);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 409, code: 'things.taken', message: 'Choose another name.', retryAfterSeconds: 7 });
    expect(error.errors).toEqual([{ path: 'name', reason: 'Taken.' }]);
  });

  test('an answer that is no problem document is an ApiError all the same', async () => {
    serverDouble();
    expect(await call('GET', '/api/broken').catch(refusal => refusal)).toMatchObject({ status: 502, code: 'http.502' });
  });

  test('waits while the connection is lost and is sent again with the same Idempotency-Key and body', async () => {
    const server = serverDouble();
    server.reachable = false;
    const answer = call('POST', '/api/things', { name: 'Ana' });
    await vi.advanceTimersByTimeAsync(5000);
    expect(connection.lostSince()).not.toBeNull();
    expect(server.sent).toHaveLength(1);

    server.reachable = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await answer).toEqual({ ok: true });
    expect(connection.lostSince()).toBeNull();
    expect(server.sent).toHaveLength(2);
    expect(server.sent[1]).toEqual(server.sent[0]);
    expect(server.sent[0].key).toBeTruthy();
  });

  test('stops waiting when nobody wants the answer any more', async () => {
    const server = serverDouble();
    server.reachable = false;
    const stop = new AbortController();
    const answer = call('GET', '/api/things', undefined, { signal: stop.signal }).catch(error => error);
    await vi.advanceTimersByTimeAsync(100);
    stop.abort();
    expect((await answer).name).toBe('AbortError');
    server.reachable = true;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(server.sent).toHaveLength(1);
  });
});

test.each([
  [undefined, ''],
  [{}, ''],
  [{ query: 'a & b', limit: 50 }, '?query=a+%26+b&limit=50'],
  [{ tag: ['x', 'y'], none: undefined, empty: '', nil: null }, '?tag=x&tag=y'],
  [{ off: false, zero: 0 }, '?off=false&zero=0'],
])('query %j is written as %s', (query, expected) => {
  expect(queryText(query)).toBe(expected);
});
