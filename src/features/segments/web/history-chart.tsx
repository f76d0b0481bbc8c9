/** Members by day as a stepped area, entries and exits as small bars below. Our own SVG; the numbers stand in a table for those who read. */
import { VisuallyHidden } from '@mantine/core';
import { type AnswerOf, formatNumber, formatTime, useTexts } from '../../../ui/index.ts';
import classes from './segments.module.css';

type Day = AnswerOf<'GET /api/segments/:id/history'>['data'][number];
const width = 720;
const height = 150;
const below = 44;

const dayNumber = (day: string): number => Date.parse(day) / 86_400_000;

export const HistoryChart = ({ days, membersOnly }: { days: readonly Day[]; membersOnly?: boolean }) => {
  const t = useTexts();
  const first = dayNumber(days[0]?.day ?? '2000-01-01');
  const length = Math.max(1, dayNumber(days.at(-1)?.day ?? '2000-01-01') - first);
  const most = Math.max(1, ...days.map(day => day.members));
  const busiest = Math.max(1, ...days.map(day => Math.max(day.entered, day.exited)));
  const x = (day: Day) => (days.length === 1 ? width / 2 : ((dayNumber(day.day) - first) / length) * width);
  const y = (members: number) => height - (members / most) * (height - 10);
  const line =
    days
      .map(
        (day, i) =>
          `${i === 0 ? 'M' : 'H'}${i === 0 ? `${days.length === 1 ? 0 : x(day)} ${y(day.members)}` : x(day)} ${i === 0 ? '' : `V${y(day.members)}`}`,
      )
      .join(' ') + (days.length === 1 ? ` H${width}` : '');
  return (
    <figure className={classes.history}>
      <div className={classes.historyPlot} aria-hidden="true">
        <span className={classes.axisTop}>{formatNumber(most)}</span>
        {/* biome-ignore lint/a11y/noSvgWithoutTitle: the figure is hidden from readers, who get the table */}
        <svg viewBox={`0 0 ${width} ${height + below}`} preserveAspectRatio="none">
          <line x1="0" x2={width} y1={y(most)} y2={y(most)} className={classes.grid} />
          <line x1="0" x2={width} y1={height} y2={height} className={classes.grid} />
          <path d={`${line} V${height} H${days.length === 1 ? 0 : x(days[0] as Day)} Z`} className={classes.area} />
          <path d={line} className={classes.line} vectorEffect="non-scaling-stroke" />
          {(membersOnly ? [] : days).map(day => (
            <g key={day.day}>
              <rect
                x={x(day) - 3}
                width="6"
                y={height + below / 2 - (day.entered / busiest) * (below / 2 - 3)}
                height={(day.entered / busiest) * (below / 2 - 3)}
                className={classes.came}
              />
              <rect
                x={x(day) - 3}
                width="6"
                y={height + below / 2}
                height={(day.exited / busiest) * (below / 2 - 3)}
                className={classes.went}
              />
            </g>
          ))}
        </svg>
        <div className={classes.axisDays}>
          <span>{formatTime(days[0]?.day ?? '', 'day')}</span>
          {days.length > 1 && <span>{formatTime(days.at(-1)?.day ?? '', 'day')}</span>}
        </div>
      </div>
      <figcaption className={classes.legend}>
        <span data-kind="members">{t('segments.web.members')}</span>
        {!membersOnly && (
          <>
            <span data-kind="came">{t('segments.web.entered')}</span>
            <span data-kind="went">{t('segments.web.exited')}</span>
          </>
        )}
      </figcaption>
      <VisuallyHidden>
        <table>
          <caption>{t('segments.web.history')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('segments.web.day')}</th>
              <th scope="col">{t('segments.web.members')}</th>
              <th scope="col">{t('segments.web.entered')}</th>
              <th scope="col">{t('segments.web.exited')}</th>
            </tr>
          </thead>
          <tbody>
            {days.map(day => (
              <tr key={day.day}>
                <td>{formatTime(day.day, 'day')}</td>
                <td>{formatNumber(day.members)}</td>
                <td>{formatNumber(day.entered)}</td>
                <td>{formatNumber(day.exited)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </figure>
  );
};
