/** The menu of saved views: take one, save the list as it is, and, on the one that is taken, keep, rename, share, delete. */
import { Button, Menu, Modal, Switch, TextInput } from '@mantine/core';
import {
  IconCheck,
  IconDeviceFloppy,
  IconLayoutList,
  IconPencil,
  IconTrash,
  IconUserShield,
  IconUsers,
} from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  api,
  Form,
  faultAt,
  hiddenColumns,
  notifyDone,
  notifyError,
  notifyUndo,
  setHiddenColumns,
  useGo,
  useHiddenColumns,
  useMay,
  useMutationOf,
  usePath,
  useQueryOf,
  useRefresh,
  useSearchText,
  useTexts,
} from '../../../ui/index.ts';

type View = AnswerOf<'GET /api/views'>['data'][number];

/** Open records and dialogs stand in the address too; a view is about the list. */
const passing = new Set(['new', 'as_of']);
const listQuery = (search: string): string => {
  const kept = new URLSearchParams([...new URLSearchParams(search)].filter(([name]) => !passing.has(name)));
  kept.sort();
  const written = kept.toString();
  return written === '' ? '' : `?${written}`;
};
const sameColumns = (view: View, hidden: readonly string[] | null): boolean =>
  view.hidden === null || [...view.hidden].sort().join(' ') === [...(hidden ?? [])].sort().join(' ');

const SavedViews = ({ table }: { table: string }) => {
  const t = useTexts();
  const go = useGo();
  const page = usePath();
  const query = listQuery(useSearchText());
  const hidden = useHiddenColumns(table);
  const list = useQueryOf('GET /api/views', { query: { page } });
  const [form, setForm] = useState<{ rename: View | null } | null>(null);
  /** Stays the one in use while the list is changed, so that the changes can be saved to it. */
  const [takenId, setTakenId] = useState<string | null>(null);
  const views = list.data?.data ?? [];
  const shown = views.find(view => listQuery(view.query) === query && sameColumns(view, hidden));
  const taken = shown ?? views.find(view => view.id === takenId);
  const take = (view: View) => {
    setTakenId(view.id);
    setHiddenColumns(table, view.hidden ?? hiddenColumns(table));
    go(`${view.page}${view.query}`);
  };
  return (
    <>
      <Menu position="bottom-end" width={300}>
        <Menu.Target>
          <Button
            variant={shown ? 'light' : 'default'}
            leftSection={<IconLayoutList size={16} />}
            aria-label={shown ? t('views.on', { name: shown.name }) : t('views.button')}
          >
            {shown ? <bdi>{shown.name}</bdi> : t('views.button')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {views.length === 0 && <Menu.Label>{t('views.none')}</Menu.Label>}
          <Group views={views.filter(view => !view.shared)} title={t('views.mine')} shown={shown} onTake={take} />
          <Group views={views.filter(view => view.shared)} title={t('views.shared')} shown={shown} onTake={take} />
          {views.length > 0 && <Menu.Divider />}
          {!shown && (
            <Menu.Item leftSection={<IconDeviceFloppy size={16} />} onClick={() => setForm({ rename: null })}>
              {t('views.save')}
            </Menu.Item>
          )}
          {taken?.may_change && (
            <ViewItems
              view={taken}
              changed={taken !== shown}
              now={{ query, hidden }}
              onRename={() => setForm({ rename: taken })}
            />
          )}
        </Menu.Dropdown>
      </Menu>
      {form && (
        <ViewForm
          rename={form.rename}
          now={{ page, query, hidden }}
          onClose={() => setForm(null)}
          onSaved={view => {
            setTakenId(view.id);
            setForm(null);
          }}
        />
      )}
    </>
  );
};

export default SavedViews;

const Group = ({
  views,
  title,
  shown,
  onTake,
}: {
  views: readonly View[];
  title: string;
  shown: View | undefined;
  onTake: (view: View) => void;
}) =>
  views.length > 0 && (
    <>
      <Menu.Label>{title}</Menu.Label>
      {views.map(view => (
        <Menu.Item
          key={view.id}
          onClick={() => onTake(view)}
          rightSection={view === shown ? <IconCheck size={16} aria-hidden /> : undefined}
          aria-current={view === shown || undefined}
        >
          <bdi>{view.name}</bdi>
        </Menu.Item>
      ))}
    </>
  );

type Now = { query: string; hidden: readonly string[] | null };

/** What can be done with the view in use. */
const ViewItems = ({ view, changed, now, onRename }: { view: View; changed: boolean; now: Now; onRename: () => void }) => {
  const t = useTexts();
  const refresh = useRefresh();
  const mayShare = useMay('views:share');
  const change = async (body: { query?: string; hidden?: string[] | null; shared?: boolean }, said?: string) => {
    try {
      await api('PATCH /api/views/:id', { params: { id: view.id }, body });
      await refresh('/api/views');
      if (said) notifyDone(said);
    } catch (error) {
      notifyError(error);
    }
  };
  const remove = async () => {
    try {
      await api('DELETE /api/views/:id', { params: { id: view.id } });
      await refresh('/api/views');
      const { name, page, query, hidden, shared } = view;
      notifyUndo(t('views.deleted', { name }), async () => {
        await api('POST /api/views', { body: { name, page, query, hidden, shared } });
        await refresh('/api/views');
      });
    } catch (error) {
      notifyError(error);
    }
  };
  return (
    <>
      {changed && (
        <Menu.Item
          leftSection={<IconDeviceFloppy size={16} />}
          onClick={() =>
            void change({ query: now.query, hidden: now.hidden && [...now.hidden] }, t('views.changed', { name: view.name }))
          }
        >
          {t('views.update', { name: view.name })}
        </Menu.Item>
      )}
      <Menu.Item leftSection={<IconPencil size={16} />} onClick={onRename}>
        {t('views.rename')}
      </Menu.Item>
      {mayShare && (
        <Menu.Item
          leftSection={view.shared ? <IconUserShield size={16} /> : <IconUsers size={16} />}
          onClick={() => void change({ shared: !view.shared })}
        >
          {t(view.shared ? 'views.unshare' : 'views.share')}
        </Menu.Item>
      )}
      <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => void remove()}>
        {t('views.delete')}
      </Menu.Item>
    </>
  );
};

