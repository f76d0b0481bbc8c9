/** Where later features carry out what people ask on their preference page. */
import type { Context } from '../../platform/context.ts';
import { defineSlot } from '../../platform/slot.ts';

export type PersonRequestKind = 'access' | 'erasure';
export type PersonRequestDesk = {
  name: string;
  /** The person opened a link from their own mailbox and pressed the button. Asking twice opens one request. */
  open: (context: Context, request: { kind: PersonRequestKind; customerId: number }) => Promise<void>;
};
export const personRequests = defineSlot<PersonRequestDesk>('consent.personRequests', desk => desk.name);
