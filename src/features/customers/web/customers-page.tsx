/** The list of customers: typed into, filtered, sorted by any fact, with the facts one wants as columns. */
import { Button, Chip, Group, Popover, Switch } from '@mantine/core';
import { IconFilePlus, IconFilter, IconUserPlus } from '@tabler/icons-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import {
  type AnswerOf,
  addressOf,
  type Column,
  DataTable,
  DownloadButton,
  EmptyState,
  Facet,
  FilterBar,
  flag,
  formatNumber,
  Labelled,
  Link,
  many,
  PageHeader,
  SearchField,
  StatusBadge,
  slotValues,
  TimeText,
  text,
  useAsOf,
  useListOf,
  useMay,
  useQueryOf,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import classes from './customers.module.css';
import { CustomersNav } from './customers-nav.tsx';
import { FactText, Tags } from './fact-text.tsx';
import { NewCustomer } from './new-customer.tsx';
import { selectionBar } from './panels.ts';
import { PersonLine } from './person.tsx';
import { titleOf } from './title.ts';

/** Asked for now and then: one press further away. */
const rare = new Set(['has_email', 'has_phone', 'not_shopper', 'duplicates']);

type Row = AnswerOf<'GET /api/customers'>['data'][number];
type Described = AnswerOf<'GET /api/facts'>;

/** What a list of people is looked through for, as far as the house knows these facts. */
const usual = ['orders.count', 'orders.sales', 'orders.last_on', 'predictions.lapse', 'consent.email'];

const CustomersPage = () => {
  const t = useTexts();
  const as_of = useAsOf();
  const [url, setUrl] = useUrl({
    query: text(),
    sort: text(),
    filter: many(),
    columns: many(),
    anonymous: flag(),
    not_shoppers: flag(),
    new: flag(),
  });
  const described = useQueryOf('GET /api/facts', {}, { staleTime_ms: 60_000 });
  const known = new Map((described.data?.facts ?? []).map(fact => [fact.code, fact]));
  const shown = [...new Set([...usual, ...url.columns])].filter(code => known.has(code));
  const asked = {
    query: url.query,
    sort: url.sort,
    filter: url.filter,
    columns: shown,
    as_of: as_of ?? undefined,
    anonymous: url.anonymous ? ('1' as const) : ('0' as const),
    not_shoppers: url.not_shoppers ? ('1' as const) : ('0' as const),
  };
  const list = useListOf('GET /api/customers', { query: { ...asked, total: '1' } }, { enabled: described.data !== undefined });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const bars = useMemo(() => slotValues(selectionBar).map(({ load }) => lazy(load)), []);
  const [mayWrite, mayExport] = [useMay('customers:write'), useMay('customers:export')];
  const narrowed = url.query !== '' || url.filter.length > 0;
  const rareOn =
    url.filter.filter(on => rare.has(on.slice(0, on.indexOf(':')))).length + Number(url.anonymous) + Number(url.not_shoppers);
  const clear = () => setUrl({ query: '', filter: [], anonymous: false, not_shoppers: false });
  return (
    <>
      <PageHeader
        title={t('customers.list.title')}
        description={
          list.total === undefined ? undefined : t('customers.list.count', { count: list.total, shown: formatNumber(list.total) })
        }
        actions={
          <>
            {mayExport && (
              <DownloadButton address={addressOf('GET /api/customers.csv', { query: asked })} fileName="customers.csv">
                {t('customers.list.csv')}
              </DownloadButton>
            )}
            {mayWrite && (
              <Button leftSection={<IconUserPlus size={16} />} onClick={() => setUrl({ new: true })}>
                {t('customers.new.button')}
              </Button>
            )}
          </>
        }
      />
      <CustomersNav />
      {selected.size > 0 && !as_of && (
        <Suspense>
          {bars.map((Bar, index) => (
            <Bar
              key={index}
              selected={selected}
              list={{ query: url.query, filter: url.filter, anonymous: asked.anonymous, not_shoppers: asked.not_shoppers }}
              total={list.total}
              tags={described.data?.tags ?? []}
              onDone={() => setSelected(new Set())}
            />
          ))}
        </Suspense>
      )}
      <DataTable
        name="customers"
        label={t('customers.list.title')}
        list={list}
        rowKey={row => row.id}
        rowLink={row => `/customers/${row.id}`}
        sort={url.sort}
        onSort={sort => setUrl({ sort })}
        selection={mayWrite ? { keys: selected, onChange: setSelected, labelOf: key => nameIn(list.rows, key) } : undefined}
        columns={columnsFor(t, shown, known, url.columns)}
        toolbar={
          <FilterBar active={narrowed || url.anonymous || url.not_shoppers} onClear={clear}>
            <SearchField label={t('customers.list.search')} value={url.query} onChange={query => setUrl({ query })} />
            <Filters described={described.data} filter={url.filter} onChange={filter => setUrl({ filter })} />
            <Popover position="bottom-start" shadow="md" width={300} trapFocus>
              <Popover.Target>
                <Button variant={rareOn > 0 ? 'light' : 'default'} leftSection={<IconFilter size={16} />}>
                  {t('customers.list.more_filters')}
                  {rareOn > 0 && ` (${rareOn})`}
                </Button>
              </Popover.Target>
              <Popover.Dropdown className={classes.filters}>
                <RareFilters described={described.data} filter={url.filter} onChange={filter => setUrl({ filter })} />
                <Switch
                  label={t('customers.list.anonymous')}
                  checked={url.anonymous}
                  onChange={event => setUrl({ anonymous: event.currentTarget.checked })}
                />
                <Switch
                  label={t('customers.list.not_shoppers')}
                  checked={url.not_shoppers}
                  onChange={event => setUrl({ not_shoppers: event.currentTarget.checked })}
                />
              </Popover.Dropdown>
            </Popover>
            <MoreColumns described={described.data} chosen={url.columns} onChange={columns => setUrl({ columns })} />
          </FilterBar>
        }
        empty={
          narrowed ? (
            <EmptyState
              title={t('customers.list.none')}
              picture="search"
              action={
                <Button variant="default" onClick={clear}>
                  {t('customers.list.clear')}
                </Button>
              }
            >
              {t('customers.list.none_why')}
            </EmptyState>
          ) : (
            <EmptyState
              title={t('customers.list.empty')}
              picture="list"
              action={
                <Button component={Link} to="/imports" leftSection={<IconFilePlus size={16} />}>
                  {t('customers.list.import')}
                </Button>
              }
            >
              {t('customers.list.empty_why')}
            </EmptyState>
          )
        }
      />
      {url.new && <NewCustomer onClose={() => setUrl({ new: false })} />}
    </>
  );
};
export default CustomersPage;

