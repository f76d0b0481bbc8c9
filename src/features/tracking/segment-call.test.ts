import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExact } from './properties.ts';
import { type Call, type Delivery, isRejected, type RejectedCall, readDelivery } from './segment-call.ts';

const receivedAt = new Date('2026-11-21T12:00:00.000Z');
const shopId = '00000000-0000-7000-8000-000000000001';

const delivery = (body: unknown, more: Partial<Delivery> = {}): Delivery => ({
  id: 'd1',
  keyId: '00000000-0000-7000-8000-000000000002',
  shopId,
  trust: 'secret',
  demo: false,
  receivedAt,
  door: 'batch',
  body,
  ...more,
});
const readOne = (call: Record<string, unknown>, more: Partial<Delivery> = {}, envelope: Record<string, unknown> = {}) =>
  readDelivery(delivery({ batch: [call], ...envelope }, more))[0];
const track = { type: 'track', userId: 'u1', event: 'Product Viewed', messageId: 'm1' };

describe('what is refused, and why', () => {
  const table: [reason: string, call: unknown][] = [
    ['not_an_object', 'text'],
    ['not_an_object', null],
    ['not_an_object', [1]],
    ['unknown_type', { ...track, type: 'purchase' }],
    ['unknown_type', { userId: 'u1', event: 'x' }],
    ['no_identity', { type: 'track', event: 'x' }],
    ['no_identity', { type: 'track', event: 'x', userId: '', anonymousId: '   ' }],
    ['bad_id', { ...track, userId: { a: 1 } }],
    ['bad_id', { ...track, userId: 'x'.repeat(300) }],
    ['no_event_name', { ...track, event: undefined }],
    ['no_event_name', { ...track, event: 7 }],
    ['no_event_name', { ...track, event: '  ' }],
    ['name_too_long', { ...track, event: 'x'.repeat(201) }],
    ['bad_timestamp', { ...track, timestamp: 'yesterday' }],
    ['bad_timestamp', { ...track, timestamp: '2026-13-45T00:00:00Z' }],
    ['bad_timestamp', { ...track, timestamp: {} }],
    ['too_old', { ...track, timestamp: '1970-01-01T00:00:00.000Z' }],
    ['too_old', { ...track, timestamp: 0 }],
    ['in_future', { ...track, timestamp: '2099-01-01T00:00:00Z' }],
    ['not_key_values', { ...track, properties: [1, 2] }],
    ['not_key_values', { ...track, properties: 'text' }],
    ['too_large', { ...track, properties: { text: 'x'.repeat(33_000) } }],
    ['no_previous_id', { type: 'alias', userId: 'u1' }],
  ];
  test.each(table)('%s: %j', (reason, call) => {
    expect((readOne(call as Record<string, unknown>) as RejectedCall).reason).toBe(reason);
  });

  test('one bad call does not lose its neighbours', () => {
    const read = readDelivery(delivery({ batch: [track, { type: 'track' }, { ...track, messageId: 'm2' }] }));
    expect(read.map(isRejected)).toEqual([false, true, false]);
  });

  test('properties that nest too deep are refused, not a crash', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`);
    expect((readOne({ ...track, properties: deep }) as RejectedCall).reason).toBe('too_deep');
  });
});

describe('when it happened', () => {
  const table: [what: string, call: Record<string, unknown>, envelope: Record<string, unknown>, time: string][] = [
    ['no time: when it arrived', {}, {}, '2026-11-21T12:00:00.000Z'],
    ['a stated time without sentAt', { timestamp: '2026-11-20T08:00:00Z' }, {}, '2026-11-20T08:00:00.000Z'],
    ['a time with a zone', { timestamp: '2026-11-20T08:00:00+02:00' }, {}, '2026-11-20T06:00:00.000Z'],
    ['a time without a zone is UTC', { timestamp: '2026-11-20T08:00:00' }, {}, '2026-11-20T08:00:00.000Z'],
    ['a space for the T', { timestamp: '2026-11-20 08:00:00' }, {}, '2026-11-20T08:00:00.000Z'],
    ['milliseconds since 1970', { timestamp: 1795248000000 }, {}, '2026-11-21T08:00:00.000Z'],
    [
      "the sender's clock is an hour ahead",
      { timestamp: '2026-11-21T12:59:00Z' },
      { sentAt: '2026-11-21T13:00:00Z' },
      '2026-11-21T11:59:00.000Z',
    ],
    [
      "the sender's clock is a year behind",
      { timestamp: '2025-11-21T11:59:00Z' },
      { sentAt: '2025-11-21T12:00:00Z' },
      '2026-11-21T11:59:00.000Z',
    ],
    [
      'a skew of two seconds is left alone',
      { timestamp: '2026-11-21T11:00:00Z' },
      { sentAt: '2026-11-21T11:59:58Z' },
      '2026-11-21T11:00:00.000Z',
    ],
    [
      'sentAt of the call beats that of the batch',
      { timestamp: '2026-11-21T11:00:00Z', sentAt: '2026-11-21T12:00:00Z' },
      { sentAt: '2020-01-01T00:00:00Z' },
      '2026-11-21T11:00:00.000Z',
    ],
    ['an unreadable sentAt says nothing', { timestamp: '2026-11-21T11:00:00Z' }, { sentAt: 'soon' }, '2026-11-21T11:00:00.000Z'],
    ['a little ahead: when it arrived', { timestamp: '2026-11-21T18:00:00Z' }, {}, '2026-11-21T12:00:00.000Z'],
    ['originalTimestamp stands in', { originalTimestamp: '2026-11-20T08:00:00Z' }, {}, '2026-11-20T08:00:00.000Z'],
  ];
  test.each(table)('%s', (_what, call, envelope, time) => {
    const read = readOne({ ...track, ...call }, {}, envelope) as Call;
    expect(read.time.toISOString()).toBe(time);
  });

  test.each([
    ['older than a day on arrival', { timestamp: '2026-11-20T11:59:59Z' }, {}, true],
    ['just inside a day', { timestamp: '2026-11-20T12:00:01Z' }, {}, false],
    ['sent to the import door', {}, { door: 'import' }, true],
    ['of a demo shop', {}, { demo: true }, true],
    ['now', {}, {}, false],
  ] as [string, Record<string, unknown>, Partial<Delivery>, boolean][])('historical: %s', (_what, call, more, historical) => {
    expect((readOne({ ...track, ...call }, more) as Call).historical).toBe(historical);
  });
});

describe('what is kept', () => {
  test('each type of call has its name and its content', () => {
    const read = (type: string, more: Record<string, unknown>) => readOne({ type, anonymousId: 'a1', ...more }) as Call;
    expect(read('identify', { traits: { email: 'a@example.com' } })).toMatchObject({
      name: 'Identified',
      traits: { email: 'a@example.com' },
    });
    expect(read('page', { name: 'Home', properties: { url: '/' } })).toMatchObject({
      name: 'Page Viewed',
      properties: { name: 'Home', url: '/' },
    });
    expect(read('screen', { name: 'Cart' })).toMatchObject({ name: 'Screen Viewed', properties: { name: 'Cart' } });
    expect(read('group', { groupId: 'g1', traits: { plan: 'pro' } })).toMatchObject({
      name: 'Group Joined',
      traits: {},
      properties: { group_id: 'g1', plan: 'pro' },
    });
    expect(read('alias', { previousId: 'a0', userId: 'u1' })).toMatchObject({ name: 'Alias Made', previousId: 'a0' });
    expect(read('track', { event: 'X', context: { traits: { email: 'b@example.com' }, locale: 'de' } })).toMatchObject({
      traits: { email: 'b@example.com' },
      context: { locale: 'de' },
    });
  });

  test('card numbers are masked, ids are not, and what PostgreSQL cannot hold is left out', () => {
    const properties = parseExact(
      '{"note":"card 4111 1111 1111 1111","card_number":4242424242424242,"order_id":"4111111111111111","id":12345678901234567890,"nul":"a\\u0000b","half":"\\ud800x","__proto__":{"x":1}}',
    );
    expect((readOne({ ...track, properties }) as Call).properties).toEqual({
      note: 'card •••• 1111',
      card_number: '•••• 4242',
      order_id: '4111111111111111',
      id: '12345678901234567890',
      nul: 'ab',
      half: '\ufffdx',
    });
  });

  test('the same message gives the same ids, another shop other ones', () => {
    const one = readOne({ ...track, timestamp: '2026-11-21T11:00:00Z' }) as Call;
    const two = readOne(
      { ...track, timestamp: '2026-11-21T11:00:00Z', properties: { more: 1 } },
      { receivedAt: new Date(receivedAt.getTime() + 4_000) },
    ) as Call;
    const other = readOne(
      { ...track, timestamp: '2026-11-21T11:00:00Z' },
      { shopId: '00000000-0000-7000-8000-000000000009' },
    ) as Call;
    expect(two).toMatchObject({ id: one.id, seenId: one.seenId });
    expect(other.seenId).not.toBe(one.seenId);
    expect(one.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-9[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(one.seenId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-9[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('whatever is sent is either understood or rejected with a reason', () => {
    fc.assert(
      fc.property(
        fc.anything({ withNullPrototype: true, maxDepth: 4 }),
        fc.constantFrom('batch', 'track', 'identify', 'alias', 'import' as const),
        (body, door) => {
          for (const read of readDelivery(delivery(door === 'batch' ? { batch: [body] } : body, { door }))) {
            expect(isRejected(read) ? read.reason.length : read.id.length).toBeGreaterThan(0);
          }
        },
      ),
      { seed: 20261121, numRuns: 500 },
    );
  });
});
