import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  Form,
  faultAt,
  Link,
  Loaded,
  Name,
  NumberText,
  notifyError,
  notifyUndo,
  PageHeader,
  TimeText,
  useMay,
  useMutationOf,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import { useKinds } from './kinds.ts';

type Mapping = AnswerOf<'GET /api/imports/mappings'>['data'][number];

/** Mappings under a name: what they are for, when they were last used; renamed and deleted here, changed in an import. */
const MappingsPage = () => {
  const t = useTexts();
  const kinds = useKinds();
  const mayWrite = useMay('imports:write');
  const query = useQueryOf('GET /api/imports/mappings');
  const [renaming, setRenaming] = useState<Mapping | null>(null);
  const told = { invalidates: ['/api/imports'], onError: (error: Error) => notifyError(error) };
  const restore = useMutationOf('POST /api/imports/mappings/:id/restore', told);
  const remove = useMutationOf('DELETE /api/imports/mappings/:id', told);
  const take = (mapping: Mapping) =>
    remove.mutate(
      { params: { id: mapping.id } },
      {
        onSuccess: () =>
          notifyUndo(t('imports.mapping.deleted', { name: mapping.name }), () =>
            restore.mutateAsync({ params: { id: mapping.id } }),
          ),
      },
    );
  const columns: Column<Mapping>[] = [
    { key: 'name', title: t('imports.mapping.name'), render: row => <Name>{row.name}</Name>, card: 'title' },
    { key: 'kind', title: t('imports.column.kind'), render: row => kinds.labelOf(row.kind) },
    {
      key: 'columns',
      title: t('imports.mapping.columns'),
      align: 'end',
      render: row => <NumberText value={row.columns.length} />,
    },
    { key: 'by', title: t('imports.column.by'), render: row => <Name>{row.created_by}</Name>, optional: 'on' },
    {
      key: 'used',
      title: t('imports.mapping.used'),
      render: row => (row.used_at ? <TimeText value={row.used_at} /> : t('imports.mapping.never_used')),
    },
  ];
  return (
    <>
      <PageHeader
        title={t('imports.mappings.title')}
        description={t('imports.mappings.about')}
        back={{ to: '/imports', label: t('imports.list.title') }}
      />
      <Loaded query={query}>
        {({ data }) => (
          <DataTable
            name="import-mappings"
            label={t('imports.mappings.title')}
            columns={columns}
            list={{ rows: data }}
            rowKey={row => row.id}
            rowActions={
              mayWrite
                ? row => (
                    <Group gap={4} wrap="nowrap" justify="flex-end">
                      <Button
                        variant="subtle"
                        size="compact-sm"
                        aria-label={t('imports.mapping.rename_of', { name: row.name })}
                        onClick={() => setRenaming(row)}
                      >
                        {t('imports.mapping.rename')}
                      </Button>
                      <Button
                        variant="subtle"
                        size="compact-sm"
                        aria-label={t('imports.mapping.delete_of', { name: row.name })}
                        onClick={() => take(row)}
                      >
                        {t('imports.mapping.delete')}
                      </Button>
                    </Group>
                  )
                : undefined
            }
            empty={
              <EmptyState
                title={t('imports.mappings.none')}
                action={
                  <Button component={Link} to="/imports">
                    {t('imports.next.another')}
                  </Button>
                }
              >
                {t('imports.mappings.none.what')}
              </EmptyState>
            }
          />
        )}
      </Loaded>
      <Modal
        opened={renaming !== null}
        onClose={() => setRenaming(null)}
        title={t('imports.mapping.rename')}
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        {renaming && <Rename mapping={renaming} onDone={() => setRenaming(null)} />}
      </Modal>
    </>
  );
};

const Rename = ({ mapping, onDone }: { mapping: Mapping; onDone: () => void }) => {
  const t = useTexts();
  const [name, setName] = useState(mapping.name);
  const rename = useMutationOf('PATCH /api/imports/mappings/:id', { invalidates: ['/api/imports'], onSuccess: onDone });
  return (
    <Form
      submit={t('imports.mapping.rename')}
      busy={rename.isPending}
      error={rename.error}
      shown={['name']}
      onSubmit={() => rename.mutate({ params: { id: mapping.id }, body: { version: mapping.version, name } })}
      onCancel={onDone}
    >
      <TextInput
        label={t('imports.mapping.name')}
        data-autofocus
        value={name}
        maxLength={80}
        error={faultAt(rename.error, 'name')}
        onChange={event => setName(event.currentTarget.value)}
      />
    </Form>
  );
};

export default MappingsPage;
