/** Small line drawings for empty states, in the accent colour and the greys of the scheme. Decoration only. */
import type { ReactNode } from 'react';

export type Picture = 'list' | 'people' | 'file' | 'chart' | 'done' | 'search' | 'lock' | 'lost' | 'segment' | 'key';

const line = {
  fill: 'none',
  stroke: 'var(--line-strong)',
  strokeWidth: 2,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const;
const accent = { ...line, stroke: 'var(--accent)' } as const;
const soft = { fill: 'var(--accent-fill)', stroke: 'none' } as const;

const person = (x: number, y: number, style: object) => (
  <g {...style}>
    <circle cx={x} cy={y} r="8" />
    <path d={`M${x - 14} ${y + 27}c0-9 6-14 14-14s14 5 14 14`} />
  </g>
);

const pictures: Record<Picture, ReactNode> = {
  list: (
    <>
      <rect x="30" y="18" width="76" height="60" rx="8" {...line} />
      <circle cx="46" cy="36" r="5" {...accent} />
      <path d="M58 36h34M46 50h46M46 62h30" {...line} />
    </>
  ),
  people: (
    <>
      {person(42, 40, line)}
      {person(94, 40, line)}
      {person(68, 32, accent)}
    </>
  ),
  file: (
    <>
      <path d="M46 14h30l16 16v50a4 4 0 0 1-4 4H46a4 4 0 0 1-4-4V18a4 4 0 0 1 4-4z" {...line} />
      <path d="M76 14v16h16" {...line} />
      <path d="M67 70V46m-10 10 10-10 10 10" {...accent} />
    </>
  ),
  chart: (
    <>
      <path d="M32 20v58h72" {...line} />
      <path d="M42 64l16-16 14 8 24-28" {...accent} />
      <circle cx="96" cy="28" r="4" {...accent} />
    </>
  ),
  done: (
    <>
      <circle cx="68" cy="48" r="30" {...line} />
      <path d="M54 49l10 10 19-22" {...accent} strokeWidth={3} />
    </>
  ),
  search: (
    <>
      <circle cx="62" cy="44" r="24" {...line} />
      <path d="M80 62l18 18" {...accent} strokeWidth={4} />
      <path d="M52 40a11 11 0 0 1 10-8" {...line} />
    </>
  ),
  lock: (
    <>
      <rect x="42" y="42" width="52" height="38" rx="7" {...line} />
      <path d="M52 42v-9a16 16 0 0 1 32 0v9" {...line} />
      <path d="M68 57v9" {...accent} strokeWidth={4} />
    </>
  ),
  lost: (
    <>
      <path d="M28 66c12-26 26 8 38-14s20-26 42-18" {...line} strokeDasharray="2 7" />
      <circle cx="28" cy="66" r="5" {...line} />
      <circle cx="108" cy="34" r="7" {...accent} />
    </>
  ),
  segment: (
    <>
      <circle cx="56" cy="48" r="26" {...line} />
      <circle cx="82" cy="48" r="26" {...accent} />
    </>
  ),
  key: (
    <>
      <circle cx="48" cy="48" r="16" {...accent} />
      <path d="M64 48h42v12M92 48v9" {...line} />
    </>
  ),
};

export const Illustration = ({ picture }: { picture: Picture }) => (
  <svg width="136" height="96" viewBox="0 0 136 96" aria-hidden="true">
    <ellipse cx="68" cy="50" rx="64" ry="42" {...soft} opacity="0.55" />
    {pictures[picture]}
  </svg>
);
