/** Why a call was rejected, in words. */
import type { Context } from '../../platform/context.ts';
import { openTexts } from '../../platform/texts.ts';
import { projections } from './projections.ts';
import { en } from './texts/en.ts';

const english = openTexts({ en });

/** English sentence for a reason of this feature. */
export const reasonSentence = (reason: string, values: Record<string, string | number>): string => {
  const key = `tracking.reason.${reason}`;
  return english.has(key) ? english.text(key, values) : reason;
};

/** The same for reasons of every feature that refuses events: their projections bring the texts. */
export const sentenceOf = (context: Context, reason: string, values: Record<string, string | number>): string => {
  if (!reason.includes('.')) return reasonSentence(reason, values);
  const theirs = context.slots.all(projections).find(one => one.texts?.[reason] !== undefined);
  return theirs ? openTexts({ en: theirs.texts! }).text(reason, values) : reason;
};
