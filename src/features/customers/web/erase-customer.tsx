import { Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ConfirmDanger, notifyDone, useGo, useMutationOf, useTexts } from '../../../ui/index.ts';
import type { Customer } from './customer.ts';
import { titleOf } from './title.ts';

/** For good: says what goes and what stays, asks for the number and a reason. */
export const EraseCustomer = ({ customer, opened, onClose }: { customer: Customer; opened: boolean; onClose: () => void }) => {
  const t = useTexts();
  const go = useGo();
  const [reason, setReason] = useState('');
  const [block, setBlock] = useState(true);
  const erase = useMutationOf('POST /api/customers/:id/erase', {
    invalidates: ['/api/customers'],
    onSuccess: receipt => {
      notifyDone(t('customers.erase.done', { id: receipt.id.slice(0, 8) }));
      go('/customers');
    },
  });
  return (
    <ConfirmDanger
      opened={opened}
      onClose={onClose}
      title={t('customers.erase.title', { name: titleOf(customer) })}
      confirm={t('customers.erase.button')}
      typed={customer.id}
      busy={erase.isPending}
      error={erase.error}
      onConfirm={() =>
        erase.mutate({ params: { id: customer.id }, body: { confirm: customer.id, reason: reason.trim(), block } })
      }
    >
      <p>{t('customers.erase.explain')}</p>
      <TextInput
        label={t('customers.erase.reason')}
        required
        value={reason}
        onChange={event => setReason(event.currentTarget.value)}
        maxLength={200}
        mb="sm"
      />
      <Checkbox
        label={t('customers.erase.block')}
        description={t('customers.erase.block_why')}
        checked={block}
        onChange={event => setBlock(event.currentTarget.checked)}
        mb="sm"
      />
    </ConfirmDanger>
  );
};
