/** Why a call was rejected, in words. */
import { openTexts } from '../../platform/texts.ts';
import { en } from './texts/en.ts';

const english = openTexts({ en });

/** English sentence for a reason; a projection of another feature may give a text key of its own, shown as it is. */
export const reasonSentence = (reason: string, values: Record<string, string | number>): string => {
  const key = `tracking.reason.${reason}`;
  return english.has(key) ? english.text(key, values) : reason;
};
