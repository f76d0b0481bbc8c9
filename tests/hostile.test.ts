/**
 * Bad input, everywhere: every door of every contract gets garbage, wrong types, NUL bytes, deep nesting, injections and worse.
 * Never a 500; a refusal leaves nothing behind; the house still stands afterwards.
 */
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, openFrontDoor } from '../src/features/access/front-door.ts';
import { features } from '../src/features.ts';
import { startTestHouse, type TestHouse } from '../src/platform/testing.ts';
import { checksumsBut } from './checksums.ts';
import { type Furnished, furnish, knownParams } from './furnish.ts';
import { type Door, doorsOf, paramsOf, pathOf, queryText, type Schema, sampleOf, schemaOf } from './sample.ts';

let house: TestHouse;
let door: Awaited<ReturnType<typeof openFrontDoor>>;
let owner: Browser;
let furnished: Furnished;

beforeAll(async () => {
  house = await startTestHouse({ features });
  door = await openFrontDoor(house.context, features);
  owner = await door.setUpOwner();
  furnished = await furnish(house, owner, doors);
});
afterAll(async () => {
  await door?.close();
  await house?.close();
});

/** Left out: streams that never end, and doors whose success would end this very login. */
const endsLogin = new Set([
  'DELETE /api/login',
  'DELETE /api/sessions',
  'POST /api/login',
  'POST /api/setup',
  'POST /api/password/reset',
]);
const label = ({ route }: Door) => `${route.method} ${route.path}`;
const doors = doorsOf(features).filter(one => one.route.path !== '/api/live');
const safeDoors = doors.filter(one => !endsLogin.has(label(one)));
const withBody = doors.filter(one => one.route.body && !one.route.upload);

const checksums = checksumsBut(
  'platform.audit',
  'platform.audit_pending',
  'platform.audit_chain',
  'access.session',
  'access.attempt',
  'platform.schedule',
);

