/** How a segment moved: by day with who came and went, the months before it was saved, and what it meant before. */
import { Button, SegmentedControl } from '@mantine/core';
import { IconDownload, IconRestore } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  addressOf,
  api,
  DataTable,
  EmptyState,
  formatTime,
  Link,
  Loaded,
  Name,
  NumberText,
  notifyError,
  notifyUndo,
  oneOf,
  Panel,
  Rows,
  StatusBadge,
  TimeText,
  text,
  useListOf,
  useMay,
  useMutationOf,
  useQueryOf,
  useRefresh,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { HistoryChart } from './history-chart.tsx';
import { Reasons } from './reasons.tsx';
import classes from './segments.module.css';
import { useVocabulary } from './vocabulary.ts';
import { useWords } from './words.tsx';

type Segment = AnswerOf<'GET /api/segments/:id'>;
type Day = AnswerOf<'GET /api/segments/:id/history'>['data'][number];
type Version = AnswerOf<'GET /api/segments/:id/versions'>['data'][number];

export const HistoryTab = ({ segment }: { segment: Segment }) => {
  const t = useTexts();
  const [url, setUrl] = useUrl({ day: text(), direction: oneOf(['entered', 'left'], 'entered') });
  const history = useQueryOf('GET /api/segments/:id/history', { params: { id: segment.id } });
  return (
    <Rows>
      <Panel
        title={t('segments.web.history')}
        description={t('segments.web.history_why')}
        actions={
          <Button
            component="a"
            href={addressOf('GET /api/segments/:id/history.csv', { params: { id: segment.id } })}
            download
            variant="default"
            size="xs"
            leftSection={<IconDownload size={14} />}
          >
            {t('segments.web.csv')}
          </Button>
        }
      >
        <Loaded query={history}>
          {({ data }) =>
            data.length === 0 ? <p className={classes.hint}>{t('segments.web.history_none')}</p> : <HistoryChart days={data} />
          }
        </Loaded>
      </Panel>
      <Panel title={t('segments.web.days')} description={t('segments.web.days_why')} flush>
        <Loaded query={history}>
          {({ data }) => (
            <Days
              days={[...data].reverse().filter((day, i) => i === 0 || day.entered > 0 || day.exited > 0)}
              onDay={(day, direction) => setUrl({ day, direction }, { push: true })}
            />
          )}
        </Loaded>
      </Panel>
      {url.day !== '' && (
        <Moves
          key={url.day}
          segment={segment}
          day={url.day}
          direction={url.direction}
          onDirection={direction => setUrl({ direction })}
        />
      )}
      <Past segment={segment} />
      <UsedIn segment={segment} />
      <Versions segment={segment} />
    </Rows>
  );
};

const shownDays = 15;

const Days = ({ days, onDay }: { days: readonly Day[]; onDay: (day: string, direction: 'entered' | 'left') => void }) => {
  const t = useTexts();
  const [all, setAll] = useState(false);
  const number = (day: Day, direction: 'entered' | 'left') => {
    const value = direction === 'entered' ? day.entered : day.exited;
    return value === 0 ? (
      <NumberText value={0} />
    ) : (
      <Button
        size="compact-sm"
        variant="subtle"
        onClick={() => onDay(day.day, direction)}
        aria-label={t(`segments.web.who_${direction}`, { count: value, day: formatTime(day.day, 'day') })}
      >
        <NumberText value={value} />
      </Button>
    );
  };
  return (
    <>
      <DataTable
        name="segment-days"
        label={t('segments.web.days')}
        plain
        list={{ rows: all ? days : days.slice(0, shownDays) }}
        rowKey={day => day.day}
        columns={[
          { key: 'day', title: t('segments.web.day'), render: day => <TimeText value={day.day} /> },
          { key: 'members', title: t('segments.web.members'), align: 'end', render: day => <NumberText value={day.members} /> },
          { key: 'entered', title: t('segments.web.entered'), align: 'end', render: day => number(day, 'entered') },
          { key: 'left', title: t('segments.web.exited'), align: 'end', render: day => number(day, 'left') },
        ]}
        empty={
          <EmptyState title={t('segments.web.history_none')} order={3}>
            {t('segments.web.history_first')}
          </EmptyState>
        }
      />
      {!all && days.length > shownDays && (
        <div className={classes.moreDays}>
          <Button variant="default" size="xs" onClick={() => setAll(true)}>
            {t('segments.web.all_days', { count: days.length })}
          </Button>
        </div>
      )}
    </>
  );
};

