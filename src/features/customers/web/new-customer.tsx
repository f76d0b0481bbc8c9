import { Modal, SimpleGrid, TagsInput, TextInput } from '@mantine/core';
import { ApiError, Form, faultAt, Link, useDraft, useGo, useMutationOf, useQueryOf, useTexts } from '../../../ui/index.ts';

const fields = ['name', 'email', 'phone', 'country', 'city', 'language'] as const;
type Draft = Record<(typeof fields)[number], string> & { tags: string[] };
const blank: Draft = { name: '', email: '', phone: '', country: '', city: '', language: '', tags: [] };

/** A customer by hand: somebody on the phone, at the till. */
export const NewCustomer = ({ onClose }: { onClose: () => void }) => {
  const t = useTexts();
  const go = useGo();
  const draft = useDraft<Draft>('customers.new', blank);
  const tags = useQueryOf('GET /api/facts', {}, { staleTime_ms: 60_000 }).data?.tags ?? [];
  const save = useMutationOf('POST /api/customers', {
    invalidates: ['/api/customers'],
    onSuccess: made => {
      draft.clear();
      go(`/customers/${made.id}`);
    },
  });
  const taken = save.error instanceof ApiError && save.error.values.id !== undefined ? String(save.error.values.id) : null;
  const filled = Object.fromEntries(fields.map(field => [field, draft.value[field].trim() || undefined]));
  return (
    <Modal opened onClose={onClose} title={t('customers.new.title')} size="lg" closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <Form
        submit={t('customers.new.create')}
        busy={save.isPending}
        error={save.error}
        shown={[...fields]}
        onCancel={onClose}
        onSubmit={() => save.mutate({ body: { ...filled, tags: draft.value.tags } })}
      >
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          {fields.map(field => (
            <TextInput
              key={field}
              label={t(`customers.field.${field}`)}
              data-autofocus={field === 'name' || undefined}
              value={draft.value[field]}
              error={faultAt(save.error, field)}
              type={field === 'email' ? 'email' : field === 'phone' ? 'tel' : 'text'}
              onChange={event => draft.change({ [field]: event.currentTarget.value })}
            />
          ))}
        </SimpleGrid>
        <TagsInput
          label={t('customers.fact.tags')}
          data={tags}
          value={draft.value.tags}
          onChange={value => draft.change({ tags: value })}
        />
        {taken && <Link to={`/customers/${taken}`}>{t('customers.new.open_other')}</Link>}
      </Form>
    </Modal>
  );
};
