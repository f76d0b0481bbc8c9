import type { ReactNode } from 'react';
import classes from './status-badge.module.css';

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'quiet';

/** A state in one or two words. The tone is never the only sign: the words say it too. */
export const StatusBadge = ({ tone = 'quiet', icon, children }: { tone?: Tone; icon?: ReactNode; children: ReactNode }) => (
  <span className={classes.badge} data-tone={tone}>
    {icon}
    <span>{children}</span>
  </span>
);