type MovesProps = {
  segment: Segment;
  day: string;
  direction: 'entered' | 'left';
  onDirection: (direction: 'entered' | 'left') => void;
};
const Moves = ({ segment, day, direction, onDirection }: MovesProps) => {
  const t = useTexts();
  const [mayRead, mayExport] = [useMay('customers:read'), useMay('customers:export')];
  const list = useListOf(
    'GET /api/segments/:id/moves',
    { params: { id: segment.id }, query: { day, direction } },
    { enabled: mayRead },
  );
  if (!mayRead) return null;
  return (
    <Panel
      title={t(`segments.web.${direction}_on`, { day: formatTime(day, 'day') })}
      flush
      actions={
        <>
          <SegmentedControl
            size="xs"
            aria-label={t('segments.web.which_way')}
            value={direction}
            onChange={value => onDirection(value as 'entered')}
            data={[
              { value: 'entered', label: t('segments.web.entered') },
              { value: 'left', label: t('segments.web.exited') },
            ]}
          />
          {mayExport && (
            <Button
              component="a"
              href={addressOf('GET /api/segments/:id/moves.csv', { params: { id: segment.id }, query: { day, direction } })}
              download
              variant="default"
              size="xs"
              leftSection={<IconDownload size={14} />}
            >
              {t('segments.web.csv')}
            </Button>
          )}
        </>
      }
    >
      <DataTable
        name="segment-moves"
        label={t(`segments.web.${direction}_on`, { day: formatTime(day, 'day') })}
        plain
        list={list}
        rowKey={row => `${row.id}${row.at}`}
        rowLink={row => `/customers/${row.id}`}
        columns={[
          { key: 'name', title: t('segments.web.customer_column'), render: row => <Name>{row.name ?? `#${row.id}`}</Name> },
          { key: 'at', title: t('segments.web.when'), render: row => <TimeText value={row.at} style="time" /> },
          {
            key: 'until',
            title: t(direction === 'left' ? 'segments.web.had_been_in' : 'segments.web.left_again'),
            render: row => (row.until ? <TimeText value={row.until} /> : '–'),
          },
          { key: 'why', title: t('segments.web.because'), render: row => <Reasons cause={row.cause} reasons={row.reasons} /> },
        ]}
        empty={
          <EmptyState title={t('segments.web.nobody_moved')} picture="people" order={3}>
            {t('segments.web.nobody_moved_why')}
          </EmptyState>
        }
      />
    </Panel>
  );
};

/** Asked for by pressing: a year of months is a dozen counts of everybody. */
const Past = ({ segment }: { segment: Segment }) => {
  const t = useTexts();
  const [asked, setAsked] = useState(false);
  const past = useQueryOf(
    'GET /api/segments/:id/past',
    { params: { id: segment.id }, query: { months: 12 } },
    { enabled: asked, staleTime_ms: 600_000 },
  );
  return (
    <Panel title={t('segments.web.past')} description={t('segments.web.past_why')}>
      {!asked ? (
        <Button variant="default" onClick={() => setAsked(true)}>
          {t('segments.web.past_ask')}
        </Button>
      ) : (
        <Loaded query={past}>
          {({ data, current_only }) => (
            <>
              <HistoryChart days={data.map(point => ({ ...point, entered: 0, exited: 0 }))} membersOnly />
              {current_only.length > 0 && <p className={classes.hint}>{t('segments.web.past_current')}</p>}
            </>
          )}
        </Loaded>
      )}
    </Panel>
  );
};

