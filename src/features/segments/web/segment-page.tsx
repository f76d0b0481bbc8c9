/** One segment: who is in it, what it means, how it moved, where it is used. */
import { Button, Tabs, TextInput } from '@mantine/core';
import { IconDownload, IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  Avatar,
  api,
  Cards,
  DataTable,
  EmptyState,
  FormError,
  faultAt,
  formatTime,
  JobProgress,
  KeyFigure,
  Link,
  Loaded,
  MoneyText,
  Name,
  NumberText,
  notifyDone,
  notifyError,
  notifyUndo,
  oneOf,
  PageHeader,
  Panel,
  Rows,
  StatusBadge,
  TimeText,
  text,
  useAsOf,
  useListOf,
  useLive,
  useMay,
  useMutationOf,
  usePathParam,
  useQueryOf,
  useRefresh,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import type { Definition } from '../definition.ts';
import { Editor } from './editor.tsx';
import { HistoryTab } from './history-tab.tsx';
import classes from './segments.module.css';
import { useDraftDefinition } from './use-draft-definition.ts';
import { usePreview } from './use-preview.ts';
import { useVocabulary } from './vocabulary.ts';
import { Sentence } from './words.tsx';

type Segment = AnswerOf<'GET /api/segments/:id'>;

const SegmentPage = () => {
  const id = usePathParam('id');
  const as_of = useAsOf();
  const refresh = useRefresh();
  const segment = useQueryOf('GET /api/segments/:id', { params: { id }, query: { as_of } }, { keep: true });
  useLive('segment', payload => payload.id === id && void refresh('/api/segments'));
  return <Loaded query={segment}>{data => <Shown key={data.id} segment={data} />}</Loaded>;
};

const Shown = ({ segment }: { segment: Segment }) => {
  const t = useTexts();
  const [url, setUrl] = useUrl({ tab: oneOf(['members', 'definition', 'history'], 'members'), export: text() });
  const currency = useVocabulary().data?.currency ?? 'EUR';
  const visible = segment.definition !== null;
  return (
    <>
      <PageHeader
        title={<Name>{segment.name}</Name>}
        back={{ to: '/segments', label: t('segments.web.title') }}
        description={
          segment.phrase && url.tab !== 'definition' ? (
            <Sentence phrase={segment.phrase} currency={currency} />
          ) : segment.hidden.length > 0 ? (
            t('segments.web.hidden_why', { groups: segment.hidden.join(', ') })
          ) : undefined
        }
        badge={
          segment.deleted_at ? (
            <StatusBadge tone="bad">{t('segments.web.list.deleted')}</StatusBadge>
          ) : segment.archived_at ? (
            <StatusBadge>{t('segments.web.list.archived')}</StatusBadge>
          ) : segment.broken ? (
            <StatusBadge tone="bad">{t('segments.web.broken')}</StatusBadge>
          ) : undefined
        }
        actions={<Actions segment={segment} onExport={job => setUrl({ export: job }, { push: true })} />}
      />
      {segment.broken && <FormError error={new Error(segment.broken)} />}
      {url.export && <ExportProgress id={url.export} />}
      {visible && !segment.broken ? (
        <Tabs value={url.tab} onChange={tab => setUrl({ tab: tab as 'members' }, { push: true })} keepMounted={false}>
          <Tabs.List mb="md">
            <Tabs.Tab value="members">{t('segments.web.members')}</Tabs.Tab>
            <Tabs.Tab value="definition">{t('segments.web.definition')}</Tabs.Tab>
            <Tabs.Tab value="history">{t('segments.web.history')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="members">
            <Members segment={segment} />
          </Tabs.Panel>
          <Tabs.Panel value="definition">
            <Change key={segment.version} segment={segment} />
          </Tabs.Panel>
          <Tabs.Panel value="history">
            <HistoryTab segment={segment} />
          </Tabs.Panel>
        </Tabs>
      ) : segment.broken ? (
        <Change key={segment.version} segment={segment} />
      ) : (
        <Panel>
          <KeyFigure label={t('segments.web.members')} value={<NumberText value={segment.count} />} />
        </Panel>
      )}
    </>
  );
};

const Actions = ({ segment, onExport }: { segment: Segment; onExport: (job: string) => void }) => {
  const t = useTexts();
  const as_of = useAsOf();
  const mayWrite = useMay('segments:write');
  const mayExport = useMay('customers:export');
  const refresh = useRefresh();
  const startExport = useMutationOf('POST /api/segments/:id/exports', {
    onSuccess: ({ job_id }) => onExport(job_id),
    onError: error => notifyError(error),
  });
  const recount = useMutationOf('POST /api/segments/:id/refresh', {
    onSuccess: () => notifyDone(t('segments.web.recounting')),
    onError: error => notifyError(error),
  });
  const restore = async () => {
    await api('POST /api/segments/:id/restore', { params: { id: segment.id } });
    await refresh('/api/segments');
  };
  if (segment.deleted_at)
    return mayWrite ? <Button onClick={() => void restore().catch(notifyError)}>{t('segments.web.restore')}</Button> : null;
  return (
    <>
      {mayWrite && (
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} />}
          loading={recount.isPending}
          onClick={() => recount.mutate({ params: { id: segment.id } })}
        >
          {t('segments.web.recount')}
        </Button>
      )}
      {mayExport && segment.definition !== null && (
        <Button
          leftSection={<IconDownload size={16} />}
          loading={startExport.isPending}
          onClick={() => startExport.mutate({ params: { id: segment.id }, body: { as_of: as_of ?? null } })}
        >
          {t('segments.web.export')}
        </Button>
      )}
    </>
  );
};

