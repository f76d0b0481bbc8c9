/** Says on a customer's page that the same person may be in here twice. */
import { IconUsers } from '@tabler/icons-react';
import { Link, useMay, useQueryOf, useTexts } from '../../../ui/index.ts';
import type { Customer } from './customer.ts';
import classes from './customers.module.css';

export const DuplicateHint = ({ customer }: { customer: Customer }) => {
  const t = useTexts();
  const mayMerge = useMay('customers:merge');
  const found =
    useQueryOf('GET /api/customers/:id/merges', { params: { id: customer.id } }, { enabled: mayMerge }).data?.suggestions ?? [];
  // Possible ones stand under Identity; a hint on every page would soon be overlooked.
  const other = found.find(one => one.class !== 'possible');
  if (!mayMerge || !other) return null;
  return (
    <p className={classes.hint}>
      <IconUsers size={16} aria-hidden />
      <span>
        {t(`customers.hint.${other.class}`, { name: other.name ?? other.email ?? t('customers.title.number', { id: other.id }) })}{' '}
        {other.reasons.map(reason => t(`customers.suggestion.${reason}`, { value: '' }).trim()).join(', ')}.
      </span>
      <Link to={`/customers/${customer.id}?tab=identity&dialog=merge&other=${other.id}`}>{t('customers.hint.compare')}</Link>
    </p>
  );
};
