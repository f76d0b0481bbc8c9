import { Button } from '@mantine/core';
import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  FilterBar,
  formatNumber,
  hasText,
  Link,
  Name,
  PageHeader,
  RelativeTime,
  SearchField,
  StatusBadge,
  say,
  text,
  useListOf,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import classes from './tracking.module.css';

type Entry = AnswerOf<'GET /api/events/dictionary'>['data'][number];
type Property = Entry['properties'][number];

const shownProperties = 6;

const sourceName = (source: string): string => (hasText(`tracking.source.${source}`) ? say(`tracking.source.${source}`) : source);

const DictionaryPage = () => {
  const t = useTexts();
  const [url, setUrl] = useUrl({ query: text(), open: text() });
  const list = useListOf('GET /api/events/dictionary', { query: { query: url.query || undefined } });
  const columns: Column<Entry>[] = [
    {
      key: 'name',
      title: t('tracking.dictionary.event'),
      card: 'title',
      width: '24%',
      render: entry => (
        <div className={classes.name}>
          <span className={classes.strong}>
            <Name>{entry.name}</Name>
          </span>
          <span className={classes.dim}>{entry.sources.map(sourceName).join(', ')}</span>
        </div>
      ),
    },
    {
      key: 'count',
      title: t('tracking.dictionary.count'),
      align: 'end',
      width: '9rem',
      render: entry => <bdi>{formatNumber(entry.count)}</bdi>,
    },
    {
      key: 'last',
      title: t('tracking.dictionary.last'),
      width: '10rem',
      render: entry => <RelativeTime value={entry.last_at} />,
    },
    {
      key: 'properties',
      title: t('tracking.dictionary.properties'),
      render: entry => (
        <Properties
          properties={entry.properties}
          open={url.open === entry.name}
          onOpen={() => setUrl({ open: url.open === entry.name ? '' : entry.name })}
        />
      ),
    },
  ];
  return (
    <>
      <PageHeader title={t('tracking.dictionary.title')} description={t('tracking.dictionary.description')} />
      <DataTable
        name="event-dictionary"
        label={t('tracking.dictionary.title')}
        list={list}
        rowKey={entry => entry.name}
        columns={columns}
        toolbar={
          <FilterBar>
            <SearchField label={t('tracking.dictionary.search')} value={url.query} onChange={query => setUrl({ query })} />
          </FilterBar>
        }
        empty={
          url.query ? (
            <EmptyState picture="search" title={t('tracking.dictionary.nothing')}>
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
          )
        }
      />
    </>
  );
};
export default DictionaryPage;

const Properties = ({ properties, open, onOpen }: { properties: Property[]; open: boolean; onOpen: () => void }) => {
  const t = useTexts();
  if (properties.length === 0) return <span className={classes.dim}>{t('tracking.dictionary.no_properties')}</span>;
  const shown = open ? properties : properties.slice(0, shownProperties);
  return (
    <div className={classes.properties}>
      {shown.map(property => (
        <div key={property.path} className={classes.property}>
          <bdi className={classes.path}>{property.path}</bdi>
          <StatusBadge tone="quiet">{t(`tracking.type.${property.type}`)}</StatusBadge>
          {property.samples.length > 0 && (
            <bdi className={classes.samples}>{property.samples.slice(0, open ? 12 : 3).join(' · ')}</bdi>
          )}
        </div>
      ))}
      {properties.length > shownProperties && (
        <div>
          <Button variant="subtle" size="compact-sm" onClick={onOpen} aria-expanded={open}>
            {open
              ? t('tracking.dictionary.fewer')
              : t('tracking.dictionary.more', { count: properties.length - shownProperties })}
          </Button>
        </div>
      )}
    </div>
  );
};
