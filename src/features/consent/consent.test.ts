import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Context } from '../../platform/context.ts';
import { startTestHouse } from '../../platform/testing.ts';
import { feature as access } from '../access/index.ts';
import { feature as customers, mergeCustomers, resolveCustomers, undoMerge } from '../customers/index.ts';
import { feature as shops } from '../shops/index.ts';
import type { ConsentState, Speaker } from './consent.ts';
import { consentFacts } from './facts.ts';
import { feature, recordConsents, recordSuppressions, release, undoImportedConsents } from './index.ts';

let house: Awaited<ReturnType<typeof startTestHouse>>;
let context: Context;
let ana = 0;
let ben = 0;
let round = 0;

beforeAll(async () => {
  house = await startTestHouse({ features: [access, shops, customers, feature] });
  context = house.context;
});
afterAll(() => house.close());
beforeEach(async () => {
  round++;
  house.clock.advance(86_400_000);
  [ana, ben] = (await resolveCustomers(
    context,
    ['ana', 'ben'].map(name => ({
      identifiers: [{ kind: 'email' as const, source: '', value: `${name}${round}@x.test` }],
      trust: 'secret' as const,
      at: house.clock.now(),
    })),
  )) as number[];
});

const day = (n: number) => new Date(Date.UTC(2025, 0, n));
const say = (originId: number, state: ConsentState, on: number, speaker: Speaker = 'person', importId: string | null = null) =>
  recordConsents(context, [{ originId, channel: 'email', state, at: day(on) }], {
    speaker,
    source: `test:${speaker}`,
    importId,
    historical: importId !== null,
  });
const stateOf = async (id: number) => (await consentFacts[0].read(context, [id], null)).get(id) ?? null;

describe('what holds', () => {
  const table: { rule: string; said: [ConsentState, number, Speaker?][]; holds: ConsentState | null; last?: string }[] = [
    { rule: 'nothing said, nothing known', said: [], holds: null },
    {
      rule: 'the newest wins',
      said: [
        ['subscribed', 1],
        ['unsubscribed', 2],
      ],
      holds: 'unsubscribed',
    },
    {
      rule: 'the newest wins whatever order they arrive in',
      said: [
        ['unsubscribed', 2],
        ['subscribed', 1],
      ],
      holds: 'unsubscribed',
    },
    {
      rule: 'the person may come back',
      said: [
        ['unsubscribed', 1],
        ['subscribed', 2],
      ],
      holds: 'subscribed',
    },
    {
      rule: 'equal times: the stricter',
      said: [
        ['unsubscribed', 3],
        ['subscribed', 3],
      ],
      holds: 'unsubscribed',
    },
    {
      rule: 'an import never brings back who unsubscribed',
      said: [
        ['unsubscribed', 1],
        ['subscribed', 9, 'import'],
      ],
      holds: 'unsubscribed',
      last: 'kept_unsubscribed',
    },
    { rule: 'an import may say it first', said: [['subscribed', 1, 'import']], holds: 'subscribed', last: 'record' },
    {
      rule: 'the same file again adds nothing',
      said: [
        ['subscribed', 1, 'import'],
        ['subscribed', 2, 'import'],
      ],
      holds: 'subscribed',
      last: 'same',
    },
    { rule: 'a browser key never raises a consent', said: [['subscribed', 1, 'browser']], holds: null, last: 'not_allowed' },
    {
      rule: 'a browser key may lower it',
      said: [
        ['subscribed', 1],
        ['unsubscribed', 2, 'browser'],
      ],
      holds: 'unsubscribed',
      last: 'record',
    },
    {
      rule: 'staff may raise it',
      said: [
        ['unsubscribed', 1],
        ['subscribed', 2, 'staff'],
      ],
      holds: 'subscribed',
    },
  ];
  it.each(table)('$rule', async ({ said, holds, last }) => {
    let outcome: string | undefined;
    for (const [state, on, speaker] of said) [outcome] = await say(ana, state, on, speaker);
    expect(await stateOf(ana)).toBe(holds);
    if (last) expect(outcome).toBe(last);
  });

  it('rows cannot be changed or deleted', async () => {
    await say(ana, 'unsubscribed', 1);
    await expect(context.postgres`update consent.consent set state = 'subscribed' where origin_id = ${ana}`).rejects.toThrow(
      'append-only',
    );
    await expect(context.postgres`delete from consent.consent where origin_id = ${ana}`).rejects.toThrow('append-only');
  });

  it('a suppression beats what was allowed, and a complaint is not for staff to lift', async () => {
    await say(ana, 'subscribed', 1);
    const close = (kind: 'hard_bounce' | 'complaint') =>
      recordSuppressions(context, [{ originId: ana, channel: 'email', class: kind, at: day(2) }], { source: 'test' });
    expect(await close('hard_bounce')).toBe(1);
    expect(await close('hard_bounce')).toBe(0);
    expect(await stateOf(ana)).toBe('suppressed');
    const [{ id }] = await context.postgres`select id from consent.suppression where origin_id = ${ana}`;
    await release(context, { suppressionId: id, reason: 'new address' });
    expect(await stateOf(ana)).toBe('subscribed');
    await close('complaint');
    const [{ id: complaint }] =
      await context.postgres`select id from consent.suppression where origin_id = ${ana} and class = 'complaint'`;
    await expect(release(context, { suppressionId: complaint, reason: 'please' })).rejects.toThrow('cannot be released');
  });

  it('undoing an import takes back what it said, nothing else', async () => {
    const importId = '00000000-0000-7000-8000-000000000001';
    await say(ben, 'unsubscribed', 1);
    await say(ana, 'subscribed', 1, 'import', importId);
    expect(await undoImportedConsents(context, importId)).toBe(1);
    expect([await stateOf(ana), await stateOf(ben)]).toEqual([null, 'unsubscribed']);
  });
});

describe('merge', () => {
  it('the stricter of the two wins, the undo gives back what each had said', async () => {
    await say(ana, 'subscribed', 5);
    await say(ben, 'unsubscribed', 1);
    const { mergeId } = await mergeCustomers(context, { winnerId: ana, loserId: ben });
    expect(await stateOf(ana)).toBe('unsubscribed');
    await undoMerge(context, mergeId);
    expect([await stateOf(ana), await stateOf(ben)]).toEqual(['subscribed', 'unsubscribed']);
  });

  it('what is said after the merge was said by the person they are now', async () => {
    await say(ana, 'subscribed', 5);
    await say(ben, 'unsubscribed', 1);
    const { mergeId } = await mergeCustomers(context, { winnerId: ana, loserId: ben });
    house.clock.advance(1000);
    await say(ana, 'subscribed', 9);
    expect(await stateOf(ana)).toBe('subscribed');
    await undoMerge(context, mergeId);
    expect([await stateOf(ana), await stateOf(ben)]).toEqual(['subscribed', 'unsubscribed']);
  });
});
