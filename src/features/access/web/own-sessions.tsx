import { Button } from '@mantine/core';
import {
  type AnswerOf,
  formatRelative,
  formatTime,
  Loaded,
  notifyDone,
  notifyError,
  Panel,
  StatusBadge,
  useMutationOf,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import classes from './access.module.css';

type Session = AnswerOf<'GET /api/sessions'>['data'][number];

export const OwnSessions = () => {
  const t = useTexts();
  const sessions = useQueryOf('GET /api/sessions');
  const told = {
    invalidates: ['/api/sessions'],
    onSuccess: () => notifyDone(t('access.account.ended')),
    onError: (error: Error) => notifyError(error),
  };
  const end = useMutationOf('DELETE /api/sessions/:id', told);
  const endOthers = useMutationOf('DELETE /api/sessions', told);
  const others = sessions.data?.data.filter(session => !session.current).length ?? 0;
  return (
    <Panel
      title={t('access.account.sessions')}
      description={t('access.account.sessions_hint')}
      actions={
        others > 0 && (
          <Button variant="default" size="compact-sm" onClick={() => endOthers.mutate({})} loading={endOthers.isPending}>
            {t('access.account.end_others')}
          </Button>
        )
      }
    >
      <Loaded query={sessions}>
        {({ data }) => (
          <ul className={classes.sessions}>
            {data.map(session => (
              <OneSession key={session.id} session={session} onEnd={() => end.mutate({ params: { id: session.id } })} />
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
};

const OneSession = ({ session, onEnd }: { session: Session; onEnd: () => void }) => {
  const t = useTexts();
  const browser = session.browser || t('access.account.unknown_browser');
  return (
    <li className={classes.session}>
      <div className={classes.who}>
        <bdi className={classes.strong}>{browser}</bdi>
        <span className={classes.details}>
          <bdi>{t('access.account.from', { address: session.address })}</bdi>
          <bdi>{t('access.account.since', { time: formatTime(session.created_at) })}</bdi>
          <bdi>{t('access.account.last_used', { time: formatRelative(session.last_seen_at) })}</bdi>
        </span>
      </div>
      {session.current ? (
        <StatusBadge tone="good">{t('access.account.this_one')}</StatusBadge>
      ) : (
        <Button variant="subtle" size="compact-sm" onClick={onEnd} aria-label={t('access.account.end_label', { browser })}>
          {t('access.account.end')}
        </Button>
      )}
    </li>
  );
};
