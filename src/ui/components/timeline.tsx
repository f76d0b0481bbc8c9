import type { ComponentType, ReactNode } from 'react';
import { Link } from '../router.tsx';
import { RelativeTime } from './relative-time.tsx';
import type { Tone } from './status-badge.tsx';
import classes from './timeline.module.css';

export type TimelineItem = {
  key: string;
  /** RFC 3339. */
  at: string;
  title: ReactNode;
  body?: ReactNode;
  aside?: ReactNode;
  to?: string;
  tone?: Tone;
  icon?: ComponentType<{ size?: number | string }>;
};
/** What happened, newest first, on one line of time. */
export const Timeline = ({ items, label }: { items: readonly TimelineItem[]; label: string }) => (
  <ol className={classes.timeline} aria-label={label}>
    {items.map(item => {
      const Icon = item.icon;
      return (
        <li key={item.key} className={classes.item}>
          <span className={classes.mark} data-tone={item.tone ?? 'info'} aria-hidden="true">
            {Icon && <Icon size={14} />}
          </span>
          <div className={classes.content}>
            <div className={classes.line}>
              <span className={classes.title}>{item.to ? <Link to={item.to}>{item.title}</Link> : item.title}</span>
              {item.aside && <span className={classes.aside}>{item.aside}</span>}
            </div>
            {item.body && <div className={classes.body}>{item.body}</div>}
            <div className={classes.when}>
              <RelativeTime value={item.at} />
            </div>
          </div>
        </li>
      );
    })}
  </ol>
);
