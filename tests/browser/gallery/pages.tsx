/** Every part of the ground floor in its states, with made-up words and numbers. */
import {
  Button,
  Checkbox,
  Group,
  NumberInput,
  PasswordInput,
  SegmentedControl,
  Select,
  Switch,
  Tabs,
  Textarea,
  TextInput,
} from '@mantine/core';
import { IconMail, IconPackage, IconPlus, IconShoppingBag } from '@tabler/icons-react';
import { useState } from 'react';
import {
  ApiError,
  Avatar,
  BarList,
  Calibration,
  Cards,
  type Column,
  ConfirmDanger,
  CopyField,
  DataTable,
  EmptyState,
  ErrorState,
  Facet,
  Facts,
  FileDrop,
  FilterBar,
  Form,
  faultAt,
  Histogram,
  JobProgress,
  KeyFigure,
  type List,
  MoneyText,
  many,
  Name,
  NumberText,
  notifyDone,
  notifyError,
  notifyUndo,
  oneOf,
  PageHeader,
  Panel,
  PercentText,
  Rows,
  SearchField,
  ShareBar,
  SkeletonPanel,
  Split,
  StatusBadge,
  Steps,
  Timeline,
  TimeText,
  text,
  useDraft,
  useUrl,
} from '../../../src/ui/index.ts';

const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
const gbp = (amount_minor: number) => ({ amount_minor, currency: 'GBP' });

export const Parts = () => (
  <>
    <PageHeader
      title="Today"
      description="At most ten people to keep, ranked by what is at stake."
      badge={<StatusBadge tone="info">5 of 10 done</StatusBadge>}
      actions={
        <>
          <SegmentedControl data={['30 days', '90 days', '12 months']} defaultValue="90 days" aria-label="Period" />
          <Button leftSection={<IconPlus size={16} />}>New segment</Button>
        </>
      }
    />
    <Rows>
      <Cards min_px={230}>
        <KeyFigure
          label="90-day retention"
          value="41.8%"
          to="/people"
          trend={{ direction: 'up', tone: 'good', text: '2.3 pts vs prior' }}
          series={[30, 31, 30, 33, 35, 34, 38, 41]}
          note="of 4,339 customers"
        />
        <KeyFigure
          label="Repeat purchase rate"
          value="33.1%"
          trend={{ direction: 'up', tone: 'good', text: '1.1 pts' }}
          series={[30, 31, 33, 32, 31, 33]}
          formula="Customers with two purchase days or more, of all who ever bought."
        />
        <KeyFigure
          label="Value at risk"
          value="£84,120"
          trend={{ direction: 'up', tone: 'bad', text: '£6,200 more' }}
          series={[3, 4, 4, 5, 7, 8]}
        />
        <KeyFigure label="Loading" value="" loading />
      </Cards>
      <Split
        aside={
          <>
            <Panel title="Goran Jansen" description="Customer since March 2010">
              <Facts
                items={[
                  { label: 'Orders', value: <NumberText value={39} /> },
                  { label: 'Sales', value: <MoneyText money={gbp(8102484)} /> },
                  { label: 'Usual gap', value: '7.5 days' },
                  { label: 'Last order', value: <TimeText value="2011-11-01" /> },
                ]}
              />
              <div style={{ marginBlock: '14px 6px', fontSize: 14 }}>
                Lapse risk <PercentText share={0.46} />
              </div>
              <ShareBar share={0.46} label="Lapse risk 46 %" tone="warn" />
            </Panel>
            <Panel title="Timeline">
              <Timeline
                label="Timeline"
                items={[
                  { key: '1', at: ago(2), title: 'Opened "Autumn edit"', icon: IconMail },
                  {
                    key: '2',
                    at: ago(30),
                    title: 'Order 10482 shipped',
                    to: '/people',
                    icon: IconPackage,
                    tone: 'good',
                    aside: <MoneyText money={gbp(12900)} />,
                  },
                  {
                    key: '3',
                    at: ago(900),
                    title: 'Asked for a refund',
                    body: 'The boots are too small. Can I swap them for a 43?',
                    tone: 'bad',
                    icon: IconShoppingBag,
                  },
                ]}
              />
            </Panel>
          </>
        }
      >
        <Panel title="Background work">
          <Rows>
            <JobProgress id="running" title="Reading orders.csv.gz" />
            <JobProgress id="queued" title="Refreshing segments" />
            <JobProgress id="done" title="Reading customers.csv" />
            <JobProgress id="failed" title="Export" />
          </Rows>
        </Panel>
        <Panel title="Days since the last order" description="4,339 customers">
          <Histogram
            label="Days since the last order"
            head={['Days', 'Customers']}
            bins={Array.from({ length: 24 }, (_, i) => ({
              label: `${i * 15}`,
              value: Math.round(900 * Math.exp(-i / 6) + 40),
              text: String(Math.round(900 * Math.exp(-i / 6) + 40)),
              marked: i > 15,
            }))}
          />
        </Panel>
        <Panel title="Expected value by segment">
          <BarList
            label="Expected value by segment"
            rows={[
              ['Champions', 820],
              ['Loyal', 500],
              ['At risk', 380],
              ['New', 143],
              ['A segment with a rather long name', 89],
            ].map(([label, value]) => ({
              key: String(label),
              label: String(label),
              value: Number(value),
              text: <MoneyText money={gbp(Number(value) * 100)} style="round" />,
              to: '/people',
            }))}
          />
        </Panel>
        <Panel title="Track record">
          <Calibration
            label="Said against happened, on this shop's own past"
            axes={{ predicted: 'said', actual: 'happened' }}
            points={[
              [0.08, 0.06],
              [0.2, 0.24],
              [0.4, 0.37],
              [0.6, 0.66],
              [0.85, 0.8],
            ].map(([predicted, actual]) => ({ predicted, actual, low: actual - 0.06, high: actual + 0.06, count: 120 }))}
          />
        </Panel>
      </Split>
      <Cards min_px={260}>
        <Panel>
          <EmptyState picture="people" title="Nobody here yet" action={<Button variant="light">Import orders</Button>}>
            Bring your order history in and see who is slipping away.
          </EmptyState>
        </Panel>
        <Panel>
          <ErrorState
            error={new ApiError(503, { detail: 'The scanning engine is starting. Try again in a few seconds.' })}
            onRetry={() => {}}
          />
        </Panel>
        <SkeletonPanel height_px={220} />
      </Cards>
      <Group>
        {(['good', 'warn', 'bad', 'info', 'quiet'] as const).map(tone => (
          <StatusBadge key={tone} tone={tone}>
            {tone}
          </StatusBadge>
        ))}
        <Avatar name="Ana Jansen" /> <Avatar name="bo@example.com" size_px={24} />
        <Button variant="default" onClick={() => notifyDone('Saved')}>
          Done
        </Button>
        <Button variant="default" onClick={() => notifyUndo('Ana was put off until Monday', () => {})}>
          Undo
        </Button>
        <Button
          variant="default"
          onClick={() =>
            notifyError(
              new ApiError(409, { detail: 'This segment was changed by somebody else. Load it again, then make your change.' }),
            )
          }
        >
          Error
        </Button>
      </Group>
    </Rows>
  </>
);

