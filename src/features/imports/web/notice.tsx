import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './imports.module.css';

/** A box that says something about the whole step, in the measured colours of the theme. */
export const Notice = ({
  tone,
  title,
  children,
  role,
}: {
  tone: 'info' | 'warn' | 'bad';
  title?: string;
  children: ReactNode;
  role?: 'alert' | 'status';
}) => {
  const Icon = tone === 'info' ? IconInfoCircle : IconAlertTriangle;
  return (
    <div className={classes.notice} data-tone={tone} role={role}>
      <Icon size={18} aria-hidden className={classes.noticeIcon} />
      <div>
        {title && <p className={classes.noticeTitle}>{title}</p>}
        {children}
      </div>
    </div>
  );
};
