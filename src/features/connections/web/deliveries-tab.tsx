import { Button, Group, Modal } from '@mantine/core';
import { useState } from 'react';
import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  Facet,
  Facts,
  FilterBar,
  formatBytes,
  formatNumber,
  Link,
  Loaded,
  Name,
  notifyDone,
  notifyError,
  oneOf,
  RelativeTime,
  TimeText,
  useListOf,
  useMay,
  useMutationOf,
  useQueryOf,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import type { Connection } from './connection.ts';
import classes from './connections.module.css';
import { StateBadge } from './state-badge.tsx';

type Delivery = AnswerOf<'GET /api/connections/:id/deliveries'>['data'][number];
const states = ['', 'waiting', 'done', 'ignored', 'failed'] as const;

export const DeliveriesTab = ({ connection }: { connection: Connection }) => {
  const t = useTexts();
  const mayWrite = useMay('connections:write');
  const mayLook = useMay('connections:raw');
  const [url, setUrl] = useUrl({ state: oneOf(states, '') });
  const [open, setOpen] = useState<string | null>(null);
  const list = useListOf('GET /api/connections/:id/deliveries', {
    params: { id: connection.id },
    query: { state: url.state || undefined },
  });
  const again = { invalidates: ['/api/connections'], onError: (error: Error) => notifyError(error) };
  const replay = useMutationOf('POST /api/deliveries/:id/replay', {
    ...again,
    onSuccess: () => notifyDone(t('connections.delivery.replaying', { count: 1 })),
  });
  const replayAll = useMutationOf('POST /api/connections/:id/replay-failed', {
    ...again,
    onSuccess: ({ deliveries, write_backs: changes }) =>
      notifyDone(t('connections.delivery.replaying', { count: deliveries + changes })),
  });
  const columns: Column<Delivery>[] = [
    {
      key: 'topic',
      title: t('connections.delivery.topic'),
      card: 'title',
      render: row => (
        <div className={classes.name}>
          <bdi className={classes.mono}>{row.topic}</bdi>
          {row.error && <span className={classes.dim}>{row.error}</span>}
        </div>
      ),
    },
    {
      key: 'state',
      title: t('connections.list.state'),
      card: 'aside',
      width: '9rem',
      render: row => <StateBadge of="delivery" state={row.state} />,
    },
    {
      key: 'about',
      title: t('connections.delivery.about'),
      width: '9rem',
      render: row =>
        row.customer_id ? <Link to={`/customers/${row.customer_id}`}>{t('connections.delivery.customer')}</Link> : '',
    },
    {
      key: 'tries',
      title: t('connections.delivery.attempts'),
      align: 'end',
      width: '6rem',
      render: row => <bdi>{formatNumber(row.attempts)}</bdi>,
    },
    {
      key: 'at',
      title: t('connections.delivery.received'),
      width: '10rem',
      render: row => <RelativeTime value={row.received_at} />,
    },
  ];
  return (
    <>
      <DataTable
        name="deliveries"
        label={t('connections.tab.deliveries')}
        list={list}
        rowKey={row => row.id}
        columns={columns}
        toolbar={
          <FilterBar>
            <Facet
              label={t('connections.list.state')}
              options={states
                .filter(state => state !== '')
                .map(state => ({ value: state, label: t(`connections.delivery.${state}`) }))}
              single
              selected={url.state === '' ? [] : [url.state]}
              onChange={chosen => setUrl({ state: (chosen.at(-1) ?? '') as '' })}
            />
            {mayWrite && connection.deliveries.failed + connection.write_backs.failed > 0 && (
              <Button
                variant="default"
                loading={replayAll.isPending}
                onClick={() => replayAll.mutate({ params: { id: connection.id } })}
              >
                {t('connections.delivery.replay_all')}
              </Button>
            )}
          </FilterBar>
        }
        rowActions={row => (
          <Group gap={2} wrap="nowrap" justify="flex-end">
            {mayLook && (
              <Button variant="subtle" size="compact-sm" onClick={() => setOpen(row.id)}>
                {t('connections.delivery.look')}
              </Button>
            )}
            {mayWrite && row.kept && (
              <Button variant="subtle" size="compact-sm" onClick={() => replay.mutate({ params: { id: row.id } })}>
                {t('connections.delivery.replay')}
              </Button>
            )}
          </Group>
        )}
        empty={<EmptyState title={t('connections.delivery.empty')}>{t('connections.delivery.empty_text')}</EmptyState>}
      />
      <Modal
        opened={open !== null}
        onClose={() => setOpen(null)}
        size="lg"
        title={t('connections.delivery.raw')}
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        {open && <Raw id={open} />}
      </Modal>
    </>
  );
};

const pretty = (body: string): string => {
  // Only spaces are added: numbers stay digit-exact because nothing is parsed.
  let depth = 0;
  let inText = false;
  let out = '';
  for (let i = 0; i < body.length; i++) {
    const one = body[i];
    if (one === '"' && body[i - 1] !== '\\') inText = !inText;
    if (inText || !'{}[],'.includes(one)) out += one;
    else if (one === ',') out += `,\n${'  '.repeat(depth)}`;
    else if ('{['.includes(one)) out += `${one}\n${'  '.repeat(++depth)}`;
    else out += `\n${'  '.repeat(--depth)}${one}`;
  }
  return out;
};

const Raw = ({ id }: { id: string }) => {
  const t = useTexts();
  const raw = useQueryOf('GET /api/deliveries/:id/raw', { params: { id } });
  return (
    <Loaded query={raw}>
      {delivery => (
        <>
          <Facts
            items={[
              { label: t('connections.delivery.topic'), value: <Name>{delivery.topic}</Name> },
              { label: t('connections.delivery.received'), value: <TimeText value={delivery.received_at} style="full" /> },
              { label: t('connections.delivery.size'), value: <bdi>{formatBytes(delivery.bytes)}</bdi> },
              { label: 'SHA-256', value: <bdi className={classes.mono}>{delivery.sha256}</bdi> },
              ...Object.entries(delivery.headers).map(([name, value]) => ({
                label: <bdi className={classes.mono}>{name}</bdi>,
                value: <bdi className={classes.mono}>{value}</bdi>,
              })),
            ]}
          />
          {delivery.body === null ? (
            <p className={classes.dim}>{t('connections.delivery.body_gone')}</p>
          ) : (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard
            <pre className={classes.raw} tabIndex={0}>
              {/^\s*[{[]\s*\n/.test(delivery.body) ? delivery.body : pretty(delivery.body)}
            </pre>
          )}
        </>
      )}
    </Loaded>
  );
};
