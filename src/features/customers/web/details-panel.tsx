/** Attributes with where they came from, addresses, values that did not fit. */
import { Button, Title } from '@mantine/core';
import { IconPin } from '@tabler/icons-react';
import { EmptyState, notifyError, Rows, StatusBadge, TimeText, useMay, useMutationOf, useTexts } from '../../../ui/index.ts';
import type { Customer } from './customer.ts';
import classes from './customers.module.css';
import { FactText, type FactType } from './fact-text.tsx';

export const DetailsPanel = ({ customer }: { customer: Customer }) => {
  const t = useTexts();
  const nothing = customer.attributes.length + customer.addresses.length + customer.quality_issues.length === 0;
  if (nothing) {
    return (
      <EmptyState title={t('customers.details.empty')}>
        {t(customer.hidden.includes('behaviour') ? 'customers.details.hidden' : 'customers.details.empty_why')}
      </EmptyState>
    );
  }
  return (
    <Rows>
      {customer.attributes.length > 0 && <Attributes customer={customer} />}
      {customer.addresses.length > 0 && <Addresses customer={customer} />}
      {customer.quality_issues.length > 0 && <QualityIssues customer={customer} />}
    </Rows>
  );
};

const Attributes = ({ customer }: { customer: Customer }) => {
  const t = useTexts();
  return (
    <section>
      <Title order={2} size="h4" mb="xs">
        {t('customers.details.attributes')}
      </Title>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways on a phone must be reachable by keyboard */}
      <section className={classes.scroll} tabIndex={0} aria-label={t('customers.details.attributes')}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t('customers.details.attribute')}</th>
              <th scope="col">{t('customers.details.value')}</th>
              <th scope="col">{t('customers.details.source')}</th>
              <th scope="col">{t('customers.details.at')}</th>
            </tr>
          </thead>
          <tbody>
            {customer.attributes.map(one => (
              <tr key={one.code}>
                <td>
                  <bdi>{one.code}</bdi>
                </td>
                <td>
                  <FactText fact={{ type: one.type as FactType }} value={one.value} />
                </td>
                <td>
                  {one.pinned ? (
                    <StatusBadge icon={<IconPin size={12} aria-hidden />}>{t('customers.details.pinned')}</StatusBadge>
                  ) : (
                    <bdi>{one.source || '–'}</bdi>
                  )}
                </td>
                <td>
                  <TimeText value={one.at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
};

const Addresses = ({ customer }: { customer: Customer }) => {
  const t = useTexts();
  return (
    <section>
      <Title order={2} size="h4" mb="xs">
        {t('customers.details.addresses')}
      </Title>
      <ul className={classes.list}>
        {customer.addresses.map(one => (
          <li key={one.id}>
            <StatusBadge>{t(`customers.address.${one.kind}`)}</StatusBadge>{' '}
            <bdi>
              {[
                one.recipient,
                one.line1,
                one.line2,
                [one.postal_code, one.city].filter(Boolean).join(' '),
                one.region,
                one.country,
              ]
                .filter(Boolean)
                .join(', ')}
            </bdi>
          </li>
        ))}
      </ul>
    </section>
  );
};

const QualityIssues = ({ customer }: { customer: Customer }) => {
  const t = useTexts();
  const mayWrite = useMay('customers:write');
  const resolve = useMutationOf('POST /api/quality-issues/:id/resolve', {
    invalidates: ['/api/customers'],
    onError: error => notifyError(error),
  });
  return (
    <section>
      <Title order={2} size="h4" mb="xs">
        {t('customers.details.issues')}
      </Title>
      <ul className={classes.list}>
        {customer.quality_issues.map(issue => (
          <li key={issue.id} className={classes.entry}>
            <span>
              {t(`customers.issue.${issue.kind}`, { code: issue.code, expected: issue.expected })}{' '}
              <b>
                <bdi>{issue.value}</bdi>
              </b>
            </span>
            {mayWrite && (
              <Button
                size="compact-sm"
                variant="default"
                loading={resolve.isPending}
                onClick={() => resolve.mutate({ params: { id: issue.id } })}
              >
                {t('customers.issue.resolve')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
};
