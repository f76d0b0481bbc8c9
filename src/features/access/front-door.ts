/** For tests: browsers and keys that walk through the real front door, cookies and all. */
import type { FastifyInstance, InjectOptions } from 'fastify';
import { buildApp } from '../../platform/app.ts';
import type { Context } from '../../platform/context.ts';
import type { Feature } from '../../platform/feature.ts';
import { once } from '../../platform/idempotency.ts';
import { authenticate } from './authenticate.ts';
import { cookieName } from './session.ts';
import { ownerLink } from './set-up.ts';
import { createWatch } from './watch.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests read answers without ceremony
export type Answer = { status: number; body: any; headers: Record<string, unknown>; text: string };
type Extra = { headers?: Record<string, string>; from?: string };

export type Browser = {
  send: (method: InjectOptions['method'], path: string, body?: unknown, extra?: Extra) => Promise<Answer>;
  /** Its session cookie, '' when signed out. */
  cookie: () => string;
  setCookie: (cookie: string) => void;
};

export const ownerOf = { name: 'Olga Owner', email: 'olga@shop.example', password: 'three wet umbrellas' };

export const openFrontDoor = async (context: Context, features: readonly Feature[]) => {
  const watch = createWatch(context, features);
  const app: FastifyInstance = await buildApp({ context, features, authenticate, watch, once });

  const newBrowser = (options: { bearer?: string; from?: string } = {}): Browser => {
    const jar = new Map<string, string>();
    const keep = (text: string): void => {
      const [pair] = text.split(';');
      const at = pair.indexOf('=');
      if (pair.slice(at + 1) === '') jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    };
    const header = (): string => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    return {
      cookie: () =>
        [...jar]
          .filter(([name]) => name === cookieName(context.config))
          .map(([name, value]) => `${name}=${value}`)
          .join(''),
      setCookie: text => {
        jar.clear();
        for (const one of text.split('; ')) keep(one);
      },
      send: async (method, path, body, extra = {}) => {
        const response = await app.inject({
          method,
          url: path,
          remoteAddress: extra.from ?? options.from ?? '203.0.113.7',
          headers: {
            ...(jar.size > 0 ? { cookie: header() } : {}),
            ...(options.bearer ? { authorization: `Bearer ${options.bearer}` } : {}),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...extra.headers,
          },
          ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
        });
        const set = response.headers['set-cookie'];
        for (const one of set === undefined ? [] : [set].flat()) keep(String(one));
        const json = String(response.headers['content-type'] ?? '').includes('json');
        return {
          status: response.statusCode,
          headers: response.headers,
          text: response.body,
          body: json ? response.json() : null,
        };
      },
    };
  };

  /** Makes the owner as the printed link does, and hands over their browser. */
  const setUpOwner = async (): Promise<Browser> => {
    const link = await ownerLink(context, 'http://localhost');
    const browser = newBrowser();
    const token = decodeURIComponent(link!.split('#token=')[1]);
    const answer = await browser.send('POST', '/api/setup', {
      ...ownerOf,
      token,
      organisation: { name: 'Shop of Olga', home_currency: 'GBP', zone: 'Europe/London' },
    });
    if (answer.status !== 201) throw new Error(`Set-up answered ${answer.status}: ${answer.text}`);
    return browser;
  };

  /** Invites somebody into a role and accepts; hands over their browser. */
  const join = async (
    owner: Browser,
    role: string,
    email = `${role}@shop.example`,
    password = 'seven green bicycles',
  ): Promise<Browser & { id: string }> => {
    const roles = (await owner.send('GET', '/api/roles')).body.data as { id: string; code: string | null; name: string }[];
    const invited = await owner.send('POST', '/api/staff', {
      name: `Somebody ${role}`,
      email,
      role_id: roles.find(one => (one.code ?? one.name) === role)!.id,
    });
    const browser = newBrowser();
    const accepted = await browser.send('POST', '/api/password/reset', {
      token: invited.body.link.url.split('#token=')[1],
      password,
    });
    if (accepted.status !== 200) throw new Error(`The invitation answered ${accepted.status}: ${accepted.text}`);
    return { ...browser, id: invited.body.staff.id };
  };

  return { app, newBrowser, setUpOwner, join, watched: watch.settled, close: () => app.close() };
};
