import { expect, test } from 'vitest';
import { openQueue } from './queue.ts';
import { openStore } from './storage.ts';
import { readAnswer } from './transport.ts';

const limits = { events: 5, characters: 100, event_bytes: 40, batch_bytes: 60 };
/** localStorage of so many letters. */
const device = (room = 10_000): Storage => {
  const kept = new Map<string, string>();
  const used = () => [...kept].reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return {
    get length() {
      return kept.size;
    },
    key: (index: number) => [...kept.keys()][index] ?? null,
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => {
      if (used() + name.length + value.length > room) throw new Error('QuotaExceededError');
      kept.set(name, value);
    },
    removeItem: (name: string) => void kept.delete(name),
    clear: () => kept.clear(),
  };
};
let clock = 1_000;
const open = (storage: () => Storage, some = limits) => openQueue(openStore(storage), () => clock++, some);

test('first in, first out, as much as fits into a delivery; what has arrived is gone', () => {
  const queue = open(() => device0);
  const device0 = device();
  for (const n of [1, 2, 3]) queue.add(`{"n":${n},"x":"0123456789"}`);
  const batch = queue.batch();
  expect(batch.events.map(one => JSON.parse(one).n)).toEqual([1, 2]);
  queue.remove(batch.names);
  expect(queue.batch().events.map(one => JSON.parse(one).n)).toEqual([3]);
});

test('another tab sees them, and adds its own', () => {
  const shared = device();
  const [one, other] = [open(() => shared), open(() => shared)];
  one.add('1');
  other.add('2');
  one.add('3');
  expect(other.batch().events).toEqual(['1', '2', '3']);
});

test('beyond the caps the oldest go, and are counted until somebody has told', () => {
  const queue = open(() => storage);
  const storage = device();
  for (const n of [1, 2, 3, 4, 5, 6, 7]) queue.add(String(n));
  expect(queue.batch().events).toEqual(['3', '4', '5', '6', '7']);
  expect(queue.lost()).toBe(2);
  queue.forgive(2);
  expect(queue.lost()).toBe(0);
  expect(queue.add('x'.repeat(41))).toBeNull();
  expect(queue.lost()).toBe(1);
});

test.each<[string, () => Storage]>([
  [
    'blocked',
    () => {
      throw new Error('SecurityError');
    },
  ],
  ['full from the start', () => device(0)],
])('a device that is %s: events wait in memory', (_what, storage) => {
  const queue = open(storage);
  const name = queue.add('1');
  expect(queue.batch().events).toEqual(['1']);
  queue.remove([name ?? '']);
  expect(queue.batch().names).toEqual([]);
});

test('a full device makes room by its oldest event', () => {
  const small = device(75);
  const queue = open(() => small);
  queue.add('1');
  queue.add('2');
  queue.add('3');
  expect(queue.batch().events).toContain('3');
  expect(small.length).toBeGreaterThan(0);
});

// [status, Retry-After, failures before] -> null arrived, 'lose', 'stop', or at least and at most so many ms
test.each<[number, string | null, number, null | string | [number, number]]>([
  [200, null, 0, null],
  [202, null, 3, null],
  [400, null, 0, 'lose'],
  [413, null, 0, 'lose'],
  [401, null, 0, 'stop'],
  [0, null, 0, [500, 1_000]],
  [503, null, 4, [8_000, 16_000]],
  [503, null, 30, [150_000, 300_000]],
  [429, '20', 0, [20_000, 22_000]],
  [429, 'Wed, 21 Oct 2026 07:28:00 GMT', 0, [500, 1_000]],
])('%i, Retry-After %s, after %i failures', (status, retryAfter, failures, wanted) => {
  for (const random of [0, 0.5, 0.999]) {
    const what = readAnswer(status, retryAfter, failures, () => random);
    if (!Array.isArray(wanted)) expect(what).toBe(wanted);
    else {
      expect(what).toBeGreaterThanOrEqual(wanted[0]);
      expect(what).toBeLessThanOrEqual(wanted[1]);
    }
  }
});
