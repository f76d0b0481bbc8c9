import { Button, Modal } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import {
  type Column,
  DataTable,
  EmptyState,
  flag,
  Loaded,
  Name,
  PageHeader,
  StatusBadge,
  TimeText,
  useGo,
  useLive,
  useMay,
  useQueryOf,
  useRefresh,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import type { SourceAnswer } from '../source-contract.ts';
import { SourceForm } from './source-form.tsx';
import { standingOf, standingTones, useSchedule } from './source-words.ts';

/** Places that files are fetched from by a schedule. */
const SourcesPage = () => {
  const t = useTexts();
  const go = useGo();
  const refresh = useRefresh();
  const schedule = useSchedule();
  const mayWrite = useMay('imports:write');
  const query = useQueryOf('GET /api/imports/sources');
  useLive('import-sources', () => void refresh('/api/imports/sources'));
  const [url, setUrl] = useUrl({ new: flag() });
  const columns: Column<SourceAnswer>[] = [
    { key: 'name', title: t('imports.source.name'), render: row => <Name>{row.name}</Name>, card: 'title' },
    {
      key: 'standing',
      title: t('imports.column.state'),
      render: row => (
        <StatusBadge tone={standingTones[standingOf(row)]}>{t(`imports.source.standing.${standingOf(row)}`)}</StatusBadge>
      ),
      card: 'aside',
    },
    { key: 'when', title: t('imports.source.when'), render: row => schedule(row) },
    {
      key: 'last',
      title: t('imports.source.last'),
      render: row => (row.last_run ? <TimeText value={row.last_run.started_at} style="time" /> : t('imports.source.never')),
    },
    {
      key: 'next',
      title: t('imports.source.next'),
      render: row => (row.paused_at || !row.next_due_at ? '–' : <TimeText value={row.next_due_at} style="time" />),
    },
  ];
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setUrl({ new: true })}>
      {t('imports.source.add')}
    </Button>
  );
  return (
    <>
      <PageHeader
        title={t('imports.sources.title')}
        description={t('imports.sources.about')}
        back={{ to: '/imports', label: t('imports.list.title') }}
        actions={mayWrite && (query.data?.data.length ?? 0) > 0 ? add : undefined}
      />
      <Loaded query={query}>
        {({ data, inbox }) => (
          <>
            <DataTable
              name="import-sources"
              label={t('imports.sources.title')}
              columns={columns}
              list={{ rows: data }}
              rowKey={row => row.id}
              rowLink={row => `/imports/sources/${row.id}`}
              empty={
                <EmptyState title={t('imports.sources.none')} action={mayWrite ? add : undefined}>
                  {t('imports.sources.none.what')}
                </EmptyState>
              }
            />
            <Modal
              opened={url.new}
              onClose={() => setUrl({ new: false })}
              title={t('imports.source.add')}
              size="lg"
              closeButtonProps={{ 'aria-label': t('ui.close') }}
            >
              {url.new && (
                <SourceForm
                  before={null}
                  inbox={inbox}
                  onDone={id => (id === '' ? setUrl({ new: false }) : go(`/imports/sources/${id}`))}
                />
              )}
            </Modal>
          </>
        )}
      </Loaded>
    </>
  );
};

export default SourcesPage;
