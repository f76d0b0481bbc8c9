import { Button, Checkbox, Group } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  DownloadButton,
  formatNumber,
  formatRelative,
  formatTime,
  hasText,
  Loaded,
  Name,
  notifyDone,
  notifyError,
  notifyUndo,
  PageHeader,
  Panel,
  Rows,
  StatusBadge,
  useMay,
  useMutationOf,
  useQueryOf,
  useSession,
  useTexts,
} from '../../../ui/index.ts';
import classes from './access.module.css';
import { roleName } from './role-name.tsx';
import { useShopNames } from './shops-select.tsx';

type Answer = AnswerOf<'GET /api/access-review'>;
type Row = Answer['data'][number];

/** Once a quarter: who may do and see what, when they last did, and a stamp that somebody looked. */
const ReviewPage = () => {
  const t = useTexts();
  const mayWrite = useMay('staff:write');
  const review = useQueryOf('GET /api/access-review');
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const stamp = useMutationOf('POST /api/access-review', {
    invalidates: ['/api/access-review'],
    onSuccess: answer => {
      setTicked(new Set());
      notifyDone(t('access.review.stamped', { count: answer.reviewed }));
    },
    onError: error => notifyError(error),
  });
  const toggle = (id: string) => {
    const next = new Set(ticked);
    if (!next.delete(id)) next.add(id);
    setTicked(next);
  };
  return (
    <>
      <PageHeader
        title={t('access.review.title')}
        description={t('access.review.description')}
        actions={
          <DownloadButton address="/api/access-review.csv" fileName="access-review.csv">
            {t('access.review.csv')}
          </DownloadButton>
        }
      />
      <Loaded query={review}>
        {answer => {
          const open = answer.data.filter(row => row.state !== 'disabled');
          const subjects = open.filter(row => ticked.size === 0 || ticked.has(row.id)).map(({ kind, id }) => ({ kind, id }));
          return (
            <Rows>
              <Panel>
                <div className={classes.session}>
                  <div className={classes.who}>
                    <span className={classes.strong}>
                      {answer.last_at
                        ? t('access.review.last', { time: formatTime(answer.last_at, 'day') })
                        : t('access.review.never')}
                    </span>
                    <span className={classes.dim}>{t('access.review.next', { time: formatTime(answer.due_at, 'day') })}</span>
                  </div>
                  {mayWrite && (
                    <Button
                      leftSection={<IconCheck size={18} aria-hidden />}
                      loading={stamp.isPending}
                      onClick={() => stamp.mutate({ body: { subjects } })}
                    >
                      {ticked.size === 0 ? t('access.review.stamp_all') : t('access.review.stamp', { count: ticked.size })}
                    </Button>
                  )}
                </div>
              </Panel>
              {answer.data.map(row => (
                <ReviewCard
                  key={row.id}
                  row={row}
                  ticked={ticked.has(row.id)}
                  onTick={mayWrite && row.state !== 'disabled' ? () => toggle(row.id) : undefined}
                />
              ))}
            </Rows>
          );
        }}
      </Loaded>
    </>
  );
};
export default ReviewPage;

