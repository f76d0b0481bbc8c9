/** Find the other person, see what would change, merge; undo stays one press away. */
import { Button, Group, Modal, Stack, Title } from '@mantine/core';
import { IconArrowsExchange } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  api,
  EmptyState,
  ErrorState,
  FormError,
  Loaded,
  notifyUndo,
  SearchField,
  SkeletonLines,
  useGo,
  useMutationOf,
  useQueryOf,
  useRefresh,
  useTexts,
} from '../../../ui/index.ts';
import type { Customer } from './customer.ts';
import classes from './customers.module.css';
import { FactText } from './fact-text.tsx';
import { PersonLine } from './person.tsx';
import { titleOf } from './title.ts';

type Props = { customer: Customer; other: string; onOther: (id: string) => void; onClose: () => void };

export const MergeDialog = ({ customer, other, onOther, onClose }: Props) => {
  const t = useTexts();
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('customers.merge.title', { name: titleOf(customer) })}
      size="lg"
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      {other === '' ? (
        <Picker customer={customer} onPick={onOther} />
      ) : (
        <Preview customer={customer} other={other} onBack={() => onOther('')} onClose={onClose} />
      )}
    </Modal>
  );
};

const Picker = ({ customer, onPick }: { customer: Customer; onPick: (id: string) => void }) => {
  const t = useTexts();
  const [query, setQuery] = useState('');
  const found = useQueryOf(
    'GET /api/customers',
    { query: { query, limit: 8, anonymous: '1', not_shoppers: '1' } },
    { keep: true, enabled: query.trim() !== '' },
  );
  const others = (found.data?.data ?? []).filter(row => row.id !== customer.id);
  return (
    <Stack gap="sm">
      <p className={classes.quiet}>{t('customers.merge.explain')}</p>
      <SearchField label={t('customers.merge.search')} value={query} onChange={setQuery} />
      {found.error && <ErrorState error={found.error} />}
      {query.trim() !== '' && found.isPending && <SkeletonLines lines={3} />}
      {query.trim() !== '' && found.data && others.length === 0 && (
        <EmptyState title={t('customers.merge.nobody')} picture="search" order={3} />
      )}
      {query.trim() !== '' && (
        <div className={classes.options}>
          {others.map(row => (
            <div key={row.id} className={classes.choice}>
              <PersonLine person={row} />
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => onPick(row.id)}
                aria-label={t('customers.merge.pick_named', { name: titleOf(row) })}
              >
                {t('customers.merge.pick')}
              </Button>
            </div>
          ))}
        </div>
      )}
    </Stack>
  );
};

const Preview = ({
  customer,
  other,
  onBack,
  onClose,
}: {
  customer: Customer;
  other: string;
  onBack: () => void;
  onClose: () => void;
}) => {
  const t = useTexts();
  const go = useGo();
  const refresh = useRefresh();
  const [swapped, setSwapped] = useState(false);
  const [winner, loser] = swapped ? [other, customer.id] : [customer.id, other];
  const preview = useQueryOf(
    'GET /api/customers/:id/merge-preview',
    { params: { id: winner }, query: { loser } },
    { keep: true },
  );
  const merge = useMutationOf('POST /api/customers/merge', {
    invalidates: ['/api/customers'],
    onSuccess: ({ merge_id }) => {
      onClose();
      if (winner !== customer.id) go(`/customers/${winner}`);
      notifyUndo(t('customers.merge.done'), async () => {
        await api('POST /api/merges/:id/undo', { params: { id: merge_id } });
        await refresh('/api/customers');
      });
    },
  });
  return (
    <Loaded query={preview} skeleton={<SkeletonLines lines={8} />}>
      {answer => (
        <Stack gap="md">
          <PreviewTable answer={answer} />
          <FormError error={merge.error} />
          <Group justify="space-between">
            <Group gap="xs">
              <Button variant="subtle" onClick={onBack}>
                {t('customers.merge.other')}
              </Button>
              <Button variant="subtle" leftSection={<IconArrowsExchange size={16} />} onClick={() => setSwapped(!swapped)}>
                {t('customers.merge.swap')}
              </Button>
            </Group>
            <Button loading={merge.isPending} onClick={() => merge.mutate({ body: { winner, loser } })}>
              {t('customers.merge.confirm')}
            </Button>
          </Group>
        </Stack>
      )}
    </Loaded>
  );
};

const PreviewTable = ({ answer }: { answer: AnswerOf<'GET /api/customers/:id/merge-preview'> }) => {
  const t = useTexts();
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways on a phone must be reachable by keyboard */}
      <section className={classes.scroll} tabIndex={0} aria-label={t('customers.merge.what_changes')}>
        <table className={`${classes.table} ${classes.compared}`}>
          <thead>
            <tr>
              <th scope="col">{t('customers.merge.what')}</th>
              <th scope="col">
                {t('customers.merge.stays')}: <bdi>{titleOf(answer.winner)}</bdi>
              </th>
              <th scope="col">
                {t('customers.merge.joins')}: <bdi>{titleOf(answer.loser)}</bdi>
              </th>
              <th scope="col">{t('customers.merge.after')}</th>
            </tr>
          </thead>
          <tbody>
            {answer.profile.map(line => (
              <tr key={line.field}>
                <td>{t(`customers.field.${line.field}`)}</td>
                <td>
                  <bdi>{line.winner ?? '–'}</bdi>
                </td>
                <td>
                  <bdi>{line.loser ?? '–'}</bdi>
                </td>
                <td className={classes.after}>
                  <bdi>{line.after ?? '–'}</bdi>
                </td>
              </tr>
            ))}
            {answer.facts.map(fact => (
              <tr key={fact.code}>
                <td>{t(fact.label)}</td>
                <td>
                  <FactText fact={fact} value={fact.winner} />
                </td>
                <td>
                  <FactText fact={fact} value={fact.loser} />
                </td>
                <td className={classes.after}>
                  <FactText fact={fact} value={fact.after} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <div>
        <Title order={3} size="h5" mb={4}>
          {t('customers.merge.moves')}
        </Title>
        <p className={classes.quiet}>
          {answer.tables.length === 0
            ? t('customers.merge.nothing')
            : answer.tables.map(table => `${t(table.label)}: ${table.rows}`).join(' · ')}
          {answer.tags.length > 0 && (
            <>
              {' '}
              · {t('customers.fact.tags')}: {answer.tags.join(', ')}
            </>
          )}
        </p>
        <p className={classes.quiet}>{t('customers.merge.reversible')}</p>
      </div>
    </>
  );
};
