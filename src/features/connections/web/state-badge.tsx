import { hasText, StatusBadge, say, type Tone, useTexts } from '../../../ui/index.ts';

const tones: Record<string, Tone> = {
  active: 'good',
  paused: 'quiet',
  broken: 'bad',
  waiting: 'info',
  done: 'good',
  ignored: 'quiet',
  skipped: 'quiet',
  failed: 'bad',
};

/** A connection's, delivery's or change's state; the words say it, the colour repeats it. */
export const StateBadge = ({ of, state }: { of: 'state' | 'delivery' | 'write_back'; state: string }) => {
  const t = useTexts();
  return <StatusBadge tone={tones[state] ?? 'quiet'}>{t(`connections.${of}.${state}`)}</StatusBadge>;
};

/** In the reader's language where it is a known word; else as the other side said it. */
export const wordFor = (prefix: string, word: string): string => (hasText(`${prefix}.${word}`) ? say(`${prefix}.${word}`) : word);
