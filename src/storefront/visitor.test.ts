import { expect, test } from 'vitest';
import { withoutSecrets } from './page-info.ts';
import { openStore } from './storage.ts';
import { openStopwatch } from './time-on-page.ts';
import { newId, openKept, rootDomain } from './visitor.ts';

/** A browser's cookies: refuses domains that are public, or not the page's. */
const jarOf = (hostname: string) => {
  const kept = new Map<string, { value: string; domain: string }>();
  const publics = ['com', 'co.uk', 'myshopify.com', 'uk'];
  return {
    kept,
    get cookie() {
      return [...kept].map(([name, { value }]) => `${name}=${value}`).join('; ');
    },
    set cookie(text: string) {
      const [pair, ...rest] = text.split('; ');
      const [name, value] = pair.split('=');
      const domain = rest.find(one => one.startsWith('domain='))?.slice(7) ?? '';
      if (domain && (publics.includes(domain) || !`.${hostname}`.endsWith(`.${domain}`))) return;
      if (rest.includes('max-age=0')) kept.delete(name);
      else kept.set(name, { value, domain });
    },
  };
};

test.each([
  ['shop.example.com', 'example.com'],
  ['www.shop.example.co.uk', 'example.co.uk'],
  ['tea.myshopify.com', 'tea.myshopify.com'],
  ['127.0.0.1', ''],
  ['localhost', ''],
  ['[::1]', ''],
])('%s keeps its cookies on "%s"', (hostname, domain) => {
  const jar = jarOf(hostname);
  expect(rootDomain(jar, { hostname, protocol: 'https:' })).toBe(domain);
  expect(jar.cookie).toBe('');
});

test('kept twice, each mends the other, and forgotten is forgotten', () => {
  const jar = jarOf('shop.example.com');
  const memory = new Map<string, string>();
  const storage = {
    getItem: (name: string) => memory.get(name) ?? null,
    setItem: (name: string, value: string) => void memory.set(name, value),
    removeItem: (name: string) => void memory.delete(name),
  } as unknown as Storage;
  const kept = openKept(
    jar,
    { hostname: 'shop.example.com', protocol: 'https:' },
    openStore(() => storage),
  );
  kept.set('regulars_id', 'a');
  expect([jar.kept.get('regulars_id'), memory.get('regulars_id')]).toEqual([{ value: 'a', domain: 'example.com' }, 'a']);
  jar.kept.clear();
  kept.set('regulars_id', kept.get('regulars_id') ?? 'b');
  memory.clear();
  kept.set('regulars_id', kept.get('regulars_id') ?? 'c');
  expect([jar.cookie, memory.get('regulars_id')]).toEqual(['regulars_id=a', 'a']);
  kept.forget('regulars_id');
  expect([jar.cookie, memory.size, kept.get('regulars_id')]).toEqual(['', 0, null]);
});

test('ids are UUIDs of version 4, never the same', () => {
  const ids = Array.from({ length: 200 }, newId);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(200);
});

test.each([
  ['https://s.example/a?x=1&reset_token=abc&y=2', 'https://s.example/a?x=1&reset_token=&y=2'],
  ['?email=a%40b.c&q=tea', '?email=&q=tea'],
  ['?code=SPRING&utm_source=news', '?code=SPRING&utm_source=news'],
])('%s is sent as %s', (address, sent) => {
  expect(withoutSecrets(address)).toBe(sent);
});

test('the stopwatch counts what was seen, and begins anew when it has told', () => {
  let now = 0;
  const watch = openStopwatch(() => now);
  watch.start();
  now = 2_400;
  watch.pause();
  now = 60_000;
  expect(watch.take()).toBe(2);
  expect(watch.take()).toBe(0);
  watch.start();
  now = 60_300;
  expect(watch.take()).toBe(0);
  now = 61_000;
  watch.pause();
  expect(watch.take()).toBe(1);
});
