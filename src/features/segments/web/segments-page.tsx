/** All segments with their counts as of the day looked at. */
import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconArchive, IconCopy, IconDots, IconPlus, IconRestore, IconTrash } from '@tabler/icons-react';
import {
  type AnswerOf,
  api,
  DataTable,
  EmptyState,
  Facet,
  FilterBar,
  Link,
  many,
  Name,
  NumberText,
  notifyError,
  notifyUndo,
  oneOf,
  PageHeader,
  Panel,
  SearchField,
  StatusBadge,
  TimeText,
  text,
  useAsOf,
  useGo,
  useListOf,
  useLive,
  useMay,
  useRefresh,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { canonicalJson } from '../definition.ts';
import { type Chosen, PresetsGallery } from './presets-gallery.tsx';
import classes from './segments.module.css';
import { useVocabulary } from './vocabulary.ts';
import { Sentence } from './words.tsx';

type Row = AnswerOf<'GET /api/segments'>['data'][number];

const SegmentsPage = () => {
  const t = useTexts();
  const go = useGo();
  const refresh = useRefresh();
  const mayWrite = useMay('segments:write');
  const as_of = useAsOf();
  const [url, setUrl] = useUrl({ query: text(), folder: many(), state: oneOf(['active', 'archived', 'deleted'], 'active') });
  const list = useListOf('GET /api/segments', {
    query: { query: url.query || undefined, folder: url.folder[0], state: url.state, as_of },
  });
  const currency = useVocabulary().data?.currency ?? 'EUR';
  useLive('segment', () => void refresh('/api/segments'));
  const folders = [...new Set([...list.rows.map(row => row.folder), ...url.folder])].filter(Boolean).sort();
  const filtered = url.query !== '' || url.folder.length > 0;
  const start = ({ name, definition }: Chosen) =>
    go(`/segments/new?name=${encodeURIComponent(name)}&definition=${encodeURIComponent(canonicalJson(definition))}`);
  const create = (
    <Button component={Link} to="/segments/new" leftSection={<IconPlus size={16} />}>
      {t('segments.web.new')}
    </Button>
  );
  return (
    <>
      <PageHeader title={t('segments.web.title')} description={t('segments.web.description')} actions={mayWrite && create} />
      <div className={classes.stack}>
        <DataTable
          name="segments"
          label={t('segments.web.title')}
          list={list}
          rowKey={row => row.id}
          rowLink={row => `/segments/${row.id}`}
          columns={[
            { key: 'name', title: t('segments.web.name'), render: row => <NameCell row={row} currency={currency} /> },
            {
              key: 'count',
              title: t('segments.web.members'),
              align: 'end',
              render: row =>
                row.count === null ? (
                  <StatusBadge tone="info">{t('segments.web.counting')}</StatusBadge>
                ) : (
                  <NumberText value={row.count} />
                ),
            },
            { key: 'folder', title: t('segments.web.folder'), render: row => <Name>{row.folder}</Name>, optional: 'on' },
            { key: 'by', title: t('segments.web.made_by'), render: row => <Name>{row.created_by}</Name>, optional: 'off' },
            {
              key: 'changed',
              title: t('segments.web.changed'),
              render: row => <TimeText value={row.updated_at} style="day" />,
              optional: 'on',
            },
          ]}
          rowActions={mayWrite ? row => <RowMenu row={row} /> : undefined}
          toolbar={
            <FilterBar active={filtered} onClear={() => setUrl({ query: '', folder: [] })}>
              <SearchField label={t('segments.web.search')} value={url.query} onChange={query => setUrl({ query })} />
              {folders.length > 0 && (
                <Facet
                  single
                  label={t('segments.web.folder')}
                  options={folders.map(value => ({ value, label: value }))}
                  selected={url.folder}
                  onChange={folder => setUrl({ folder })}
                />
              )}
              <Facet
                single
                label={t('segments.web.state_filter')}
                options={(['active', 'archived', 'deleted'] as const).map(value => ({
                  value,
                  label: t(`segments.web.list.${value}`),
                }))}
                selected={url.state === 'active' ? [] : [url.state]}
                onChange={([state]) => setUrl({ state: (state as typeof url.state) ?? 'active' })}
              />
            </FilterBar>
          }
          empty={
            filtered || url.state !== 'active' ? (
              <EmptyState
                title={t('segments.web.none')}
                picture="search"
                action={
                  <Button variant="default" onClick={() => setUrl({ query: '', folder: [], state: 'active' })}>
                    {t('segments.web.show_all')}
                  </Button>
                }
              />
            ) : (
              <EmptyState title={t('segments.web.empty')} picture="people" action={mayWrite ? create : undefined}>
                {t('segments.web.empty_why')}
              </EmptyState>
            )
          }
        />
        {mayWrite && url.state === 'active' && !filtered && (
          <Panel title={t('segments.web.presets')} description={t('segments.web.presets_why')}>
            <PresetsGallery onChoose={start} most={list.rows.length > 0 ? 9 : undefined} />
          </Panel>
        )}
      </div>
    </>
  );
};

const NameCell = ({ row, currency }: { row: Row; currency: string }) => {
  const t = useTexts();
  return (
    <span className={classes.nameCell}>
      <span className={classes.rowName}>
        <Name>{row.name}</Name>
      </span>
      {row.broken && <StatusBadge tone="bad">{t('segments.web.broken')}</StatusBadge>}
      {row.hidden.length > 0 && <span className={classes.below}>{t('segments.web.hidden')}</span>}
      {row.phrase && (
        <span className={classes.below}>
          <Sentence phrase={row.phrase} currency={currency} />
        </span>
      )}
    </span>
  );
};

const RowMenu = ({ row }: { row: Row }) => {
  const t = useTexts();
  const refresh = useRefresh();
  const run = async (work: () => Promise<unknown>, undo?: { text: string; work: () => Promise<unknown> }) => {
    try {
      await work();
      await refresh('/api/segments');
      if (undo) notifyUndo(undo.text, () => undo.work().then(() => refresh('/api/segments')));
    } catch (error) {
      notifyError(error);
    }
  };
  const params = { id: row.id };
  const restore = () => api('POST /api/segments/:id/restore', { params });
  const archive = (archived: boolean, version: number) => api('PATCH /api/segments/:id', { params, body: { version, archived } });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('segments.web.more', { name: row.name })}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {row.deleted_at ? (
          <Menu.Item leftSection={<IconRestore size={16} />} onClick={() => void run(restore)}>
            {t('segments.web.restore')}
          </Menu.Item>
        ) : (
          <>
            {row.definition !== null && (
              <Menu.Item
                leftSection={<IconCopy size={16} />}
                onClick={() => void run(() => api('POST /api/segments/:id/duplicate', { params }))}
              >
                {t('segments.web.duplicate')}
              </Menu.Item>
            )}
            <Menu.Item
              leftSection={<IconArchive size={16} />}
              onClick={() =>
                void run(() => archive(!row.archived_at, row.version), {
                  text: t(row.archived_at ? 'segments.web.unarchived' : 'segments.web.archived'),
                  work: () => archive(row.archived_at !== null, row.version + 1),
                })
              }
            >
              {t(row.archived_at ? 'segments.web.unarchive' : 'segments.web.archive')}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconTrash size={16} />}
              color="red"
              onClick={() =>
                void run(() => api('DELETE /api/segments/:id', { params }), { text: t('segments.web.deleted'), work: restore })
              }
            >
              {t('segments.web.delete')}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
};

export default SegmentsPage;
