import { Modal, SimpleGrid, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiError, Form, faultAt, Link, notifyDone, useMutationOf, useTexts } from '../../../ui/index.ts';
import type { Customer } from './customer.ts';
import classes from './customers.module.css';

const fields = ['name', 'email', 'phone', 'language', 'birthday', 'country', 'region', 'city', 'postal_code', 'zone'] as const;
type Field = (typeof fields)[number];
const contactFields: readonly Field[] = ['name', 'email', 'phone', 'birthday'];
const addressFields: readonly Field[] = ['region', 'city', 'postal_code'];

/** Only what was changed is sent, and pins; two people editing at once are told. */
export const EditCustomer = ({ customer, onClose }: { customer: Customer; onClose: () => void }) => {
  const t = useTexts();
  const [values, setValues] = useState<Partial<Record<Field, string>>>({});
  const save = useMutationOf('PATCH /api/customers/:id', {
    invalidates: ['/api/customers'],
    onSuccess: () => {
      notifyDone(t('customers.edit.saved'));
      onClose();
    },
  });
  const shown = fields.filter(
    field =>
      !(customer.hidden.includes('contact') && contactFields.includes(field)) &&
      !(customer.hidden.includes('address') && addressFields.includes(field)),
  );
  const changed = Object.fromEntries(
    Object.entries(values)
      .filter(([field, value]) => (customer[field as Field] ?? '') !== value)
      .map(([field, value]) => [field, value.trim() || null]),
  );
  const taken = save.error instanceof ApiError && save.error.values.id !== undefined ? String(save.error.values.id) : null;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('customers.edit.title')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <p className={classes.quiet}>{t('customers.edit.pins')}</p>
      <Form
        submit={t('customers.edit.save')}
        busy={save.isPending}
        disabled={Object.keys(changed).length === 0}
        error={save.error}
        shown={[...fields]}
        onCancel={onClose}
        onSubmit={() => save.mutate({ params: { id: customer.id }, body: { version: customer.version, ...changed } })}
      >
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          {shown.map((field, index) => (
            <TextInput
              key={field}
              label={t(`customers.field.${field}`)}
              type={field === 'birthday' ? 'date' : field === 'email' ? 'email' : field === 'phone' ? 'tel' : 'text'}
              data-autofocus={index === 0 || undefined}
              value={values[field] ?? customer[field] ?? ''}
              error={faultAt(save.error, field)}
              onChange={event => {
                const value = event.currentTarget.value;
                setValues(before => ({ ...before, [field]: value }));
              }}
            />
          ))}
        </SimpleGrid>
        {taken && <Link to={`/customers/${customer.id}?dialog=merge&other=${taken}`}>{t('customers.edit.merge_instead')}</Link>}
      </Form>
    </Modal>
  );
};