type Person = { id: string; name: string; email: string; orders: number; sales: number; last: string; state: string };
const names = [
  'Elif Moreau',
  'Mateo Jansen',
  'Goran Rossi',
  'Quinn García',
  'Lena Almeida',
  'Ibrahim Lindqvist',
  'Noor Kowalski',
  'Tala Jansen',
  'שרה כהן',
  '山田 花子',
  'Oliver Featherstonehaugh-Cholmondeley',
];
const people: Person[] = Array.from({ length: 60 }, (_, i) => ({
  id: String(12000 + i),
  name: names[i % names.length],
  email: `person${i}@example.invalid`,
  orders: 1 + ((i * 7) % 40),
  sales: 1999 + i * 91_317,
  last: `2011-${String(1 + (i % 12)).padStart(2, '0')}-09`,
  state: ['slipping', 'active', 'lapsed'][i % 3],
}));
const columns: Column<Person>[] = [
  {
    key: 'name',
    title: 'Name',
    sort: 'name',
    render: row => (
      <Group gap="sm" wrap="nowrap" component="span">
        <Avatar name={row.name} size_px={28} />
        <Name>{row.name}</Name>
      </Group>
    ),
  },
  { key: 'email', title: 'E-mail', optional: 'on', card: 'hidden', render: row => <Name>{row.email}</Name> },
  {
    key: 'state',
    title: 'State',
    card: 'aside',
    render: row => (
      <StatusBadge tone={row.state === 'slipping' ? 'bad' : row.state === 'active' ? 'good' : 'quiet'}>{row.state}</StatusBadge>
    ),
  },
  {
    key: 'orders',
    title: 'Orders',
    align: 'end',
    sort: 'orders',
    descendingFirst: true,
    render: row => <NumberText value={row.orders} />,
  },
  {
    key: 'sales',
    title: 'Sales',
    align: 'end',
    sort: 'sales',
    descendingFirst: true,
    render: row => <MoneyText money={gbp(row.sales)} />,
  },
  { key: 'last', title: 'Last order', align: 'end', optional: 'on', render: row => <TimeText value={row.last} /> },
];
const withState = (state: Partial<List<Person>>): List<Person> => ({
  rows: people,
  total: 4339,
  isLoading: false,
  isStale: false,
  error: null,
  hasMore: true,
  isLoadingMore: false,
  loadMore: () => {},
  reload: () => {},
  ...state,
});

