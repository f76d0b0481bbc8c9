/** Who this is: identifiers, merges with undo, people who may be the same. */
import { Button, Group, Title } from '@mantine/core';
import { IconArrowBackUp, IconGitMerge, IconX } from '@tabler/icons-react';
import {
  type AnswerOf,
  Link,
  Loaded,
  notifyDone,
  notifyError,
  Rows,
  StatusBadge,
  TimeText,
  useMay,
  useMutationOf,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import type { Customer } from './customer.ts';
import classes from './customers.module.css';

type Answer = AnswerOf<'GET /api/customers/:id/merges'>;

export const IdentityPanel = ({ customer }: { customer: Customer }) => {
  const merges = useQueryOf('GET /api/customers/:id/merges', { params: { id: customer.id } });
  return (
    <Rows>
      <Identifiers customer={customer} />
      <Loaded query={merges}>
        {answer => (
          <>
            {answer.suggestions.length > 0 && <Suggestions customer={customer} suggestions={answer.suggestions} />}
            <Merges customer={customer} merges={answer.merges} />
          </>
        )}
      </Loaded>
    </Rows>
  );
};

const Identifiers = ({ customer }: { customer: Customer }) => {
  const t = useTexts();
  return (
    <section>
      <Title order={2} size="h4" mb="xs">
        {t('customers.identity.identifiers')}
      </Title>
      {customer.identifiers.length === 0 && <p className={classes.quiet}>{t('customers.identity.none')}</p>}
      <ul className={classes.list}>
        {customer.identifiers.map(one => (
          <li key={`${one.kind}${one.source}${one.value}`} className={classes.entry}>
            <span>
              <span className={classes.quiet}>{t(`customers.identifier.${one.kind}`)}</span> <bdi>{one.value}</bdi>
            </span>
            <Group gap={6}>
              {one.shared && <StatusBadge tone="warn">{t('customers.identity.shared')}</StatusBadge>}
              {one.trust === 'browser' && <StatusBadge>{t('customers.identity.claimed')}</StatusBadge>}
              <span className={classes.quiet}>
                <TimeText value={one.since} />
              </span>
            </Group>
          </li>
        ))}
      </ul>
    </section>
  );
};

const Suggestions = ({ customer, suggestions }: { customer: Customer; suggestions: Answer['suggestions'] }) => {
  const t = useTexts();
  const mayMerge = useMay('customers:merge');
  const dismiss = useMutationOf('POST /api/customers/:id/keep-apart', {
    invalidates: ['/api/customers'],
    onSuccess: () => notifyDone(t('customers.identity.kept_apart')),
    onError: error => notifyError(error),
  });
  return (
    <section>
      <Title order={2} size="h4" mb="xs">
        {t('customers.identity.suggestions')}
      </Title>
      <ul className={classes.list}>
        {suggestions.map(other => (
          <li key={other.id} className={classes.entry}>
            <span>
              <Link to={`/customers/${other.id}`}>
                <bdi>{other.name ?? other.email ?? t('customers.title.number', { id: other.id })}</bdi>
              </Link>{' '}
              <span className={classes.quiet}>
                {other.reasons.length > 0
                  ? other.reasons.map(reason => t(`customers.suggestion.${reason}`, { value: '' }).trim()).join(', ')
                  : t(`customers.suggestion.${other.reason}`, { value: other.evidence ?? '' })}
              </span>
            </span>
            {mayMerge && (
              <Group gap={6}>
                <Button
                  size="compact-sm"
                  component={Link}
                  to={`/customers/${customer.id}?tab=identity&dialog=merge&other=${other.id}`}
                  leftSection={<IconGitMerge size={14} />}
                >
                  {t('customers.merge.compare')}
                </Button>
                <Button
                  size="compact-sm"
                  variant="default"
                  leftSection={<IconX size={14} />}
                  onClick={() => dismiss.mutate({ params: { id: customer.id }, body: { other: other.id } })}
                >
                  {t('customers.identity.dismiss')}
                </Button>
              </Group>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
};

const Merges = ({ customer, merges }: { customer: Customer; merges: Answer['merges'] }) => {
  const t = useTexts();
  const mayMerge = useMay('customers:merge');
  const undo = useMutationOf('POST /api/merges/:id/undo', {
    invalidates: ['/api/customers'],
    onSuccess: () => notifyDone(t('customers.merge.undone')),
    onError: error => notifyError(error),
  });
  return (
    <section>
      <Title order={2} size="h4" mb="xs">
        {t('customers.identity.merges')}
      </Title>
      {merges.length === 0 && <p className={classes.quiet}>{t('customers.identity.no_merges')}</p>}
      <ul className={classes.list}>
        {merges.map(merge => {
          const other = merge.loser_id === customer.id ? merge.winner_id : merge.loser_id;
          return (
            <li key={merge.id} className={classes.entry}>
              <span>
                <bdi>{(other === merge.loser_id && merge.loser_name) || t('customers.title.number', { id: other })}</bdi>
                <br />
                <span className={classes.quiet}>
                  {t(`customers.merge.reason.${merge.reason}`, { name: merge.by_whom })} ·{' '}
                  <TimeText value={merge.at} style="time" />
                  {merge.evidence.length > 0 && (
                    <>
                      {' '}
                      · <bdi>{merge.evidence.join(', ')}</bdi>
                    </>
                  )}
                </span>
              </span>
              {merge.undone_at ? (
                <StatusBadge>{t('customers.merge.was_undone', { name: merge.undone_by ?? '' })}</StatusBadge>
              ) : (
                mayMerge && (
                  <Button
                    size="compact-sm"
                    variant="default"
                    leftSection={<IconArrowBackUp size={14} />}
                    loading={undo.isPending}
                    onClick={() => undo.mutate({ params: { id: merge.id } })}
                  >
                    {t('customers.merge.undo')}
                  </Button>
                )
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
};
