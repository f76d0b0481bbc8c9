/** Adds consent statements and derives what holds now. Rows are append-only; a newer one wins. */
import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { ownersOf, touchCustomers } from '../customers/index.ts';
import { type Channel, type ConsentOptions, type ConsentState, type Decision, decide } from './consent.ts';
import { currentStates, insertConsents, recomputeCurrent } from './postgres.ts';

export type ConsentInput = {
  originId: number;
  /** null = every brand. */
  brandId?: string | null;
  /** Default "marketing". */
  purpose?: string;
  channel: Channel;
  topic?: string;
  state: ConsentState;
  /** When the person said so. */
  at: Date;
  textVersion?: string | null;
  reason?: string | null;
};

/**
 * Records statements in bulk, in the order of their time; says per input what became of it. Saying the same again changes nothing,
 * so a file may be imported twice.
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
    const now = await currentStates(inside, [...new Set(full.map(input => input.customerId))]);
    const outcomes: Decision[] = Array(inputs.length).fill('same');
    const order = full.map((_, index) => index).sort((a, b) => full[a].at.getTime() - full[b].at.getTime() || a - b);
    const kept: typeof full = [];
    for (const index of order) {
      const input = full[index];
      const key = [input.customerId, input.channel, input.purpose, input.topic, input.brandId ?? ''].join('\u0001');
      outcomes[index] = decide(now.get(key) ?? null, input.state, options.speaker);
      if (outcomes[index] !== 'record') continue;
      kept.push(input);
      now.set(key, input.state);
    }
    const written = await insertConsents(inside, kept, options);
    await recomputeCurrent(inside, written);
    await touchCustomers(inside, written, ['consent'], { historical: options.historical ?? false });
    if (!options.historical)
      for (const customerId of written) await inside.announce('consent.changed', { customer_id: String(customerId) });
    return outcomes;
  });
};