const UsedIn = ({ segment }: { segment: Segment }) => {
  const t = useTexts();
  return (
    <Panel title={t('segments.web.used_in')}>
      {segment.used_in.length === 0 ? (
        <p className={classes.hint}>{t('segments.web.used_nowhere')}</p>
      ) : (
        <ul className={classes.plainList}>
          {segment.used_in.map(use => (
            <li key={use.id}>
              <Link to={`/segments/${use.id}`}>
                <Name>{use.name}</Name>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
};

const Versions = ({ segment }: { segment: Segment }) => {
  const t = useTexts();
  const mayWrite = useMay('segments:write');
  const refresh = useRefresh();
  const versions = useQueryOf('GET /api/segments/:id/versions', { params: { id: segment.id } });
  const restore = useMutationOf('POST /api/segments/:id/versions/:version/restore', {
    invalidates: ['/api/segments', '/api/vocabulary'],
    onError: error => notifyError(error),
    onSuccess: after =>
      notifyUndo(t('segments.web.version_restored'), async () => {
        await api('PATCH /api/segments/:id', {
          params: { id: segment.id },
          body: { version: after.version, definition: segment.definition },
        });
        await refresh('/api/segments');
      }),
  });
  return (
    <Panel title={t('segments.web.versions')}>
      <Loaded query={versions}>
        {({ data }) => (
          <ol className={classes.versions}>
            {data.map((version, i) => (
              <li key={version.version} className={classes.version}>
                <div>
                  <Changes version={version} />
                  <span className={classes.below}>
                    <TimeText value={version.changed_at} style="time" /> · <Name>{version.changed_by}</Name>
                  </span>
                </div>
                {i === 0 ? (
                  <StatusBadge tone="good">{t('segments.web.version_now')}</StatusBadge>
                ) : (
                  mayWrite &&
                  !segment.deleted_at &&
                  version.definition !== null &&
                  version.sentence !== data[0]?.sentence && (
                    <Button
                      size="compact-sm"
                      variant="default"
                      leftSection={<IconRestore size={14} />}
                      loading={restore.isPending}
                      aria-label={t('segments.web.version_restore_named', { day: formatTime(version.changed_at, 'time') })}
                      onClick={() =>
                        restore.mutate({
                          params: { id: segment.id, version: version.version },
                          body: { version: segment.version },
                        })
                      }
                    >
                      {t('segments.web.version_restore')}
                    </Button>
                  )
                )}
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </Panel>
  );
};

const Changes = ({ version }: { version: Version }) => {
  const t = useTexts();
  const words = useWords(useVocabulary().data?.currency ?? 'EUR');
  if (version.changes === null) return <bdi>{version.name}</bdi>;
  const say = (one: NonNullable<Version['changes']>[number]): string => {
    const turned = one.turned ? '_not' : '';
    if (one.kind === 'first') return t('segments.change.first', { sentence: words(version.phrase) });
    if (one.kind === 'grouping') return t('segments.change.grouping', { sentence: words(version.phrase) });
    if (one.kind === 'same')
      return t(version.renamed_from ? 'segments.change.renamed' : 'segments.change.same', {
        from: version.renamed_from ?? '',
        to: version.name,
      });
    if (one.kind === 'changed') return t(`segments.change.changed${turned}`, { from: words(one.from), to: words(one.phrase) });
    return t(`segments.change.${one.kind}${turned}`, { what: words(one.phrase) });
  };
  return (
    <ul className={classes.changes}>
      {version.renamed_from && version.changes.every(one => one.kind !== 'same') && (
        <li>{t('segments.change.renamed', { from: version.renamed_from, to: version.name })}</li>
      )}
      {version.changes.map(one => (
        <li key={say(one)}>
          <bdi>{say(one)}</bdi>
        </li>
      ))}
    </ul>
  );
};
