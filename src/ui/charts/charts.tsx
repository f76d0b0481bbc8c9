/** Small charts of our own. Each is a figure with a caption and, for those who read instead of look, the numbers in a table. */
import { VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatNumber, formatPercent } from '../format.tsx';
import { Link } from '../router.tsx';
import classes from './charts.module.css';

type Row = { key: string; label: string; value: number; text: ReactNode; to?: string };

/** Horizontal bars with their numbers written beside them: a list, so no table is needed. */
export const BarList = ({ label, rows, max }: { label: string; rows: readonly Row[]; max?: number }) => {
  const most = max ?? Math.max(...rows.map(row => row.value), 0);
  return (
    <ul className={classes.bars} aria-label={label}>
      {rows.map(row => (
        <li key={row.key} className={classes.bar}>
          <span className={classes.barLabel}>{row.to ? <Link to={row.to}>{row.label}</Link> : <bdi>{row.label}</bdi>}</span>
          <span className={classes.track} aria-hidden="true">
            <span className={classes.fill} style={{ inlineSize: `${most > 0 ? Math.max(0.5, (row.value / most) * 100) : 0}%` }} />
          </span>
          <bdi className={classes.barValue}>{row.text}</bdi>
        </li>
      ))}
    </ul>
  );
};

const Numbers = ({ caption, head, rows }: { caption: string; head: readonly string[]; rows: readonly (readonly string[])[] }) => (
  <VisuallyHidden>
    <table>
      <caption>{caption}</caption>
      <thead>
        <tr>
          {head.map(one => (
            <th key={one} scope="col">
              {one}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr key={row[0]}>
            {row.map((cell, index) => (
              <td key={index}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </VisuallyHidden>
);

export type Bin = { label: string; value: number; text: string; marked?: boolean };
/** How many fall where: vertical bars; `marked` ones carry the accent, the others stay grey if any is marked. */
export const Histogram = ({
  label,
  bins,
  head,
  height_px = 120,
}: {
  label: string;
  bins: readonly Bin[];
  head: [string, string];
  height_px?: number;
}) => {
  const most = Math.max(...bins.map(bin => bin.value), 1);
  const someMarked = bins.some(bin => bin.marked);
  // At most about eight labels, so that they never run into each other on a phone.
  const every = Math.ceil(bins.length / 8);
  return (
    <figure className={classes.figure}>
      <div className={classes.histogram} style={{ blockSize: height_px }} aria-hidden="true">
        {bins.map(bin => (
          <span
            key={bin.label}
            className={classes.column}
            data-quiet={(someMarked && !bin.marked) || undefined}
            style={{ blockSize: `${bin.value > 0 ? Math.max(1.5, (bin.value / most) * 100) : 0}%` }}
            title={`${bin.label}: ${bin.text}`}
          />
        ))}
      </div>
      <div className={classes.labels} aria-hidden="true">
        {bins.map((bin, index) => (
          <span key={bin.label}>{index % every === 0 ? bin.label : ''}</span>
        ))}
      </div>
      <Numbers caption={label} head={head} rows={bins.map(bin => [bin.label, bin.text])} />
    </figure>
  );
};

export type CalibrationPoint = { predicted: number; actual: number; low?: number; high?: number; count: number };
/** Predicted against what happened, 0..1 each; the dotted diagonal is a model that is always right. */
export const Calibration = ({
  label,
  points,
  axes,
}: {
  label: string;
  points: readonly CalibrationPoint[];
  axes: { predicted: string; actual: string };
}) => {
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const up = (share: number) => 100 - share * 100;
  return (
    <figure className={classes.figure}>
      <div className={classes.plot} aria-hidden="true">
        <span className={classes.axisUp}>{axes.actual}</span>
        <div className={classes.ticksUp}>
          {[...ticks].reverse().map(share => (
            <span key={share}>{formatPercent(share, 0)}</span>
          ))}
        </div>
        {/* Words stand outside the drawing: they keep their size when it is stretched. */}
        <svg viewBox="0 0 100 100" className={classes.calibration} aria-hidden="true">
          {ticks.map(share => (
            <line key={share} x1="0" x2="100" y1={up(share)} y2={up(share)} className={classes.grid} />
          ))}
          <line x1="0" y1="100" x2="100" y2="0" className={classes.ideal} />
          {points.map(point => (
            <g key={point.predicted}>
              {point.low !== undefined && point.high !== undefined && (
                <line
                  x1={point.predicted * 100}
                  x2={point.predicted * 100}
                  y1={up(point.low)}
                  y2={up(point.high)}
                  className={classes.interval}
                />
              )}
              <circle cx={point.predicted * 100} cy={up(point.actual)} r="1.8" className={classes.point} />
            </g>
          ))}
        </svg>
        <div className={classes.ticksAlong}>
          {ticks.map(share => (
            <span key={share}>{formatPercent(share, 0)}</span>
          ))}
        </div>
        <span className={classes.axisAlong}>{axes.predicted}</span>
      </div>
      <figcaption className={classes.caption}>{label}</figcaption>
      <Numbers
        caption={label}
        head={[axes.predicted, axes.actual, 'n']}
        rows={points.map(point => [formatPercent(point.predicted, 0), formatPercent(point.actual, 0), formatNumber(point.count)])}
      />
    </figure>
  );
};

/** A share of a whole as a thin bar: 9.9 % of everybody. */
export const ShareBar = ({
  share,
  label,
  tone = 'info',
}: {
  share: number;
  label: string;
  tone?: 'info' | 'good' | 'bad' | 'warn';
}) => (
  <div className={classes.share} role="img" aria-label={label}>
    <div
      className={classes.shareFill}
      data-tone={tone}
      style={{ inlineSize: `${Math.min(100, Math.max(share > 0 ? 0.5 : 0, share * 100))}%` }}
    />
  </div>
);
