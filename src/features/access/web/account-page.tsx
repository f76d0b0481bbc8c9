import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import {
  type AnswerOf,
  Form,
  faultAt,
  formatRelative,
  formatTime,
  Loaded,
  notifyDone,
  notifyError,
  PageHeader,
  Panel,
  Rows,
  StatusBadge,
  useMutationOf,
  useQueryOf,
  useRefreshSession,
  useSession,
  useTexts,
} from '../../../ui/index.ts';
import classes from './access.module.css';

type Session = AnswerOf<'GET /api/sessions'>['data'][number];

const AccountPage = () => {
  const t = useTexts();
  return (
    <>
      <PageHeader title={t('access.account.title')} description={t('access.account.description')} />
      <div className={classes.narrow}>
        <Rows>
          <OwnName />
          <OwnPassword />
          <OwnSessions />
        </Rows>
      </div>
    </>
  );
};
export default AccountPage;

const OwnName = () => {
  const t = useTexts();
  const me = useSession();
  const refresh = useRefreshSession();
  const [name, setName] = useState(me?.name ?? '');
  const save = useMutationOf('PATCH /api/me', {
    invalidates: ['/api/staff'],
    onSuccess: () => {
      void refresh();
      notifyDone(t('access.account.saved'));
    },
  });
  return (
    <Panel title={t('access.account.you')} description={<bdi>{me?.email}</bdi>}>
      <Form
        submit={t('access.account.save')}
        busy={save.isPending}
        disabled={name.trim() === me?.name}
        error={save.error}
        shown={['name']}
        onSubmit={() => save.mutate({ body: { name } })}
      >
        <TextInput
          label={t('access.account.name')}
          autoComplete="name"
          value={name}
          onChange={event => setName(event.currentTarget.value)}
          error={faultAt(save.error, 'name')}
        />
      </Form>
    </Panel>
  );
};

const OwnPassword = () => {
  const t = useTexts();
  const me = useSession();
  const blank = { current_password: '', new_password: '' };
  const [value, setValue] = useState(blank);
  const change = useMutationOf('PATCH /api/me/password', {
    invalidates: ['/api/sessions'],
    onSuccess: () => {
      setValue(blank);
      notifyDone(t('access.account.password_changed'));
    },
  });
  const eye = { 'aria-label': t('access.account.show_password') };
  return (
    <Panel title={t('access.account.password')}>
      <Form
        submit={t('access.account.change_password')}
        busy={change.isPending}
        disabled={value.current_password === '' || value.new_password === ''}
        error={change.error}
        shown={['current_password', 'new_password', 'password']}
        onSubmit={() => change.mutate({ body: value })}
      >
        {/* Lets password managers know whose password this is. */}
        <input type="hidden" autoComplete="username" value={me?.email ?? ''} readOnly />
        <PasswordInput
          label={t('access.account.current_password')}
          autoComplete="current-password"
          value={value.current_password}
          onChange={event => setValue({ ...value, current_password: event.currentTarget.value })}
          error={faultAt(change.error, 'current_password')}
          visibilityToggleButtonProps={eye}
        />
        <PasswordInput
          label={t('access.account.new_password')}
          description={t('access.account.password_hint')}
          autoComplete="new-password"
          value={value.new_password}
          onChange={event => setValue({ ...value, new_password: event.currentTarget.value })}
          error={faultAt(change.error, 'new_password') ?? faultAt(change.error, 'password')}
          visibilityToggleButtonProps={eye}
        />
      </Form>
    </Panel>
  );
};

const OwnSessions = () => {
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
