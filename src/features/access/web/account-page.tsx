import { TextInput } from '@mantine/core';
import { useState } from 'react';
import {
  Form,
  faultAt,
  Link,
  notifyDone,
  PageHeader,
  Panel,
  Rows,
  useMutationOf,
  useRefreshSession,
  useSession,
  useTexts,
} from '../../../ui/index.ts';
import classes from './access.module.css';
import { OwnPassword } from './own-password.tsx';
import { OwnSessions } from './own-sessions.tsx';

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
          <p className={classes.dim}>
            <Link to="/settings/security">{t('access.account.to_security')}</Link>
          </p>
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
