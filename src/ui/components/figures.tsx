import { ActionIcon, Skeleton, Tooltip } from '@mantine/core';
import { IconArrowDownRight, IconArrowRight, IconArrowUpRight, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Sparkline } from '../charts/sparkline.tsx';
import { Link } from '../router.tsx';
import classes from './figures.module.css';
import { StatusBadge, type Tone } from './status-badge.tsx';

/** `direction` is where the number went; `tone` whether that is good news. */
export type Trend = { direction: 'up' | 'down' | 'flat'; tone: Tone; text: ReactNode };
const arrows = { up: IconArrowUpRight, down: IconArrowDownRight, flat: IconArrowRight };

export const TrendBadge = ({ trend }: { trend: Trend }) => {
  const Arrow = arrows[trend.direction];
  return (
    <StatusBadge tone={trend.tone} icon={<Arrow size={13} aria-hidden />}>
      {trend.text}
    </StatusBadge>
  );
};

type KeyFigureProps = {
  label: string;
  /** The number, already formatted. */
  value: ReactNode;
  /** Small line below: unit, period, what it is out of. */
  note?: ReactNode;
  trend?: Trend;
  /** Past values, oldest first. */
  series?: readonly number[];
  /** The people behind the number. */
  to?: string;
  /** How it is worked out, in a sentence. */
  formula?: string;
  loading?: boolean;
};
/** One number first: label, value, trend, where it leads. */
export const KeyFigure = ({ label, value, note, trend, series, to, formula, loading }: KeyFigureProps) => (
  <div className={classes.card}>
    <div className={classes.top}>
      {to ? (
        <Link to={to} className={classes.link}>
          {label}
        </Link>
      ) : (
        <span className={classes.label}>{label}</span>
      )}
      {formula && (
        <Tooltip label={formula} multiline maw={300}>
          <ActionIcon size="sm" aria-label={formula} className={classes.info}>
            <IconInfoCircle size={15} />
          </ActionIcon>
        </Tooltip>
      )}
    </div>
    <div className={classes.middle}>
      <div>
        <div className={classes.value}>{loading ? <Skeleton height={26} width={96} radius="sm" /> : <bdi>{value}</bdi>}</div>
        {trend && !loading && <TrendBadge trend={trend} />}
      </div>
      {series && series.length > 1 && (
        <Sparkline values={series} tone={trend?.tone === 'bad' ? 'bad' : trend?.tone === 'good' ? 'good' : 'info'} />
      )}
    </div>
    {note && <div className={classes.note}>{note}</div>}
  </div>
);
