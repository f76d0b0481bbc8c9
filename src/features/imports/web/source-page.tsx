import { Button, Group, Modal, Text } from '@mantine/core';
import { IconDownload, IconPencil, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  type Column,
  DataTable,
  Facts,
  Link,
  Loaded,
  Name,
  NumberText,
  notifyDone,
  notifyError,
  notifyUndo,
  PageHeader,
  Panel,
  Rows,
  SkeletonPage,
  StatusBadge,
  TimeText,
  useGo,
  useLive,
  useMay,
  useMutationOf,
  usePathParam,
  useQueryOf,
  useRefresh,
  useTexts,
} from '../../../ui/index.ts';
import { useKinds } from './kinds.ts';
import { Notice } from './notice.tsx';
import { SourceForm } from './source-form.tsx';
import { standingOf, standingTones, useSchedule } from './source-words.ts';

type Source = AnswerOf<'GET /api/imports/sources/:id'>;
type Visit = Source['runs'][number];

const tones = { imported: 'good', unchanged: 'quiet', waiting: 'warn', failed: 'bad' } as const;

const SourcePage = () => {
  const t = useTexts();
  const id = usePathParam('id');
  const refresh = useRefresh();
  const query = useQueryOf('GET /api/imports/sources/:id', { params: { id } });
  useLive('import-sources', () => void refresh('/api/imports/sources'));
  useLive('imports', () => void refresh('/api/imports/sources'));
  return (
    <Loaded query={query} skeleton={<SkeletonPage />}>
      {source => (
        <>
          <PageHeader
            title={<Name>{source.name}</Name>}
            back={{ to: '/imports/sources', label: t('imports.sources.title') }}
            badge={
              <StatusBadge tone={standingTones[standingOf(source)]}>
                {t(`imports.source.standing.${standingOf(source)}`)}
              </StatusBadge>
            }
            actions={<Verbs source={source} />}
          />
          <Rows>
            <Standing source={source} />
            <About source={source} />
            <Visits source={source} />
          </Rows>
        </>
      )}
    </Loaded>
  );
};

const Verbs = ({ source }: { source: Source }) => {
  const t = useTexts();
  const go = useGo();
  const mayWrite = useMay('imports:write');
  const list = useQueryOf('GET /api/imports/sources');
  const [editing, setEditing] = useState(false);
  const told = { invalidates: ['/api/imports'], onError: (error: Error) => notifyError(error) };
  const run = useMutationOf('POST /api/imports/sources/:id/run', {
    ...told,
    onSuccess: () => notifyDone(t('imports.source.running')),
  });
  const pause = useMutationOf('POST /api/imports/sources/:id/pause', told);
  const resume = useMutationOf('POST /api/imports/sources/:id/resume', told);
  const restore = useMutationOf('POST /api/imports/sources/:id/restore', told);
  const remove = useMutationOf('DELETE /api/imports/sources/:id', {
    ...told,
    onSuccess: () => {
      notifyUndo(t('imports.source.deleted', { name: source.name }), () => restore.mutateAsync({ params: { id: source.id } }));
      go('/imports/sources');
    },
  });
  if (!mayWrite) return null;
  const params = { params: { id: source.id } };
  return (
    <Group gap="xs">
      <Button leftSection={<IconDownload size={16} />} loading={run.isPending} onClick={() => run.mutate(params)}>
        {t('imports.source.run')}
      </Button>
      {source.paused_at ? (
        <Button variant="default" leftSection={<IconPlayerPlay size={16} />} onClick={() => resume.mutate(params)}>
          {t('imports.source.resume')}
        </Button>
      ) : (
        <Button variant="default" leftSection={<IconPlayerPause size={16} />} onClick={() => pause.mutate(params)}>
          {t('imports.source.pause')}
        </Button>
      )}
      <Button variant="default" leftSection={<IconPencil size={16} />} onClick={() => setEditing(true)}>
        {t('imports.source.edit')}
      </Button>
      <Button variant="default" leftSection={<IconTrash size={16} />} onClick={() => remove.mutate(params)}>
        {t('imports.source.delete')}
      </Button>
      <Modal
        opened={editing}
        onClose={() => setEditing(false)}
        title={t('imports.source.edit')}
        size="lg"
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        {editing && <SourceForm before={source} inbox={list.data?.inbox ?? ''} onDone={() => setEditing(false)} />}
      </Modal>
    </Group>
  );
};

