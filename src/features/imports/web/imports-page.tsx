import { Button, Group, Progress, Text } from '@mantine/core';
import { IconCalendarRepeat, IconColumns } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  FileDrop,
  FormError,
  formatBytes,
  Link,
  Name,
  NumberText,
  notifyDone,
  PageHeader,
  Panel,
  Rows,
  TimeText,
  upload,
  useGo,
  useListOf,
  useLive,
  useMay,
  useRefresh,
  useTexts,
} from '../../../ui/index.ts';
import type { ImportAnswer } from '../contract.ts';
import { FetchFile, OpenFetch } from './fetch-file.tsx';
import { useKinds } from './kinds.ts';
import { StateBadge } from './state-badge.tsx';

type Listed = AnswerOf<'GET /api/imports'>['data'][number];

const ImportsPage = () => {
  const t = useTexts();
  const mayWrite = useMay('imports:write');
  return (
    <>
      <PageHeader
        title={t('imports.list.title')}
        description={t('imports.list.about')}
        actions={
          <Group gap="xs">
            <Button component={Link} to="/imports/sources" variant="default" leftSection={<IconCalendarRepeat size={16} />}>
              {t('imports.sources.title')}
            </Button>
            <Button component={Link} to="/imports/mappings" variant="default" leftSection={<IconColumns size={16} />}>
              {t('imports.mappings.title')}
            </Button>
          </Group>
        }
      />
      <Rows>
        {mayWrite && <BringFile />}
        <Earlier />
      </Rows>
    </>
  );
};

/** Sends the file as it is; what it holds is found out by the server. */
const BringFile = () => {
  const t = useTexts();
  const go = useGo();
  const [sending, setSending] = useState<{ name: string; bytes: number; share: number } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [fetching, setFetching] = useState(false);
  const refresh = useRefresh();
  /** An archive of several tables became several imports: they stand in the list below. */
  const show = (made: ImportAnswer) => {
    const also = made.also?.length ?? 0;
    if (also === 0) return go(`/imports/${made.id}`);
    setFetching(false);
    notifyDone(t('imports.bring.several', { count: also + 1 }));
    void refresh('/api/imports');
  };
  const send = (file: File) => {
    const form = new FormData();
    form.append('file', file);
    setError(null);
    setSending({ name: file.name, bytes: file.size, share: 0 });
    upload('POST /api/imports', { form, onProgress: share => setSending(before => before && { ...before, share }) })
      .then(show)
      .catch(setError)
      .finally(() => setSending(null));
  };
  return (
    <Panel title={t('imports.bring.title')}>
      <FileDrop
        label={t('imports.bring.drop')}
        hint={t('imports.bring.hint')}
        accept=".csv,.tsv,.txt,.tab,.gz,.zip,text/csv,text/tab-separated-values,application/gzip,application/zip"
        disabled={sending !== null}
        onFile={send}
      />
      <div aria-live="polite">
        {sending && (
          <div style={{ marginBlockStart: 16 }}>
            <Text size="sm" mb={6}>
              {t(sending.share < 1 ? 'imports.bring.sending' : 'imports.bring.looking', {
                file: sending.name,
                size: formatBytes(sending.bytes),
              })}
            </Text>
            <Progress
              value={Math.max(2, sending.share * 100)}
              animated={sending.share >= 1}
              radius="xl"
              aria-label={t('imports.bring.progress')}
            />
          </div>
        )}
      </div>
      {fetching ? (
        <div style={{ marginBlockStart: 16 }}>
          <FetchFile onMade={show} onCancel={() => setFetching(false)} />
        </div>
      ) : (
        <OpenFetch onOpen={() => setFetching(true)} />
      )}
      {error !== null && (
        <div style={{ marginBlockStart: 16 }}>
          <FormError error={error} />
        </div>
      )}
    </Panel>
  );
};

const Earlier = () => {
  const t = useTexts();
  const refresh = useRefresh();
  const kinds = useKinds();
  const list = useListOf('GET /api/imports', { query: {} });
  useLive('imports', () => void refresh('/api/imports'));
  const columns: Column<Listed>[] = [
    { key: 'file', title: t('imports.column.file'), render: row => <Name>{row.file_name}</Name>, card: 'title' },
    { key: 'state', title: t('imports.column.state'), render: row => <StateBadge state={row.state} />, card: 'aside' },
    { key: 'kind', title: t('imports.column.kind'), render: row => kinds.labelOf(row.kind) },
    { key: 'rows', title: t('imports.column.rows'), align: 'end', render: row => <NumberText value={row.counts.read} /> },
    { key: 'kept', title: t('imports.column.kept'), align: 'end', render: row => <NumberText value={row.counts.kept} /> },
    {
      key: 'skipped',
      title: t('imports.column.skipped'),
      align: 'end',
      render: row => <NumberText value={row.counts.read - row.counts.kept} />,
    },
    { key: 'by', title: t('imports.column.by'), optional: 'on', render: row => <Name>{row.created_by}</Name>, card: 'hidden' },
    { key: 'at', title: t('imports.column.at'), render: row => <TimeText value={row.created_at} /> },
  ];
  return (
    <Panel title={t('imports.earlier.title')} flush>
      <DataTable
        name="imports"
        label={t('imports.list.title')}
        plain
        columns={columns}
        list={list}
        rowKey={row => row.id}
        rowLink={row => `/imports/${row.id}`}
        empty={
          <EmptyState title={t('imports.none')} order={3}>
            {t('imports.none.what')}
          </EmptyState>
        }
      />
    </Panel>
  );
};

export default ImportsPage;
