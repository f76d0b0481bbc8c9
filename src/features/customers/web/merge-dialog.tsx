/** Find the other person, see what would change, merge; undo stays one press away. */
import { Button, Group, Modal, Stack, Title } from '@mantine/core';
import { IconAlertTriangle, IconArrowsExchange } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  api,
  EmptyState,
  ErrorState,
  FormError,
  formatTime,
  Loaded,
  NumberText,
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

type Preview = AnswerOf<'GET /api/customers/:id/merge-preview'>;
type Props = { customer: Customer; other: string; onOther: (id: string) => void; onClose: () => void };

export const MergeDialog = ({ customer, other, onOther, onClose }: Props) => {
  const t = useTexts();
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('customers.merge.title', { name: titleOf(customer) })}
      size="xl"
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      {other === '' ? (
        <Picker customer={customer} onPick={onOther} />
      ) : (
        <Compare customer={customer} other={other} onBack={() => onOther('')} onClose={onClose} />
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

const Compare = ({
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
    invalidates: ['/api/customers', '/api/merge-suggestions'],
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

const PreviewTable = ({ answer }: { answer: Preview }) => {
  const t = useTexts();
  return (
    <>
      <Conflicts answer={answer} />
      <WhatChanges answer={answer} />
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
                <td>{line.own ? <bdi>{line.field}</bdi> : t(`customers.field.${line.field}`)}</td>
                <td>
                  <bdi>{line.winner ?? '–'}</bdi>
                </td>
                <td>
                  <bdi>{line.loser ?? '–'}</bdi>
                </td>
                <td>
                  <span className={classes.after}>
                    <bdi>{line.after ?? '–'}</bdi>
                  </span>
                  <br />
                  <span className={classes.quiet}>
                    {t(`customers.merge.why.${line.why}`, { day: line.at ? formatTime(line.at, 'day') : '' })}
                  </span>
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
                <td>
                  <span className={classes.after}>
                    <FactText fact={fact} value={fact.after} />
                  </span>
                  <br />
                  <span className={classes.quiet}>
                    {t(fact.merged === 'sum' ? 'customers.merge.together' : 'customers.merge.stricter')}
                  </span>
                </td>
              </tr>
            ))}
            <IdentifierRow answer={answer} />
            {answer.tables.map(table => (
              <tr key={table.label}>
                <td>{t(table.label)}</td>
                <td>
                  <NumberText value={table.winner} />
                </td>
                <td>
                  <NumberText value={table.rows} />
                </td>
                <td className={classes.after}>
                  <NumberText value={table.winner + table.rows} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className={classes.quiet}>{t('customers.merge.reversible')}</p>
    </>
  );
};

const IdentifierRow = ({ answer }: { answer: Preview }) => {
  const t = useTexts();
  const shown = (of: 'winner' | 'loser') => (
    <ul className={classes.plain}>
      {answer.identifiers
        .filter(one => one.of === of)
        .map(one => (
          <li key={one.kind + one.value}>
            <span className={classes.quiet}>{t(`customers.identifier.${one.kind}`)}</span> <bdi>{one.value}</bdi>
          </li>
        ))}
    </ul>
  );
  if (answer.identifiers.length === 0) return null;
  return (
    <tr>
      <td>{t('customers.identity.identifiers')}</td>
      <td>{shown('winner')}</td>
      <td>{shown('loser')}</td>
      <td className={classes.after}>
        {t('customers.merge.all_find', { count: answer.identifiers.filter(one => !one.shared).length })}
      </td>
    </tr>
  );
};

/** What speaks against: nothing of it stops staff, but nobody should overlook it. */
const Conflicts = ({ answer }: { answer: Preview }) => {
  const t = useTexts();
  if (answer.conflicts.length === 0) return null;
  return (
    <ul className={classes.issues} aria-label={t('customers.merge.conflicts')}>
      {answer.conflicts.map(one => (
        <li key={one.kind + Object.values(one.values).join()}>
          <IconAlertTriangle size={16} aria-hidden />
          <span>{t(`customers.merge.conflict.${one.kind}`, one.values)}</span>
        </li>
      ))}
    </ul>
  );
};

/** The same in plain words, the weighty things first. */
const WhatChanges = ({ answer }: { answer: Preview }) => {
  const t = useTexts();
  const names = { winner: titleOf(answer.winner), loser: titleOf(answer.loser) };
  const orders = answer.facts.find(fact => fact.code === 'orders.count');
  const taken = answer.profile.filter(line => line.from === 'loser' && line.after !== null);
  const lines = [
    t('customers.merge.words.one', names),
    ...(orders?.loser
      ? [t('customers.merge.words.orders', { count: Number(orders.after ?? 0), joins: Number(orders.loser) })]
      : []),
    ...(taken.length > 0
      ? [
          t('customers.merge.words.values', {
            ...names,
            fields: taken.map(line => (line.own ? line.field : t(`customers.field.${line.field}`))).join(', '),
          }),
        ]
      : []),
    ...answer.effects.map(effect => t(effect.title, effect.values ?? {})),
    ...(answer.tags.length > 0 ? [t('customers.merge.words.tags', { tags: answer.tags.join(', ') })] : []),
  ];
  return (
    <section>
      <Title order={3} size="h5" mb={4}>
        {t('customers.merge.what_changes')}
      </Title>
      <ul className={classes.words}>
        {lines.map(line => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
};
