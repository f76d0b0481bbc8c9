import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  type Column,
  ConfirmDanger,
  CopyIcon,
  DataTable,
  EmptyState,
  flag,
  formatTime,
  Loaded,
  Name,
  notifyDone,
  PageHeader,
  Panel,
  RelativeTime,
  Rows,
  StatusBadge,
  useMay,
  useMutationOf,
  useQueryOf,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { IngestFigures } from './ingest-figures.tsx';
import { KeyShown, NewKey } from './new-key.tsx';
import { RecentSenders } from './senders.tsx';
import { Snippets } from './snippets.tsx';
import classes from './tracking.module.css';

type WriteKey = AnswerOf<'GET /api/write-keys'>['data'][number];

const TrackingPage = () => {
  const t = useTexts();
  const mayManage = useMay('tracking:manage');
  const [url, setUrl] = useUrl({ new: flag() });
  const [shown, setShown] = useState<{ key: string; kind: WriteKey['kind'] } | null>(null);
  const keys = useQueryOf('GET /api/write-keys');
  const newButton = mayManage && (
    <Button leftSection={<IconPlus size={18} />} onClick={() => setUrl({ new: true })}>
      {t('tracking.keys.new')}
    </Button>
  );
  return (
    <>
      <PageHeader title={t('tracking.title')} description={t('tracking.description')} actions={newButton} />
      <Rows>
        <IngestFigures />
        <Loaded query={keys}>
          {answer => (
            <>
              <Keys keys={answer.data} mayManage={mayManage} action={newButton} />
              <RecentSenders />
              <Snippets keys={answer.data} fresh={shown} />
            </>
          )}
        </Loaded>
      </Rows>
      <NewKey
        opened={url.new && mayManage}
        onClose={() => setUrl({ new: false })}
        onMade={made => {
          setUrl({ new: false });
          setShown({ key: made.key, kind: made.kind });
        }}
      />
      <KeyShown shown={shown} onClose={() => setShown(null)} />
    </>
  );
};
export default TrackingPage;

const Keys = ({ keys, mayManage, action }: { keys: readonly WriteKey[]; mayManage: boolean; action: React.ReactNode }) => {
  const t = useTexts();
  const shops = useQueryOf('GET /api/shops');
  const [revoking, setRevoking] = useState<WriteKey | null>(null);
  const revoke = useMutationOf('DELETE /api/write-keys/:id', {
    invalidates: ['/api/write-keys'],
    onSuccess: () => {
      setRevoking(null);
      notifyDone(t('tracking.keys.revoked_done'));
    },
  });
  const shopName = (id: string) => shops.data?.data.find(shop => shop.id === id)?.name ?? '';
  const columns: Column<WriteKey>[] = [
    {
      key: 'name',
      title: t('tracking.keys.name'),
      card: 'title',
      render: key => (
        <div className={classes.name}>
          <span className={classes.strong}>
            <Name>{key.name}</Name>
          </span>
          <span className={classes.dim}>
            <bdi>{shopName(key.shop_id)}</bdi>
          </span>
        </div>
      ),
    },
    { key: 'kind', title: t('tracking.keys.kind'), render: key => t(`tracking.keys.kind.${key.kind}`) },
    {
      key: 'key',
      title: t('tracking.keys.key'),
      render: key => (
        <>
          <bdi className={classes.key}>{key.shown}</bdi>{' '}
          {key.kind === 'browser' && !key.revoked_at && <CopyIcon value={key.shown} label={t('tracking.keys.copy')} />}
        </>
      ),
    },
    {
      key: 'state',
      title: t('tracking.keys.state'),
      card: 'aside',
      render: key =>
        key.revoked_at ? (
          <StatusBadge tone="quiet">{t('tracking.keys.revoked')}</StatusBadge>
        ) : key.last_used_at ? (
          <StatusBadge tone="good">{t('tracking.keys.in_use')}</StatusBadge>
        ) : (
          <StatusBadge tone="warn">{t('tracking.keys.waiting')}</StatusBadge>
        ),
    },
    {
      key: 'used',
      title: t('tracking.keys.last_used'),
      render: key => (key.last_used_at ? <RelativeTime value={key.last_used_at} /> : t('tracking.keys.never')),
    },
    {
      key: 'made',
      title: t('tracking.keys.made'),
      align: 'end',
      render: key => (
        <span className={classes.dim}>
          {formatTime(key.created_at, 'day')} · <bdi>{key.created_by}</bdi>
        </span>
      ),
    },
  ];
  return (
    <Panel title={t('tracking.keys.title')} description={t('tracking.keys.description')} flush>
      <DataTable
        name="write-keys"
        label={t('tracking.keys.title')}
        plain
        list={{ rows: keys }}
        rowKey={key => key.id}
        columns={columns}
        rowActions={
          mayManage
            ? key =>
                !key.revoked_at && (
                  <Button variant="subtle" color="red" size="compact-sm" onClick={() => setRevoking(key)}>
                    {t('tracking.keys.revoke')}
                  </Button>
                )
            : undefined
        }
        empty={
          <EmptyState picture="lock" title={t('tracking.keys.empty')} action={action}>
            {t('tracking.keys.empty_text')}
          </EmptyState>
        }
      />
      <ConfirmDanger
        opened={revoking !== null}
        onClose={() => setRevoking(null)}
        title={t('tracking.keys.revoke_title', { name: revoking?.name ?? '' })}
        confirm={t('tracking.keys.revoke')}
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoking && revoke.mutate({ params: { id: revoking.id } })}
      >
        {t('tracking.keys.revoke_text')}
      </ConfirmDanger>
    </Panel>
  );
};
