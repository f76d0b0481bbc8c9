/** What somebody may ask about their data, and by when it must be answered. Pure. */
import { Temporal } from 'temporal-polyfill';
import type { identityWays, requestKinds } from './contract.ts';

export type RequestKind = (typeof requestKinds)[number];
export type IdentityWay = (typeof identityWays)[number];

/** GDPR art. 12 (3): one month to answer, two more where a request is complex and the person was told why. */
const answer_months = 1;
const extension_months = 2;

/** Both days 'YYYY-MM-DD'; a month that has no such day ends on its last one. */
export const dueDay = (receivedDay: string): string =>
  Temporal.PlainDate.from(receivedDay).add({ months: answer_months }).toString();
export const extendedDay = (receivedDay: string): string =>
  Temporal.PlainDate.from(receivedDay)
    .add({ months: answer_months + extension_months })
    .toString();

/** Staff are reminded this many days before the day it must be answered. */
export const remind_days = 7;

/** What closes a request of this kind by itself; the others are closed by staff who say what they did. */
export const deeds: Record<RequestKind, readonly ('download' | 'erase' | 'object' | 'done')[]> = {
  access: ['download', 'done'],
  portability: ['download', 'done'],
  erasure: ['download', 'erase'],
  objection: ['object', 'done'],
  change: ['done'],
};
