/** Noting down what somebody asked for by phone, letter or in the shop. */
import { Modal, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type AnswerOf, Form, faultAt, useGo, useMutationOf, useTexts } from '../../../ui/index.ts';

type Kind = AnswerOf<'GET /api/privacy/requests'>['data'][number]['kind'];
export const kinds: readonly Kind[] = ['access', 'portability', 'erasure', 'objection', 'change'];

export const NewRequest = ({ customerId, onClose }: { customerId?: string; onClose: () => void }) => {
  const t = useTexts();
  const go = useGo();
  const [kind, setKind] = useState<Kind>('access');
  const [customer, setCustomer] = useState(customerId ?? '');
  const [subject, setSubject] = useState('');
  const [note, setNote] = useState('');
  const open = useMutationOf('POST /api/privacy/requests', {
    invalidates: ['/api/privacy', '/api/customers'],
    onSuccess: made => {
      onClose();
      go(`/settings/privacy-requests/${made.id}`);
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('privacy.requests.add')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <Form
        submit={t('privacy.requests.open')}
        busy={open.isPending}
        error={open.error}
        shown={['customer', 'subject']}
        onCancel={onClose}
        onSubmit={() =>
          open.mutate({
            body: { kind, customer: customer.trim() || null, subject: subject.trim() || null, note: note.trim() || null },
          })
        }
      >
        <Stack gap="md">
          <Select
            label={t('privacy.request.kind')}
            allowDeselect={false}
            value={kind}
            onChange={value => value && setKind(value as Kind)}
            data={kinds.map(one => ({ value: one, label: t(`privacy.kind.${one}`) }))}
          />
          {customerId === undefined && (
            <>
              <TextInput
                label={t('privacy.request.customer')}
                description={t('privacy.request.customer_hint')}
                inputMode="numeric"
                value={customer}
                error={faultAt(open.error, 'customer')}
                onChange={event => setCustomer(event.currentTarget.value)}
              />
              <TextInput
                label={t('privacy.request.subject')}
                description={t('privacy.request.subject_hint')}
                value={subject}
                maxLength={300}
                onChange={event => setSubject(event.currentTarget.value)}
              />
            </>
          )}
          <Textarea
            label={t('privacy.request.note')}
            value={note}
            autosize
            minRows={2}
            maxLength={2000}
            onChange={event => setNote(event.currentTarget.value)}
          />
        </Stack>
      </Form>
    </Modal>
  );
};
