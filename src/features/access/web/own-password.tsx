import { PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { Form, faultAt, notifyDone, Panel, useMutationOf, useSession, useTexts } from '../../../ui/index.ts';

export const OwnPassword = () => {
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
