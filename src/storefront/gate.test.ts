import { expect, test } from 'vitest';
import { type Answer, fateOf, type Mode, parseAnswer, readGate, writeAnswer } from './gate.ts';

const yes: Answer = { analytics: true, marketing: true, gpc: false };
const visits: Answer = { analytics: true, marketing: false, gpc: false };
const no: Answer = { analytics: false, marketing: false, gpc: false };
const under = (answer: Answer): Answer => ({ ...answer, gpc: true });

// [mode, answer, the browser sends GPC] -> [answered, analytics, marketing], fate of an event where the shop holds and where it drops
test.each<[Mode | null, Answer | null, boolean, [boolean, boolean, boolean], string, string]>([
  [null, null, false, [false, false, false], 'hold', 'hold'],
  [null, yes, false, [true, true, true], 'send', 'send'],
  [null, no, false, [true, false, false], 'drop', 'drop'],
  ['ask', null, false, [false, false, false], 'hold', 'drop'],
  ['ask', yes, false, [true, true, true], 'send', 'send'],
  ['ask', visits, false, [true, true, false], 'send', 'send'],
  ['ask', no, false, [true, false, false], 'drop', 'drop'],
  ['allow', null, false, [false, true, true], 'send', 'send'],
  ['allow', no, false, [true, false, false], 'drop', 'drop'],
  // The signal: a no to marketing; where the shop asks, to visits too, until a yes that was said under it.
  ['ask', null, true, [false, false, false], 'hold', 'drop'],
  ['ask', yes, true, [false, false, false], 'hold', 'drop'],
  ['ask', under(yes), true, [true, true, true], 'send', 'send'],
  ['ask', no, true, [true, false, false], 'drop', 'drop'],
  ['allow', null, true, [false, true, false], 'send', 'send'],
  ['allow', yes, true, [true, true, false], 'send', 'send'],
  ['allow', under(yes), true, [true, true, true], 'send', 'send'],
])('%s, %j, GPC %s', (mode, answer, gpc, [answered, analytics, marketing], held, dropped) => {
  const privacy = readGate(mode, answer, gpc);
  expect(privacy).toEqual({ mode, gpc, answered, analytics, marketing });
  expect([fateOf(privacy, 'hold'), fateOf(privacy, 'drop')]).toEqual([held, dropped]);
});

test('answers are kept as a word, and nothing else is one', () => {
  for (const answer of [yes, visits, no, under(yes)]) expect(parseAnswer(writeAnswer(answer))).toEqual(answer);
  for (const text of [null, '', '2', '1', '11x', 'true']) expect(parseAnswer(text)).toBeNull();
});
