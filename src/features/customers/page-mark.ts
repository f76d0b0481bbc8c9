/** Where a page of the list ended: the sort, the last row's value and its id. */
import { Refusal } from '../../platform/errors.ts';

export type Mark = {
  sort: string;
  value: number | string | null;
  id: number /** Past those who have a value. */;
  phase?: 'missing';
};
/** One page: who is on it, and where the next one begins. */
export type Found = { ids: number[]; next: Mark | null };

export const writeMark = (mark: Mark): string => Buffer.from(JSON.stringify(mark)).toString('base64url');

export const readMark = (cursor: string | undefined, sort: string): Mark | null => {
  if (!cursor) return null;
  try {
    const mark = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Mark;
    const valid =
      mark.sort === sort &&
      Number.isSafeInteger(mark.id) &&
      (mark.value === null || ['string', 'number'].includes(typeof mark.value));
    if (valid) return mark;
  } catch {
    // Said below: whatever was wrong with it, the answer is the same.
  }
  throw new Refusal(
    'malformed',
    'customers.cursor',
    'This page mark does not belong to this list. Start again without "cursor".',
  );
};