type CardProps = { row: Row; ticked: boolean; onTick?: () => void };
const ReviewCard = ({ row, ticked, onTick }: CardProps) => {
  const t = useTexts();
  const shopNames = useShopNames();
  const roles = useQueryOf('GET /api/roles');
  const words = row.verbs.map(verb => {
    const label = roles.data?.permissions.find(one => one.verb === verb)?.label;
    return label && hasText(label) ? t(label) : verb;
  });
  const everything = roles.data !== undefined && row.verbs.length === roles.data.permissions.length;
  const used =
    row.last_used_at === null
      ? t('access.review.never_used')
      : t('access.review.used', { time: formatRelative(row.last_used_at) });
  return (
    <Panel
      title={
        <Group gap="xs">
          {onTick && <Checkbox checked={ticked} onChange={onTick} aria-label={t('access.review.tick', { name: row.name })} />}
          <Name>{row.name}</Name>
          {row.unused && <StatusBadge tone="warn">{t('access.review.unused')}</StatusBadge>}
          {row.due && <StatusBadge tone="info">{t('access.review.due')}</StatusBadge>}
          {row.state === 'disabled' && <StatusBadge tone="quiet">{t('access.team.state.disabled')}</StatusBadge>}
          {row.state === 'invited' && <StatusBadge tone="info">{t('access.team.state.invited')}</StatusBadge>}
        </Group>
      }
      description={
        <>
          {row.role ? roleName(row.role) : t('access.review.key')}
          {row.email && (
            <>
              {' · '}
              <bdi>{row.email}</bdi>
            </>
          )}
          {' · '}
          {used}
        </>
      }
      actions={<ShutOut row={row} />}
    >
      <dl className={classes.evidence}>
        <div className={classes.broad}>
          <dt>{t('access.roles.may')}</dt>
          <dd>
            {everything ? (
              t('access.review.everything')
            ) : (
              <details>
                <summary>{t('access.keys.scopes', { count: row.verbs.length })}</summary>
                {words.join('; ')}
              </details>
            )}
          </dd>
        </div>
        <div className={classes.broad}>
          <dt>{t('access.roles.sees')}</dt>
          <dd>{row.fields.map(field => t(`access.field.${field}`)).join('; ') || t('access.review.no_fields')}</dd>
        </div>
        <div>
          <dt>{t('access.shops.label')}</dt>
          <dd>
            <bdi>{shopNames(row.shop_ids)}</bdi>
          </dd>
        </div>
        <div>
          <dt>{t('access.review.export')}</dt>
          <dd>
            {row.last_export
              ? t('access.review.export_rows', {
                  count: row.last_export.rows,
                  shown: formatNumber(row.last_export.rows),
                  time: formatTime(row.last_export.at, 'day'),
                })
              : t('access.review.no_export')}
          </dd>
        </div>
        {row.second_factor && (
          <div>
            <dt>{t('access.review.factor')}</dt>
            <dd>{factorWords(t, row.second_factor)}</dd>
          </div>
        )}
        {row.kind === 'staff' && (
          <div>
            <dt>{t('access.review.devices')}</dt>
            <dd>{t('access.review.sessions', { count: row.sessions, devices: row.devices })}</dd>
          </div>
        )}
        <div>
          <dt>{t('access.review.reviewed')}</dt>
          <dd>
            {row.reviewed_at
              ? t('access.review.by', { name: row.reviewed_by ?? '', time: formatTime(row.reviewed_at, 'day') })
              : t('access.review.not_yet')}
          </dd>
        </div>
      </dl>
    </Panel>
  );
};

const factorWords = (
  t: (key: string, values?: Record<string, string | number>) => string,
  has: { totp: boolean; passkeys: number },
) => {
  const parts = [
    ...(has.totp ? [t('access.review.app')] : []),
    ...(has.passkeys > 0 ? [t('access.review.passkeys', { count: has.passkeys })] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : t('access.review.no_factor');
};

/** One press: shut somebody out (which can be undone), or revoke a key (which cannot). */
const ShutOut = ({ row }: { row: Row }) => {
  const t = useTexts();
  const me = useSession();
  const [mayStaff, mayKeys] = [useMay('staff:write'), useMay('api-keys:write')];
  const again = {
    invalidates: ['/api/access-review', '/api/staff', '/api/api-keys'],
    onError: (error: Error) => notifyError(error),
  };
  const params = { id: row.id };
  const enable = useMutationOf('POST /api/staff/:id/enable', again);
  const disable = useMutationOf('POST /api/staff/:id/disable', {
    ...again,
    onSuccess: () => notifyUndo(t('access.team.disabled_done', { name: row.name }), () => enable.mutateAsync({ params })),
  });
  const revoke = useMutationOf('DELETE /api/api-keys/:id', {
    ...again,
    onSuccess: () => notifyDone(t('access.review.revoked', { name: row.name })),
  });
  if (row.kind === 'staff') {
    if (!mayStaff || row.id === me?.id) return null;
    return row.state === 'disabled' ? (
      <Button variant="default" size="compact-sm" loading={enable.isPending} onClick={() => enable.mutate({ params })}>
        {t('access.team.enable')}
      </Button>
    ) : (
      <Button
        variant="subtle"
        color="red"
        size="compact-sm"
        loading={disable.isPending}
        onClick={() => disable.mutate({ params })}
      >
        {t('access.team.disable')}
      </Button>
    );
  }
  if (!mayKeys || row.state !== 'active') return null;
  return (
    <Button variant="subtle" color="red" size="compact-sm" loading={revoke.isPending} onClick={() => revoke.mutate({ params })}>
      {t('access.keys.revoke')}
    </Button>
  );
};