const nameIn = (rows: readonly Row[], key: string): string => {
  const row = rows.find(one => one.id === key);
  return row ? titleOf(row) : key;
};

const columnsFor = (
  t: ReturnType<typeof useTexts>,
  shown: readonly string[],
  known: ReadonlyMap<string, Described['facts'][number]>,
  chosen: readonly string[],
): Column<Row>[] => [
  { key: 'name', title: t('customers.column.customer'), sort: 'customers.name', render: row => <PersonLine person={row} /> },
  ...shown.map((code): Column<Row> => {
    const fact = known.get(code)!;
    return {
      key: code,
      title: fact.label_text ?? t(fact.label),
      sort: fact.type === 'set' ? undefined : code,
      descendingFirst: !['text', 'choice'].includes(fact.type),
      align: ['number', 'money', 'percent', 'days'].includes(fact.type) ? 'end' : 'start',
      optional: chosen.includes(code) ? undefined : 'on',
      render: row => <FactText fact={fact} value={row.facts[code]} />,
    };
  }),
  {
    key: 'country',
    title: t('customers.fact.country'),
    optional: 'on',
    sort: 'customers.country',
    card: 'hidden',
    render: row => <bdi>{row.country ?? '–'}</bdi>,
  },
  {
    key: 'tags',
    card: 'hidden',
    title: t('customers.fact.tags'),
    optional: 'on',
    render: row => (row.tags.length > 0 ? <Tags tags={row.tags} /> : '–'),
  },
  {
    key: 'since',
    title: t('customers.fact.known_since'),
    optional: 'off',
    sort: 'customers.known_since',
    descendingFirst: true,
    render: row => <TimeText value={row.known_since} />,
  },
  { key: 'seen', title: t('customers.fact.last_seen'), optional: 'off', render: row => <TimeText value={row.last_seen_at} /> },
  {
    key: 'mark',
    title: t('customers.fact.not_shopper'),
    optional: 'off',
    card: 'hidden',
    render: row => (row.not_shopper ? <StatusBadge>{t(`customers.not_shopper.${row.not_shopper}`)}</StatusBadge> : '–'),
  },
];

const Filters = ({
  described,
  filter,
  onChange,
}: {
  described: Described | undefined;
  filter: readonly string[];
  onChange: (filter: string[]) => void;
}) => {
  const t = useTexts();
  return (
    <>
      {(described?.filters ?? [])
        .filter(one => !rare.has(one.name))
        .filter(one => one.choices.length > 0 || filter.some(on => on.startsWith(`${one.name}:`)))
        .map(one => (
          <Facet
            key={one.name}
            label={t(one.label)}
            single={one.choices.length <= 2}
            options={one.choices.map(value => ({ value, label: one.choice_labels ? t(one.choice_labels + value) : value }))}
            selected={filter.filter(on => on.startsWith(`${one.name}:`)).map(on => on.slice(one.name.length + 1))}
            onChange={values =>
              onChange([...filter.filter(on => !on.startsWith(`${one.name}:`)), ...values.map(value => `${one.name}:${value}`)])
            }
          />
        ))}
    </>
  );
};

const RareFilters = ({
  described,
  filter,
  onChange,
}: {
  described: Described | undefined;
  filter: readonly string[];
  onChange: (filter: string[]) => void;
}) => {
  const t = useTexts();
  return (described?.filters ?? [])
    .filter(one => rare.has(one.name))
    .map(one => (
      <Labelled key={one.name} label={t(one.label)}>
        <Chip.Group
          multiple
          value={filter.filter(on => on.startsWith(`${one.name}:`))}
          onChange={values => onChange([...filter.filter(on => !on.startsWith(`${one.name}:`)), ...values])}
        >
          <Group gap={6} role="group" aria-label={t(one.label)}>
            {one.choices.map(value => (
              <Chip key={value} size="xs" value={`${one.name}:${value}`}>
                {one.choice_labels ? t(one.choice_labels + value) : value}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      </Labelled>
    ));
};

const MoreColumns = ({
  described,
  chosen,
  onChange,
}: {
  described: Described | undefined;
  chosen: readonly string[];
  onChange: (columns: string[]) => void;
}) => {
  const t = useTexts();
  const always = new Set([
    ...usual,
    'customers.name',
    'customers.country',
    'customers.tags',
    'customers.known_since',
    'customers.not_shopper',
  ]);
  const options = (described?.facts ?? [])
    .filter(fact => !always.has(fact.code))
    .map(fact => ({ value: fact.code, label: fact.label_text ?? t(fact.label) }));
  return <Facet label={t('customers.list.columns')} options={options} selected={chosen} onChange={onChange} />;
};
