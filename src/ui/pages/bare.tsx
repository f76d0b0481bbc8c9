import type { ReactNode } from 'react';
import { Mark } from '../shell/mark.tsx';
import classes from './bare.module.css';

/** The frame of pages before login: mark, one card, nothing to distract. */
export const Bare = ({ title, children, wide }: { title: string; children: ReactNode; wide?: boolean }) => (
  <main id="main" className={classes.page}>
    <div className={classes.brand}>
      <Mark size_px={36} />
      <span>Regulars</span>
    </div>
    <div className={classes.card} data-wide={wide || undefined}>
      <h1 className={classes.title}>{title}</h1>
      {children}
    </div>
  </main>
);
