import { Progress, Text } from '@mantine/core';
import { useState } from 'react';
import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  FileDrop,
  FormError,
  formatBytes,
  Name,
  NumberText,
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
import { useKinds } from './kinds.ts';
import { StateBadge } from './state-badge.tsx';

type Listed = AnswerOf<'GET /api/imports'>['data'][number];

const ImportsPage = () => {
  const t = useTexts();
  const mayWrite = useMay('imports:write');
  return (
    <>
      <PageHeader title={t('imports.list.title')} description={t('imports.list.about')} />
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
  const send = (file: File) => {
    const form = new FormData();
    form.append('file', file);
    setError(null);
    setSending({ name: file.name, bytes: file.size, share: 0 });
    upload('POST /api/imports', { form, onProgress: share => setSending(before => before && { ...before, share }) })
      .then(made => go(`/imports/${made.id}`))
      .catch(setError)
      .finally(() => setSending(null));
  };
  return (
    <Panel title={t('imports.bring.title')}>
      <FileDrop
        label={t('imports.bring.drop')}
        hint={t('imports.bring.hint')}
        accept=".csv,.tsv,.txt,.tab,.gz,text/csv,text/tab-separated-values,application/gzip"
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