const ViewForm = ({
  rename,
  now,
  onClose,
  onSaved,
}: {
  rename: View | null;
  now: Now & { page: string };
  onClose: () => void;
  onSaved: (view: View) => void;
}) => {
  const t = useTexts();
  const mayShare = useMay('views:share');
  const [name, setName] = useState(rename?.name ?? '');
  const [shared, setShared] = useState(false);
  const refresh = useRefresh();
  const [make, change] = [useMutationOf('POST /api/views'), useMutationOf('PATCH /api/views/:id')];
  const error = make.error ?? change.error;
  const save = async () => {
    const view = await (rename
      ? change.mutateAsync({ params: { id: rename.id }, body: { name } })
      : make.mutateAsync({ body: { name, page: now.page, query: now.query, hidden: now.hidden && [...now.hidden], shared } }));
    await refresh('/api/views');
    notifyDone(t('views.saved', { name: view.name }));
    onSaved(view);
  };
  return (
    <Modal opened onClose={onClose} title={t(rename ? 'views.form.rename_title' : 'views.form.title')}>
      <Form
        onSubmit={() => void save().catch(() => {})}
        submit={t('views.form.save')}
        busy={make.isPending || change.isPending}
        error={error}
        shown={['name']}
        onCancel={onClose}
      >
        <TextInput
          label={t('views.form.name')}
          value={name}
          onChange={event => setName(event.currentTarget.value)}
          error={faultAt(error, 'name')}
          maxLength={60}
          data-autofocus
          required
        />
        {mayShare && !rename && (
          <Switch
            mt="md"
            label={t('views.form.shared')}
            description={t('views.form.shared_hint')}
            checked={shared}
            onChange={event => setShared(event.currentTarget.checked)}
          />
        )}
      </Form>
    </Modal>
  );
};
