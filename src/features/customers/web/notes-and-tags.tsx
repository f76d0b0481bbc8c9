/** Tags and a note, always at hand beside the page. */
import { Button, Pill, TagsInput, Textarea } from '@mantine/core';
import {
  notifyDone,
  notifyError,
  Panel,
  useDraft,
  useMay,
  useMaySee,
  useMutationOf,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import type { Customer } from './customer.ts';
import classes from './customers.module.css';

export const NotesAndTags = ({ customer }: { customer: Customer }) => {
  const t = useTexts();
  const mayWrite = useMay('customers:write');
  const maySeeNotes = useMaySee('notes');
  return (
    <>
      <Panel title={t('customers.fact.tags')}>
        {mayWrite ? (
          <TagField customer={customer} />
        ) : customer.tags.length > 0 ? (
          <Pill.Group>
            {customer.tags.map(tag => (
              <Pill key={tag}>{tag}</Pill>
            ))}
          </Pill.Group>
        ) : (
          <span className={classes.quiet}>{t('customers.tags.none')}</span>
        )}
      </Panel>
      {mayWrite && maySeeNotes && <NoteField customerId={customer.id} />}
    </>
  );
};

const TagField = ({ customer }: { customer: Customer }) => {
  const t = useTexts();
  const known = useQueryOf('GET /api/facts', {}, { staleTime_ms: 60_000 }).data?.tags ?? [];
  const save = useMutationOf('POST /api/customers/:id/tags', {
    invalidates: ['/api/customers', '/api/facts'],
    optimistic: [
      {
        route: 'GET /api/customers/:id',
        update: (answer, { body }) => ({
          ...answer,
          tags: [...new Set([...answer.tags, ...(body?.add ?? [])])].filter(tag => !body?.remove?.includes(tag)).sort(),
        }),
      },
    ],
    onError: error => notifyError(error),
  });
  const change = (tags: string[]) =>
    save.mutate({
      params: { id: customer.id },
      body: { add: tags.filter(tag => !customer.tags.includes(tag)), remove: customer.tags.filter(tag => !tags.includes(tag)) },
    });
  return (
    <TagsInput
      aria-label={t('customers.fact.tags')}
      placeholder={customer.tags.length === 0 ? t('customers.tags.add') : undefined}
      data={known}
      value={customer.tags}
      onChange={change}
      maxLength={60}
    />
  );
};

const NoteField = ({ customerId }: { customerId: string }) => {
  const t = useTexts();
  const draft = useDraft(`customers.note.${customerId}`, { text: '' });
  const save = useMutationOf('POST /api/customers/:id/notes', {
    invalidates: ['/api/customers/:id/timeline'],
    onSuccess: () => {
      draft.clear();
      notifyDone(t('customers.notes.saved'));
    },
    onError: error => notifyError(error),
  });
  return (
    <Panel title={t('customers.notes.title')}>
      <form
        className={classes.notes}
        onSubmit={event => {
          event.preventDefault();
          if (draft.value.text.trim()) save.mutate({ params: { id: customerId }, body: { text: draft.value.text } });
        }}
      >
        <Textarea
          aria-label={t('customers.notes.title')}
          placeholder={t('customers.notes.placeholder')}
          autosize
          minRows={3}
          maxRows={10}
          value={draft.value.text}
          onChange={event => draft.change({ text: event.currentTarget.value })}
        />
        <Button type="submit" variant="default" size="sm" loading={save.isPending} disabled={draft.value.text.trim() === ''}>
          {t('customers.notes.save')}
        </Button>
      </form>
    </Panel>
  );
};
