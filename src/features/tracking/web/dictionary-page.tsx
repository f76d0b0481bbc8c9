import { Button } from '@mantine/core';
import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  Facet,
  FilterBar,
  formatNumber,
  hasText,
  Link,
  many,
  Name,
  oneOf,
  PageHeader,
  RelativeTime,
  SearchField,
  Sparkline,
  StatusBadge,
  say,
  text,
  useListOf,
  useQueryOf,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { lastDays } from './event-days.ts';
import classes from './tracking.module.css';

type Entry = AnswerOf<'GET /api/events/dictionary'>['data'][number];

const shownProperties = 5;
const sorts = ['-count', 'count', 'name', '-name', '-last', 'last', '-first', 'first'] as const;
const sources = ['browser', 'server', 'demo'] as const;

const sourceName = (source: string): string => (hasText(`tracking.source.${source}`) ? say(`tracking.source.${source}`) : source);

const useColumns = (): Column<Entry>[] => {
  const t = useTexts();
  return [
    {
      key: 'name',
      title: t('tracking.dictionary.event'),
      card: 'title',
      width: '46%',
      sort: 'name',
      render: entry => (
        <span className={classes.name}>
          <span className={classes.strong}>
            <Name>{entry.name}</Name>
          </span>
          <span className={classes.dim}>{entry.description ?? entry.sources.map(sourceName).join(', ')}</span>
          <PropertyNames entry={entry} />
        </span>
      ),
    },
    { key: 'state', title: t('tracking.dictionary.state'), card: 'aside', render: entry => <EntryState entry={entry} /> },
    {
      key: 'days',
      title: t('tracking.dictionary.days'),
      card: 'hidden',
      width: '7rem',
      render: entry => <Sparkline values={lastDays(entry.days, 30)} />,
    },
    {
      key: 'count',
      title: t('tracking.dictionary.count'),
      align: 'end',
      width: '8rem',
      sort: 'count',
      descendingFirst: true,
      render: entry => <bdi>{formatNumber(entry.count)}</bdi>,
    },
    {
      key: 'last',
      title: t('tracking.dictionary.last'),
      width: '9rem',
      sort: 'last',
      descendingFirst: true,
      render: entry => <RelativeTime value={entry.last_at} />,
    },
  ];
};

export const EntryState = ({ entry }: { entry: Pick<Entry, 'state' | 'conflicts'> }) => {
  const t = useTexts();
  return (
    <span className={classes.badges}>
      {entry.state !== 'new' && (
        <StatusBadge tone={entry.state === 'expected' ? 'good' : 'quiet'}>
          {t(`tracking.dictionary.state.${entry.state}`)}
        </StatusBadge>
      )}
      {entry.state === 'new' && <StatusBadge tone="info">{t('tracking.dictionary.state.new')}</StatusBadge>}
      {entry.conflicts > 0 && (
        <StatusBadge tone="warn">{t('tracking.dictionary.conflicts', { count: entry.conflicts })}</StatusBadge>
      )}
    </span>
  );
};

const PropertyNames = ({ entry }: { entry: Entry }) => {
  const t = useTexts();
  if (entry.property_count === 0) return <span className={classes.dim}>{t('tracking.dictionary.no_properties')}</span>;
  const shown = entry.properties.slice(0, shownProperties);
  return (
    <span className={classes.dim}>
      <bdi className={classes.paths}>{shown.map(property => property.path).join(', ')}</bdi>
      {entry.property_count > shown.length && ` ${t('tracking.dictionary.more', { count: entry.property_count - shown.length })}`}
    </span>
  );
};

const DictionaryPage = () => {
  const t = useTexts();
  const [url, setUrl] = useUrl({
    query: text(),
    state: many(),
    source: many(),
    shop: many(),
    conflicts: many(),
    sort: oneOf(sorts, '-count'),
  });
  const shops = useQueryOf('GET /api/shops');
  const list = useListOf('GET /api/events/dictionary', {
    query: {
      query: url.query || undefined,
      state: url.state[0] as Entry['state'] | undefined,
      source: url.source[0],
      shop: url.shop[0],
      conflicts: url.conflicts.length > 0 ? 'true' : undefined,
      sort: url.sort,
    },
  });
  const filtered = url.query !== '' || url.state.length + url.source.length + url.shop.length + url.conflicts.length > 0;
  const clear = () => setUrl({ query: '', state: [], source: [], shop: [], conflicts: [] });
  return (
    <>
      <PageHeader title={t('tracking.dictionary.title')} description={t('tracking.dictionary.description')} />
      <DataTable
        name="event-dictionary"
        label={t('tracking.dictionary.title')}
        list={list}
        rowKey={entry => entry.name}
        rowLink={entry => `/settings/event?${new URLSearchParams({ name: entry.name })}`}
        columns={useColumns()}
        sort={url.sort}
        onSort={sort => setUrl({ sort: sort as typeof url.sort })}
        toolbar={
          <FilterBar active={filtered} onClear={clear}>
            <SearchField label={t('tracking.dictionary.search')} value={url.query} onChange={query => setUrl({ query })} />
            <Facet
              label={t('tracking.dictionary.state')}
              options={(['new', 'expected', 'hidden'] as const).map(value => ({
                value,
                label: t(`tracking.dictionary.state.${value}`),
              }))}
              selected={url.state}
              onChange={state => setUrl({ state })}
              single
            />
            <Facet
              label={t('tracking.dictionary.source')}
              options={sources.map(value => ({ value, label: sourceName(value) }))}
              selected={url.source}
              onChange={source => setUrl({ source })}
              single
            />
            {(shops.data?.data.length ?? 0) > 1 && (
              <Facet
                label={t('tracking.dictionary.shop')}
                options={(shops.data?.data ?? []).map(shop => ({ value: shop.id, label: shop.name }))}
                selected={url.shop}
                onChange={shop => setUrl({ shop })}
                single
              />
            )}
            <Facet
              label={t('tracking.dictionary.types')}
              options={[{ value: 'true', label: t('tracking.dictionary.only_conflicts') }]}
              selected={url.conflicts}
              onChange={conflicts => setUrl({ conflicts })}
              single
            />
          </FilterBar>
        }
        empty={<NoEvents filtered={filtered} onClear={clear} />}
      />
    </>
  );
};
export default DictionaryPage;

const NoEvents = ({ filtered, onClear }: { filtered: boolean; onClear: () => void }) => {
  const t = useTexts();
  return filtered ? (
    <EmptyState
      picture="search"
      title={t('tracking.dictionary.nothing')}
      action={
        <Button variant="default" onClick={onClear}>
          {t('tracking.dictionary.clear')}
        </Button>
      }
    >
      {t('tracking.dictionary.nothing_text')}
    </EmptyState>
  ) : (
    <EmptyState
      title={t('tracking.dictionary.empty')}
      action={
        <Button component={Link} to="/settings/tracking">
          {t('tracking.dictionary.empty_action')}
        </Button>
      }
    >
      {t('tracking.dictionary.empty_text')}
    </EmptyState>
  );
};
