/** Adds consent statements and derives what holds now. Rows are append-only; a newer one wins. */
import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { ownersOf, touchCustomers } from '../customers/index.ts';
import { writeConfirmations } from './confirmations.ts';
import { type Channel, type ConsentOptions, type ConsentState, type Decision, decide, standingOf } from './consent.ts';
import { insertConsents, recomputeCurrent, standings } from './postgres.ts';
import { confirmedTopics } from './topics.ts';

export type ConsentInput = {
  originId: number;
  /** null = every brand. */
  brandId?: string | null;
  /** Default "marketing". */
  purpose?: string;
  channel: Channel;
  /** Code of a topic; '' (default) = all topics. */
  topic?: string;
  state: ConsentState;
  /** When the person said so. */
  at: Date;
  textVersion?: string | null;
  reason?: string | null;
  /** What shows that it was said: { language, network, browser, change }. */
  proof?: Record<string, string>;
};

/**
 * Records statements in bulk, in the order of their time; says per input what became of it. Saying the same again changes nothing,
 * so a file may be imported twice. "pending": a topic with double opt-in waits for its link (`confirmationsOf`).
 */
export const recordConsents = async (
  context: Context,
  inputs: readonly ConsentInput[],
  options: ConsentOptions,
): Promise<Decision[]> => {
  if (inputs.length === 0) return [];
  return inTransaction(context, async inside => {
    const owners = await ownersOf(
      inside,
      inputs.map(input => input.originId),
    );
    const full = inputs.map(input => ({
      ...input,
      customerId: owners.get(input.originId)!,
      brandId: input.brandId ?? null,
      purpose: input.purpose ?? 'marketing',
      topic: input.topic ?? '',
    }));
    const now = await standings(inside, [...new Set(full.map(input => input.customerId))]);
    const confirms =
      options.confirmed || full.every(input => input.state !== 'subscribed') ? null : await confirmedTopics(inside);
    const outcomes: Decision[] = Array(inputs.length).fill('same');
    const order = full.map((_, index) => index).sort((a, b) => full[a].at.getTime() - full[b].at.getTime() || a - b);
    const kept: typeof full = [];
    for (const index of order) {
      const input = full[index];
      const key = [input.customerId, input.channel, input.purpose].join('\u0001');
      const brand = input.brandId ?? '';
      const said = now.get(key) ?? [];
      const own = said.find(one => one.topic === input.topic && one.brand === brand)?.state ?? null;
      const current = standingOf(said, input.topic, brand);
      outcomes[index] = decide(current, own, input.state, options.speaker, confirms?.(input) ?? false);
      if (outcomes[index] !== 'record' && outcomes[index] !== 'pending') continue;
      const state = outcomes[index] === 'pending' ? ('pending' as const) : input.state;
      kept.push({ ...input, state });
      const others = said.filter(one => one.topic !== input.topic || one.brand !== brand);
      now.set(key, [...others, { topic: input.topic, brand, state, since: input.at, originId: input.originId, liftsAll: true }]);
    }
    const ids = await insertConsents(inside, kept, options);
    const written = [...new Set(kept.map(input => input.customerId))];
    await recomputeCurrent(inside, written);
    await writeConfirmations(
      inside,
      kept.flatMap((input, place) => (input.state === 'pending' ? { ...input, consentId: ids[place] } : [])),
    );
    await touchCustomers(inside, written, ['consent'], { historical: options.historical ?? false });
    if (!options.historical)
      for (const customerId of written) await inside.announce('consent.changed', { customer_id: String(customerId) });
    return outcomes;
  });
};