/** The file downloads from a link, so that it can also be fetched later. */
const ExportProgress = ({ id }: { id: string }) => {
  const t = useTexts();
  const job = useQueryOf('GET /api/jobs/:id', { params: { id } }, { refetchEvery_ms: 1_500 });
  const address = job.data?.state === 'done' ? (job.data.result?.url as string | undefined) : undefined;
  return (
    <div className={classes.exporting}>
      <JobProgress id={id} title={t('segments.web.exporting')} />
      {address && (
        <Button component="a" href={address} download leftSection={<IconDownload size={16} />} variant="light">
          {t('segments.web.download', { count: Number(job.data?.result?.rows ?? 0) })}
        </Button>
      )}
    </div>
  );
};

const Members = ({ segment }: { segment: Segment }) => {
  const t = useTexts();
  const as_of = useAsOf();
  const [url, setUrl] = useUrl({ sort: text('-orders.sales') });
  const vocabulary = useVocabulary().data;
  const known = (code: string) => vocabulary?.facts.some(fact => fact.code === code) ?? false;
  const columns = ['orders.count', 'orders.sales', 'orders.last_on'].filter(known);
  const sort = known(url.sort.replace(/^-/, '')) ? url.sort : '';
  const list = useListOf(
    'GET /api/segments/:id/members',
    { params: { id: segment.id }, query: { as_of, sort, columns: columns.join(',') } },
    { enabled: vocabulary !== undefined },
  );
  const preview = usePreview(segment.definition as Definition, segment.id).data;
  const currency = vocabulary?.currency ?? 'EUR';
  return (
    <Rows>
      <Cards min_px={170}>
        <KeyFigure
          label={t('segments.web.members')}
          value={<NumberText value={segment.count} />}
          note={as_of ? t('segments.web.on_day', { day: formatTime(as_of, 'day') }) : t('segments.web.now')}
          loading={segment.count === null}
        />
        <KeyFigure
          label={t('segments.web.share')}
          value={preview ? `${(preview.share * 100).toFixed(1)} %` : '–'}
          note={preview ? t('segments.web.of_total', { total: preview.total.toLocaleString() }) : undefined}
        />
        {preview?.reachable.email !== null && (
          <KeyFigure label={t('segments.web.reachable_email')} value={<NumberText value={preview?.reachable.email} />} />
        )}
        {preview?.sales && (
          <KeyFigure label={t('segments.web.sales')} value={<MoneyText money={preview.sales} style="round" />} />
        )}
      </Cards>
      <DataTable
        name="segment-members"
        label={t('segments.web.members')}
        list={list}
        rowKey={person => person.id}
        rowLink={person => `/customers/${person.id}`}
        sort={sort}
        onSort={next => setUrl({ sort: next })}
        columns={[
          {
            key: 'name',
            title: t('segments.web.customer_column'),
            render: person => (
              <span className={classes.person}>
                <Avatar name={person.name ?? person.email ?? '#'} size_px={30} />
                <span>
                  <Name>{person.name ?? person.email ?? t('segments.web.customer', { id: person.outside_id ?? person.id })}</Name>
                  {person.name && person.email && <span className={classes.below}>{person.email}</span>}
                </span>
              </span>
            ),
          },
          { key: 'country', title: t('segments.web.country'), render: person => <Name>{person.country}</Name>, optional: 'on' },
          ...(known('orders.count')
            ? [
                {
                  key: 'orders',
                  title: t('segments.web.orders_column'),
                  align: 'end' as const,
                  sort: 'orders.count',
                  descendingFirst: true,
                  render: (person: Person) => <NumberText value={person.facts['orders.count'] as number | undefined} />,
                },
              ]
            : []),
          ...(known('orders.sales')
            ? [
                {
                  key: 'sales',
                  title: t('segments.web.sales'),
                  align: 'end' as const,
                  sort: 'orders.sales',
                  descendingFirst: true,
                  render: (person: Person) => (
                    <MoneyText
                      money={
                        typeof person.facts['orders.sales'] === 'number'
                          ? { amount_minor: person.facts['orders.sales'], currency }
                          : null
                      }
                    />
                  ),
                },
              ]
            : []),
          ...(known('orders.last_on')
            ? [
                {
                  key: 'last',
                  title: t('segments.web.last_order'),
                  sort: 'orders.last_on',
                  descendingFirst: true,
                  render: (person: Person) => <TimeText value={person.facts['orders.last_on'] as string | undefined} />,
                },
              ]
            : []),
          {
            key: 'entered',
            title: t('segments.web.in_since'),
            render: person => <TimeText value={person.entered_at} />,
            optional: 'off',
          },
        ]}
        empty={
          <EmptyState
            title={t('segments.web.nobody')}
            picture="people"
            action={
              <Button variant="default" component={Link} to={`/segments/${segment.id}?tab=definition`}>
                {t('segments.web.look_at_definition')}
              </Button>
            }
          >
            {t('segments.web.nobody_why')}
          </EmptyState>
        }
      />
    </Rows>
  );
};
type Person = AnswerOf<'GET /api/segments/:id/members'>['data'][number];

