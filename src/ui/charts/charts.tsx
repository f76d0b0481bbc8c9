/** Small charts of our own. Each is a figure with a caption and, for those who read instead of look, the numbers in a table. */
import { VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
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
              // biome-ignore lint/suspicious/noArrayIndexKey: cells stand in the order of the head
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
  const size = 240;
  const pad = 30;
  const x = (share: number) => pad + share * (size - pad - 8);
  const y = (share: number) => size - pad - share * (size - pad - 8);
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  return (
    <figure className={classes.figure}>
      <svg viewBox={`0 0 ${size} ${size}`} className={classes.calibration} aria-hidden="true">
        {[0, 0.25, 0.5, 0.75, 1].map(share => (
          <g key={share}>
            <line x1={x(0)} x2={x(1)} y1={y(share)} y2={y(share)} className={classes.grid} />
            <text x={pad - 5} y={y(share) + 3} textAnchor="end" className={classes.tick}>
              {percent(share)}
            </text>
            <text x={x(share)} y={size - pad + 13} textAnchor="middle" className={classes.tick}>
              {percent(share)}
            </text>
          </g>
        ))}
        <line x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} className={classes.ideal} />
        {points.map(point => (
          <g key={point.predicted}>
            {point.low !== undefined && point.high !== undefined && (
              <line
                x1={x(point.predicted)}
                x2={x(point.predicted)}
                y1={y(point.low)}
                y2={y(point.high)}
                className={classes.interval}
              />
            )}
            <circle cx={x(point.predicted)} cy={y(point.actual)} r="4" className={classes.point} />
          </g>
        ))}
        <text x={x(0.5)} y={size - 3} textAnchor="middle" className={classes.axis}>
          {axes.predicted}
        </text>
      </svg>
      <figcaption className={classes.caption}>{label}</figcaption>
      <Numbers
        caption={label}
        head={[axes.predicted, axes.actual, 'n']}
        rows={points.map(point => [percent(point.predicted), percent(point.actual), String(point.count)])}
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
