import { Anchor, Group, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from '../router.tsx';
import classes from './page.module.css';

type PageHeaderProps = {
  title: ReactNode;
  /** One sentence under the title. */
  description?: ReactNode;
  /** Where this page belongs to: shown as a link above the title. */
  back?: { to: string; label: string };
  badge?: ReactNode;
  actions?: ReactNode;
};
/** The top of every page: one h1, what it is about, what can be done. */
export const PageHeader = ({ title, description, back, badge, actions }: PageHeaderProps) => (
  <div className={classes.header}>
    <div className={classes.heading}>
      {back && (
        <Anchor component={Link} to={back.to} className={classes.back}>
          <IconArrowLeft size={15} aria-hidden className={classes.arrow} /> {back.label}
        </Anchor>
      )}
      <Group gap="sm" align="center">
        <Title order={1}>{title}</Title>
        {badge}
      </Group>
      {description && <p className={classes.description}>{description}</p>}
    </div>
    {actions && <div className={classes.actions}>{actions}</div>}
  </div>
);

type PanelProps = {
  title?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** Without inner padding: the content (a table) reaches the border. */
  flush?: boolean;
  /** Level of the heading; h2 unless nested. */
  order?: 2 | 3;
  className?: string;
};
/** A card with a heading: the building block of a page. */
export const Panel = ({ title, description, actions, children, flush, order = 2, className }: PanelProps) => (
  <section className={`${classes.panel} ${className ?? ''}`}>
    {(title || actions) && (
      <div className={classes.panelHead}>
        <div>
          {title && (
            <Title order={order} size="h3">
              {title}
            </Title>
          )}
          {description && <p className={classes.panelDescription}>{description}</p>}
        </div>
        {actions && <div className={classes.panelActions}>{actions}</div>}
      </div>
    )}
    <div className={flush ? undefined : classes.panelBody}>{children}</div>
  </section>
);

/** Main column and a narrower one beside it; below each other where the window is narrow. */
export const Split = ({ children, aside, sticky }: { children: ReactNode; aside: ReactNode; sticky?: boolean }) => (
  <div className={classes.split}>
    <div className={classes.column}>{children}</div>
    <div className={`${classes.column} ${sticky ? classes.sticky : ''}`}>{aside}</div>
  </div>
);

/** Panels below each other with even space. */
export const Rows = ({ children }: { children: ReactNode }) => <div className={classes.column}>{children}</div>;

/** Cards in as many columns as fit; `min_px` is the least width of one. */
export const Cards = ({ children, min_px = 220 }: { children: ReactNode; min_px?: number }) => (
  <div className={classes.cards} style={{ gridTemplateColumns: `repeat(auto-fill, minmax(min(100%, ${min_px}px), 1fr))` }}>
    {children}
  </div>
);

/** Label and value lines: what is known about one thing. */
export const Facts = ({ items }: { items: readonly { label: ReactNode; value: ReactNode }[] }) => (
  <dl className={classes.facts}>
    {items.map((item, index) => (
      <div key={index} className={classes.fact}>
        <dt>{item.label}</dt>
        <dd>{item.value}</dd>
      </div>
    ))}
  </dl>
);