const Change = ({ segment }: { segment: Segment }) => {
  const t = useTexts();
  const mayWrite = useMay('segments:write');
  const draft = useDraftDefinition(segment.definition as Definition);
  const [form, setForm] = useState({ name: segment.name, folder: segment.folder });
  const save = useMutationOf('PATCH /api/segments/:id', {
    invalidates: ['/api/segments', '/api/vocabulary'],
    onSuccess: after =>
      notifyUndo(t('segments.web.saved'), () =>
        api('PATCH /api/segments/:id', {
          params: { id: segment.id },
          body: { version: after.version, name: segment.name, folder: segment.folder, definition: segment.definition },
        }),
      ),
  });
  const changed = draft.isChanged || form.name !== segment.name || form.folder !== segment.folder;
  return (
    <Editor
      draft={draft}
      id={segment.id}
      head={
        <div className={classes.head}>
          <TextInput
            className={classes.name}
            label={t('segments.web.name')}
            value={form.name}
            maxLength={120}
            readOnly={!mayWrite}
            error={faultAt(save.error, 'name')}
            onChange={event => setForm({ ...form, name: event.currentTarget.value })}
          />
          <TextInput
            label={t('segments.web.folder')}
            value={form.folder}
            maxLength={60}
            readOnly={!mayWrite}
            onChange={event => setForm({ ...form, folder: event.currentTarget.value })}
          />
        </div>
      }
      actions={preview =>
        mayWrite && (
          <Button
            loading={save.isPending}
            disabled={!changed || form.name.trim() === '' || preview.error !== null}
            onClick={() =>
              save.mutate({
                params: { id: segment.id },
                body: { version: segment.version, ...form, definition: draft.definition },
              })
            }
          >
            {t('segments.web.save_changes')}
          </Button>
        )
      }
      foot={<FormError error={save.error} shown={['name']} />}
    />
  );
};

export default SegmentPage;
