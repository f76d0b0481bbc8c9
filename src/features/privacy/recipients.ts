/** Who outside the installation receives data about people: filled by connections, senders and whatever else passes data on. */
import type { Context } from '../../platform/context.ts';
import { defineSlot } from '../../platform/slot.ts';

export type Recipient = {
  /** As staff know it: "Shopify shop lantern". */
  name: string;
  /** What it receives and why, in a few words. */
  what: string;
  /** ISO country, or null when that is not known. */
  country: string | null;
};
export type RecipientSource = { name: string; read: (context: Context) => Promise<Recipient[]> };
export const recipients = defineSlot<RecipientSource>('privacy.recipients', source => source.name);