const Standing = ({ source }: { source: Source }) => {
  const t = useTexts();
  const standing = standingOf(source);
  if (standing !== 'failing' && standing !== 'waiting') return null;
  return (
    <Notice tone={standing === 'failing' ? 'bad' : 'warn'} title={t(`imports.source.trouble.${standing}`)} role="status">
      <Text size="sm">{source.last_run?.detail}</Text>
      {source.last_run?.import_id && <Link to={`/imports/${source.last_run.import_id}`}>{t('imports.source.open_import')}</Link>}
    </Notice>
  );
};

const About = ({ source }: { source: Source }) => {
  const t = useTexts();
  const kinds = useKinds();
  const schedule = useSchedule();
  const shops = useQueryOf('GET /api/shops');
  const shop = shops.data?.data.find(one => one.id === source.shop_id);
  const folder = source.address === '' ? t('imports.source.inbox') : source.address;
  return (
    <Panel title={t('imports.source.about')}>
      <Facts
        items={[
          {
            label: t(`imports.source.place.${source.place}`),
            value: (
              <span style={{ overflowWrap: 'anywhere' }}>
                <Name>{source.place === 'url' ? source.address : `${folder} (${source.pattern})`}</Name>
              </span>
            ),
          },
          { label: t('imports.source.when'), value: schedule(source) },
          ...(source.secret_set_at
            ? [
                {
                  label: t(source.auth === 'basic' ? 'imports.source.password' : 'imports.source.token'),
                  value: (
                    <>
                      <bdi>••••{source.secret_last4}</bdi> <TimeText value={source.secret_set_at} style="day" />
                    </>
                  ),
                },
              ]
            : []),
          { label: t('imports.source.shop'), value: <Name>{shop?.name ?? ''}</Name> },
          {
            label: t('imports.source.mapping'),
            value: source.mapping_name ?? (source.kind ? kinds.labelOf(source.kind) : t('imports.source.mapping.own')),
          },
          {
            label: t('imports.source.next'),
            value: source.paused_at || !source.next_due_at ? '–' : <TimeText value={source.next_due_at} style="time" />,
          },
        ]}
      />
    </Panel>
  );
};

const Visits = ({ source }: { source: Source }) => {
  const t = useTexts();
  const columns: Column<Visit>[] = [
    {
      key: 'at',
      title: t('imports.source.visited'),
      render: row => <TimeText value={row.started_at} style="time" />,
      card: 'title',
    },
    {
      key: 'outcome',
      title: t('imports.source.outcome'),
      render: row =>
        row.outcome && <StatusBadge tone={tones[row.outcome]}>{t(`imports.source.outcome.${row.outcome}`)}</StatusBadge>,
      card: 'aside',
    },
    {
      key: 'file',
      title: t('imports.column.file'),
      render: row => (row.import_id ? <Link to={`/imports/${row.import_id}`}>{row.file_name}</Link> : '–'),
    },
    {
      key: 'kept',
      title: t('imports.column.kept'),
      align: 'end',
      render: row => (row.rows_kept === null ? '–' : <NumberText value={row.rows_kept} />),
    },
    {
      key: 'by',
      title: t('imports.source.started_by'),
      render: row => t(row.by_hand ? 'imports.source.by_hand' : 'imports.source.by_schedule'),
    },
    { key: 'detail', title: t('imports.source.detail'), render: row => row.detail ?? '' },
  ];
  return (
    <Panel title={t('imports.source.visits')} flush>
      <DataTable
        name="import-source-runs"
        label={t('imports.source.visits')}
        plain
        columns={columns}
        list={{ rows: source.runs }}
        rowKey={row => row.id}
        empty={<Text p="md">{t('imports.source.no_visits')}</Text>}
      />
    </Panel>
  );
};

export default SourcePage;
