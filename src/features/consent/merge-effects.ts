/** What two people allowed, and what holds once they are one: the stricter, until that person speaks again. */
import type { MergeEffect, MergeEffectSource } from '../customers/index.ts';

type Row = { customer_id: number; channel: string; purpose: string; topic: string; state: string };

export const consentEffects: MergeEffectSource = {
  name: 'consent',
  group: null,
  read: async ({ before, after }, { winnerId, loserId }) => {
    const rows = (await before.postgres`
      select customer_id, channel, purpose, topic, (array_agg(state order by consent.strictness(state) desc))[1] as state from consent.current
      where customer_id = any(${[winnerId, loserId]}::bigint[]) group by 1, 2, 3, 4 order by 2, 3, 4`) as unknown as Row[];
    const holds = (await after.postgres`
      select channel, purpose, topic, (array_agg(state order by consent.strictness(state) desc))[1] as state from consent.current where customer_id = ${winnerId} group by 1, 2, 3`) as unknown as Row[];
    const key = (row: Row) => `${row.channel}\u0001${row.purpose}\u0001${row.topic}`;
    const stateAfter = new Map(holds.map(row => [key(row), row.state]));
    const asked = [...new Map(rows.map(row => [key(row), row])).values()];
    const stateOf = (id: number, asking: Row) =>
      rows.find(row => row.customer_id === id && key(row) === key(asking))?.state ?? null;
    const effects = asked.flatMap((row): MergeEffect[] => {
      const [winner, loser, then] = [stateOf(winnerId, row), stateOf(loserId, row), stateAfter.get(key(row))];
      if (winner === loser || then === undefined) return [];
      const values = { channel: row.channel, purpose: row.topic === '' ? row.purpose : `${row.purpose}: ${row.topic}` };
      if (then === 'subscribed') return [{ title: 'consent.merge.allowed', values, tone: 'good' }];
      return [{ title: winner && loser ? 'consent.merge.stricter' : 'consent.merge.refused', values, tone: 'warn' }];
    });
    const [{ suppressed }] = await after.postgres`
      select count(*)::int as suppressed from consent.suppression where customer_id = ${winnerId} and released_at is null`;
    return suppressed > 0
      ? [...effects, { title: 'consent.merge.suppressed', values: { count: suppressed as number }, tone: 'warn' }]
      : effects;
  },
};
