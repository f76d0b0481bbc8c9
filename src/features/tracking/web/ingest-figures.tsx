import { Cards, formatDuration, formatNumber, KeyFigure, Loaded, useQueryOf, useTexts } from '../../../ui/index.ts';

const every_ms = 3_000;
/** Longer than this is worth a look. */
const slow_seconds = 60;

/** What became of the events that were sent; looks again every three seconds. */
export const IngestFigures = () => {
  const t = useTexts();
  const status = useQueryOf('GET /api/ingest/status', {}, { refetchEvery_ms: every_ms });
  return (
    <Loaded query={status}>
      {data => (
        <Cards min_px={185}>
          <KeyFigure
            label={t('tracking.figures.processed')}
            value={formatNumber(data.processed)}
            series={data.hours.map(hour => hour.processed)}
            note={t('tracking.figures.processed_note', {
              accepted: formatNumber(data.accepted),
              duplicate: formatNumber(data.duplicate),
            })}
          />
          <KeyFigure
            label={t('tracking.figures.lag')}
            value={data.lag_seconds < 1 ? t('tracking.figures.no_lag') : formatDuration(data.lag_seconds)}
            trend={
              data.lag_seconds > slow_seconds ? { direction: 'up', tone: 'warn', text: t('tracking.figures.slow') } : undefined
            }
            note={t('tracking.figures.lag_note')}
          />
          <KeyFigure
            label={t('tracking.figures.pending')}
            value={formatNumber(data.pending + data.copying)}
            note={t('tracking.figures.pending_note')}
          />
          <KeyFigure
            label={t('tracking.figures.rejected')}
            value={formatNumber(data.rejected)}
            to="/settings/rejected-events"
            note={t('tracking.figures.rejected_note')}
          />
        </Cards>
      )}
    </Loaded>
  );
};