const PeopleList = ({ list, empty }: { list: List<Person>; empty?: boolean }) => {
  const [url, setUrl] = useUrl({ query: text(), sort: text('-sales'), state: many() });
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set(['12001']));
  return (
    <>
      <PageHeader title="Customers" actions={<Button variant="default">Export</Button>} />
      <DataTable
        name="gallery"
        label="Customers"
        list={list}
        columns={columns}
        rowKey={row => row.id}
        rowLink={row => `/people?open=${row.id}`}
        sort={url.sort}
        onSort={sort => setUrl({ sort })}
        selection={
          empty ? undefined : { keys, onChange: setKeys, labelOf: key => people.find(one => one.id === key)?.name ?? key }
        }
        toolbar={
          <FilterBar active={url.state.length > 0} onClear={() => setUrl({ state: [], query: '' })} end="4,339 people">
            <SearchField label="Find by name, e-mail, phone or order" value={url.query} onChange={query => setUrl({ query })} />
            <Facet
              label="State"
              options={['slipping', 'active', 'lapsed'].map(value => ({ value, label: value, count: '1,204' }))}
              selected={url.state}
              onChange={state => setUrl({ state })}
            />
          </FilterBar>
        }
        empty={
          <EmptyState picture="search" title="Nobody fits" action={<Button variant="light">Clear filters</Button>}>
            Loosen a filter, or search by order number.
          </EmptyState>
        }
      />
    </>
  );
};
export const People = () => <PeopleList list={withState({})} />;
export const Empty = () => <PeopleList list={withState({ rows: [], hasMore: false })} empty />;
export const Failing = () => (
  <PeopleList
    list={withState({ error: new ApiError(503, { detail: 'The scanning engine is starting. Try again in a few seconds.' }) })}
  />
);
export const Loading = () => <PeopleList list={withState({ rows: [], isLoading: true })} empty />;

const refusal = new ApiError(422, {
  detail: 'Two fields need a correction.',
  errors: [{ path: 'email', reason: 'Write an e-mail address, for example ana@example.com.' }],
});
export const Forms = () => {
  const [url, setUrl] = useUrl({ step: oneOf(['file', 'mapping', 'check', 'run'], 'mapping') });
  const draft = useDraft('gallery', { name: 'Slipping regulars' });
  const [danger, setDanger] = useState(false);
  return (
    <>
      <PageHeader
        title="Import"
        back={{ to: '/people', label: 'Customers' }}
        description="From a file to the people slipping away."
      />
      <Steps
        label="Import"
        current={url.step}
        onGo={step => setUrl({ step })}
        steps={[
          { key: 'file', title: 'File' },
          { key: 'mapping', title: 'Columns' },
          { key: 'check', title: 'Dry run' },
          { key: 'run', title: 'Import' },
        ]}
      />
      <Split
        aside={
          <Panel title="Keys">
            <CopyField
              label="Link to hand over"
              value="https://crm.example.com/accept#token=kq3f9a8sdf7g6h5j4k3l2"
              description="Works once, for two days."
            />
          </Panel>
        }
      >
        <FileDrop
          label="Drop a file here"
          hint="CSV, TSV or Excel-like text, also gzipped, of any size."
          accept=".csv,.gz"
          onFile={() => {}}
        />
        <Panel title="Details">
          <Form submit="Save" onSubmit={() => {}} onCancel={() => {}} error={refusal} shown={['email']}>
            <TextInput
              label="Name"
              description="Shown in lists and reports."
              value={draft.value.name}
              onChange={event => draft.change({ name: event.currentTarget.value })}
            />
            <TextInput label="E-mail" error={faultAt(refusal, 'email')} defaultValue="ana@" />
            <PasswordInput
              label="Password"
              visibilityToggleButtonProps={{ 'aria-label': 'Show or hide' }}
              placeholder="At least ten characters"
            />
            <Select label="Currency" data={['EUR', 'GBP', 'USD']} defaultValue="GBP" />
            <NumberInput label="Days" defaultValue={90} />
            <Textarea label="Note" placeholder="What should colleagues know?" />
            <Checkbox label="Merge equal lines" defaultChecked />
            <Switch label="Look as of the last day in the file" defaultChecked />
            <Tabs defaultValue="a">
              <Tabs.List>
                <Tabs.Tab value="a">Orders</Tabs.Tab>
                <Tabs.Tab value="b">Identity</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="a" pt="sm">
                First
              </Tabs.Panel>
              <Tabs.Panel value="b" pt="sm">
                Second
              </Tabs.Panel>
            </Tabs>
            <Button color="red.8" variant="filled" onClick={() => setDanger(true)} w="fit-content">
              Erase this person
            </Button>
          </Form>
        </Panel>
      </Split>
      <ConfirmDanger
        opened={danger}
        onClose={() => setDanger(false)}
        title="Erase Ana Jansen?"
        confirm="Erase for good"
        typed="Ana"
        onConfirm={() => {}}
      >
        Everything about her is removed; sums in reports stay.
      </ConfirmDanger>
    </>
  );
};
