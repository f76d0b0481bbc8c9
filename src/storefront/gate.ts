/** The consent gate: what may be stored and sent, from what the shop asks for and what the person said. Pure. */

/** "ask": nothing before a yes. "allow": everything until a no. */
export type Mode = 'ask' | 'allow';

/** What a person said. `gpc`: they said it while their browser sent Global Privacy Control, so a yes overrules the signal. */
export type Answer = { analytics: boolean; marketing: boolean; gpc: boolean };

export type Privacy = {
  /** null until the settings have arrived: then nothing is stored or sent. */
  mode: Mode | null;
  /** The browser sends Global Privacy Control (https://privacycg.github.io/gpc-spec/). */
  gpc: boolean;
  answered: boolean;
  /** Visits may be recorded. */
  analytics: boolean;
  /** What is recorded may be used for advertising and shared. */
  marketing: boolean;
};

export const readGate = (mode: Mode | null, answer: Answer | null, gpc: boolean): Privacy => {
  const heard = answer !== null && (!gpc || answer.gpc);
  const open = mode === 'allow';
  return {
    mode,
    gpc,
    answered: answer !== null && (heard || open || !answer.analytics),
    // The signal speaks of selling and sharing; a shop that asks first takes it as a no to visits too, until an explicit yes.
    analytics: answer && (heard || open || !answer.analytics) ? answer.analytics : open,
    marketing: answer && (heard || !answer.marketing) ? answer.marketing : open && !gpc,
  };
};

/** What becomes of an event now. `before`: what the shop does with events that come before the answer. */
export const fateOf = (privacy: Privacy, before: 'drop' | 'hold'): 'send' | 'hold' | 'drop' => {
  if (privacy.analytics) return 'send';
  if (privacy.mode === null && !privacy.answered) return 'hold';
  return privacy.answered ? 'drop' : before;
};

/** "11", "10", "00", with a "g" when it was said under Global Privacy Control. */
export const writeAnswer = (answer: Answer): string =>
  `${answer.analytics ? 1 : 0}${answer.marketing ? 1 : 0}${answer.gpc ? 'g' : ''}`;

export const parseAnswer = (text: string | null): Answer | null => {
  const found = /^([01])([01])(g?)$/.exec(text ?? '');
  return found && { analytics: found[1] === '1', marketing: found[2] === '1', gpc: found[3] === 'g' };
};
