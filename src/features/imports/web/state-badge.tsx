import { StatusBadge, type Tone, useTexts } from '../../../ui/index.ts';
import type { ImportAnswer } from '../contract.ts';

const tones: Record<ImportAnswer['state'], Tone> = {
  mapping: 'info',
  checking: 'info',
  running: 'info',
  done: 'good',
  cancelled: 'warn',
  failed: 'bad',
  undoing: 'info',
  undone: 'quiet',
};

export const StateBadge = ({ state }: { state: ImportAnswer['state'] }) => {
  const t = useTexts();
  return <StatusBadge tone={tones[state]}>{t(`imports.state.${state}`)}</StatusBadge>;
};