type Raw = { method: string; url: string; headers?: Record<string, string>; payload?: string | Buffer };
const send = async ({ method, url, headers = {}, payload }: Raw) => {
  try {
    const answer = await door.app.inject({
      method: method as 'GET',
      url,
      headers: { cookie: owner.cookie(), ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
    return { status: answer.statusCode, text: answer.body };
  } catch (error) {
    throw new Error(`${method} ${url.slice(0, 300)}: ${error}`);
  }
};

/** Answers that are neither a bug nor a silence; `sent` says what to try by hand. */
const expectNoBug = (answer: { status: number; text: string }, sent: string) => {
  expect(answer.status, `${sent} -> ${answer.text.slice(0, 400)}`).not.toBe(500);
  expect(answer.status, sent).toBeGreaterThanOrEqual(200);
};

/** About a record that exists, where one does. */
const addressOf = (one: Door): string => pathOf(one.route, { ...paramsOf(one.route), ...knownParams(furnished.known, one) });
const keyOf = ({ route }: Door): Record<string, string> => (route.needs === 'write-key' ? furnished.ingest : {});

const json = { 'content-type': 'application/json' };
const deep = (open: string, close: string, levels: number) => open.repeat(levels) + close.repeat(levels);

describe('bodies that are not what the contract says', () => {
  const bodies: [string, string | Buffer][] = [
    ['nothing', ''],
    ['half an object', '{"name":'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a text', '"text"'],
    ['a number', '1e309'],
    ['a NUL byte', '{"name":"\0"}'],
    ['an escaped NUL', '{"name":"\\u0000","email":"\\u0000@x.example"}'],
    ['half a surrogate pair', '{"name":"\\ud800"}'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['a byte order mark', '\ufeff{}'],
    ['a prototype', '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'],
    ['deep lists', deep('[', ']', 100_000)],
    ['deep objects', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
    ['a deep definition', `{"definition":${'{"not":'.repeat(3000)}{}${'}'.repeat(3000)}}`],
    ['many keys', JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, i])))],
    [
      'all kinds of wrong types',
      '{"name":{},"email":[],"version":"x","verbs":{"length":1e9},"definition":1,"limit":{},"id":null}',
    ],
  ];

  it.each(bodies)('%s', async (name, payload) => {
    const before = await checksums(house.context.postgres);
    let refusedAll = true;
    for (const one of withBody) {
      const answer = await send({
        method: one.route.method,
        url: addressOf(one),
        headers: json,
        payload,
      });
      expectNoBug(answer, `${label(one)} with ${name}`);
      if (answer.status < 400) refusedAll = false;
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    if (refusedAll) expect(await checksums(house.context.postgres)).toEqual(before);
  });

  it('a body over the limit is 413, whatever its kind', async () => {
    for (const one of withBody) {
      const payload = JSON.stringify({ name: 'x'.repeat((one.route.bodyLimit ?? 1 << 20) + 10) });
      const answer = await send({
        method: one.route.method,
        url: addressOf(one),
        headers: json,
        payload,
      });
      expect(answer.status, label(one)).toBe(413);
    }
  });

  it.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'nonsense',
    'application/json-patch+json',
  ])('content type %s is refused', async type => {
    const before = await checksums(house.context.postgres);
    for (const one of withBody.filter(({ route }) => route.path.startsWith('/api/'))) {
      const fitting = JSON.stringify(sampleOf(schemaOf(one.route.body!)));
      const answer = await send({
        method: one.route.method,
        url: addressOf(one),
        headers: { 'content-type': type },
        payload: fitting,
      });
      expect(answer.status, `${label(one)}: ${answer.text.slice(0, 200)}`).toBe(415);
    }
    expect(await checksums(house.context.postgres)).toEqual(before);
  });
});

const hostile: [string, string][] = [
  ['an SQL quote', "'; drop schema customers cascade; --"],
  ['an SQL comment', '*/ union select null, version() --'],
  ['a backslash', "\\' or 1=1 #"],
  ['a ClickHouse injection', "') settings max_execution_time=0; select * from system.users format JSON --"],
  ['a placeholder', '{name:Identifier} $' + '{x} $1 {{name}} %s'],
  ['a NUL', 'a\0b'],
  ['half a surrogate pair', 'a\ud800b'],
  ['control characters and line breaks', 'a\r\nSet-Cookie: x=y\u0007\u202e\ufeff'],
  ['an element', '<img src=x onerror=alert(1)><script>alert(1)</script>'],
  ['a path', '../../../../etc/passwd%00.csv'],
  ['a prototype name', '__proto__'],
  ['the empty text', ''],
  ['very long', 'x'.repeat(100_000)],
  ['a date that is none', '2011-02-30'],
  ['a year far away', '+275760-09-13T00:00:00Z'],
  ['a number too large', '99999999999999999999'],
];

describe('hostile texts in every text of every contract', () => {
  const positionsIn = (schema: Schema): string[] => {
    const found = new Set<string>();
    sampleOf(schema, {
      optional: true,
      text: (path, fitting) => {
        found.add(path);
        return fitting;
      },
    });
    return [...found];
  };
  type Part = 'params' | 'query' | 'body';
  const attack = (one: Door, pick: (part: Part, path: string, fitting: string) => string): Raw => {
    const options = (part: Part) => ({ optional: true, text: (path: string, fitting: string) => pick(part, path, fitting) });
    const { route } = one;
    const query = route.query ? (sampleOf(schemaOf(route.query), options('query')) as Record<string, unknown>) : {};
    const body = route.body && !route.upload ? sampleOf(schemaOf(route.body), options('body')) : undefined;
    const fitting: Record<string, string> = { ...paramsOf(route), ...knownParams(furnished.known, one) };
    const params = Object.fromEntries(Object.entries(fitting).map(([name, value]) => [name, pick('params', name, value)]));
    return {
      method: route.method,
      url: pathOf(route, params) + queryText(query),
      headers: { ...(body === undefined ? {} : json), ...keyOf(one) },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    };
  };

  it.each(hostile)('%s in all of them at once', async (_name, text) => {
    for (const one of safeDoors) {
      const raw = attack(one, () => text);
      if (raw.url.length < 15_000)
        expectNoBug(await send(raw), `${raw.method} ${raw.url.slice(0, 300)} ${raw.payload?.slice(0, 300)}`);
    }
  });

  it.each(hostile)('%s in one after the other, the rest fitting', async (_name, text) => {
    for (const one of safeDoors) {
      for (const part of ['params', 'query', 'body'] as const) {
        const type = one.route[part];
        if (!type || (part === 'body' && one.route.upload)) continue;
        for (const position of positionsIn(schemaOf(type))) {
          const raw = attack(one, (where, path, fitting) => (where === part && path === position ? text : fitting));
          if (raw.url.length > 15_000) continue;
          expectNoBug(
            await send(raw),
            `${part}.${position} of ${label(one)}: ${raw.url.slice(0, 300)} ${raw.payload?.slice(0, 500)}`,
          );
        }
      }
    }
  });

  it('cursors that nobody handed out', async () => {
    const forged = [
      {},
      [],
      null,
      'x',
      { id: 'x' },
      { id: Number.POSITIVE_INFINITY },
      { sort: 'name', value: {}, id: [] },
      { value: "'", id: -1 },
      [1, 2, 3],
      { at: 'never' },
    ];
    const cursors = [
      ...forged.map(one => Buffer.from(JSON.stringify(one)).toString('base64url')),
      '%%%',
      'MA',
      '0',
      '-1',
      'x'.repeat(400),
    ];
    for (const one of safeDoors.filter(
      ({ route }) => route.method === 'GET' && route.query && 'cursor' in (schemaOf(route.query).properties ?? {}),
    )) {
      for (const cursor of cursors) {
        const url = addressOf(one) + queryText({ cursor });
        expectNoBug(await send({ method: 'GET', url }), url);
      }
    }
  });

  it('parameters twice, as lists, without names, with brackets', async () => {
    for (const one of safeDoors.filter(({ route }) => route.method === 'GET')) {
      const path = addressOf(one);
      for (const query of [
        'limit=1&limit=2',
        'limit[]=1',
        'limit=NaN',
        'limit=1e99',
        'query=a&query=b',
        '__proto__=1&constructor=2',
        '=&&==',
        '%',
        '%ff=%ff',
        'as_of=0000-00-00',
      ]) {
        expectNoBug(await send({ method: 'GET', url: `${path}?${query}` }), `${path}?${query}`);
      }
    }
  });

  it('paths that are none', async () => {
    for (const url of [
      '/api/customers/%00',
      '/api/customers/%ff',
      '/api/customers/%2e%2e%2fstaff',
      '/api//customers',
      `/api/${'x/'.repeat(2000)}`,
      '/api/customers/1%0d%0aSet-Cookie:x',
      '/%c0%ae%c0%ae/etc/passwd',
      '/assets/../../package.json',
      '/api/customers/999999999999999999999',
    ]) {
      const answer = await send({ method: 'GET', url });
      expect([400, 404, 414], `${url} -> ${answer.status}`).toContain(answer.status);
    }
  });

  it('headers', async () => {
    const all: Record<string, string>[] = [
      { 'idempotency-key': 'x'.repeat(300) },
      { 'idempotency-key': '\u00ff\u00fe' },
      { cookie: 'regulars_3000=%00' },
      { cookie: `regulars_3000=${'x'.repeat(8000)}` },
      { cookie: '=;=;regulars_3000' },
      { authorization: 'Bearer ' },
      { authorization: `Bearer ${'x'.repeat(5000)}` },
      { authorization: 'Basic !!!!' },
      { authorization: `Basic ${Buffer.from('\0:\0').toString('base64')}` },
      { 'x-forwarded-for': '"><script>' },
      { 'user-agent': "'; drop table access.session; --" },
      { 'accept-language': 'x'.repeat(5000) },
      { 'content-encoding': 'gzip' },
      { origin: 'not a url' },
    ];
    for (const headers of all) {
      const payload = JSON.stringify({ email: 'nobody@shop.example', password: 'wrong wrong' });
      for (const url of ['/api/login', '/api/api-keys', '/v1/track', '/v1/batch']) {
        expectNoBug(
          await send({ method: 'POST', url, headers: { ...json, ...headers }, payload }),
          `${url} ${JSON.stringify(headers).slice(0, 100)}`,
        );
      }
    }
  });
});

describe('uploads that are none', () => {
  const uploads = doors.filter(one => one.route.upload);
  const part = (head: string, content: string | Buffer) =>
    Buffer.concat([Buffer.from(`--b\r\n${head}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n--b--\r\n')]);
  const file = (name: string, content: string | Buffer) =>
    part(`Content-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/csv`, content);

  it.each([
    ['no parts', Buffer.from('--b--\r\n')],
    ['cut off', file('x.csv', 'a,b\n1,2').subarray(0, 90)],
    ['not multipart at all', Buffer.from('{"file":"x"}')],
    ['a field instead of a file', part('Content-Disposition: form-data; name="file"', 'x')],
    ['an empty file', file('x.csv', '')],
    ['a name that climbs', file('../../../../tmp/evil.csv', 'a,b\n1,2\n')],
    ['a name with a NUL and markup', file('<img src=x>\0.csv', 'a,b\n1,2\n')],
    ['random bytes', file('x.csv', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)))],
    ['broken gzip', file('x.csv.gz', Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), Buffer.alloc(500, 7)]))],
    ['one endless line', file('x.csv', 'x'.repeat(3_000_000))],
    ['an open quote', file('x.csv', `a,b\n"${'x\n'.repeat(50_000)}`)],
    ['NUL bytes between', file('x.csv', 'a\0,b\0\n1\0,2\0\n')],
  ])('%s', async (name, payload) => {
    for (const one of uploads) {
      for (const query of ['', '?kind=customers', '?kind=order_lines', "?kind='"]) {
        const url = addressOf(one) + query;
        expectNoBug(
          await send({ method: one.route.method, url, headers: { 'content-type': 'multipart/form-data; boundary=b' }, payload }),
          `${url} with ${name}`,
        );
      }
    }
  });
});

describe('on a real socket', () => {
  let port = 0;
  beforeAll(async () => {
    await door.app.listen({ port: 0, host: '127.0.0.1' });
    port = (door.app.server.address() as AddressInfo).port;
  });

  /** The first line that comes back, or '' when the server hung up. */
  const talk = (bytes: string): Promise<string> =>
    new Promise(resolve => {
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      let got = '';
      socket.setTimeout(3000, () => socket.destroy());
      socket.on('data', chunk => {
        got += String(chunk);
        socket.destroy();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(got.split('\r\n')[0]));
    });

  it.each([
    ['noise', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n'],
    ['a header without end', `GET /api/me HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['two lengths', 'POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'],
    [
      'length and chunks',
      'POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'a bad chunk',
      'POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n',
    ],
    ['no host', 'GET /api/me HTTP/1.1\r\n\r\n'],
  ])('%s is refused and the next caller is served', async (_name, bytes) => {
    expect(await talk(bytes)).not.toContain(' 500 ');
    expect(await talk('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')).toContain(' 200 ');
  });

  it('a caller who hangs up in the middle of a body breaks nothing', async () => {
    for (let i = 0; i < 20; i++) {
      await new Promise<void>(resolve => {
        const request = httpRequest({
          port,
          host: '127.0.0.1',
          method: 'POST',
          path: '/api/login',
          headers: { 'content-type': 'application/json', 'content-length': 1000 },
        });
        request.on('error', () => resolve());
        request.on('close', () => resolve());
        request.write('{"email":"a');
        setTimeout(() => request.destroy(), 5);
      });
    }
    expect(await talk('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')).toContain(' 200 ');
  });
});

it('afterwards the house stands: the owner is in, the background work runs dry, nothing is stuck', async () => {
  expect((await owner.send('GET', '/api/me')).status).toBe(200);
  // One of the doors loads the demo shop, which has tests of its own and takes minutes.
  await house.context.postgres`update platform.job set state = 'cancelled' where name = 'demo.load' and state = 'queued'`;
  await house.drain();
  const [{ dead }] = await house.context.postgres`select count(*) as dead from platform.delivery where dead`;
  expect(dead).toBe(0);
  expect((await owner.send('GET', '/api/audit/verify')).body.ok).toBe(true);
});
