import { PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import {
  api,
  Bare,
  Form,
  faultAt,
  Link,
  type Method,
  SecondStep,
  SkeletonLines,
  sentenceOf,
  useGo,
  useRefreshSession,
  useTexts,
} from '../../../ui/index.ts';

/** The token stands behind the #, so that it reaches no server log. */
const tokenInAddress = () => new URLSearchParams(location.hash.slice(1)).get('token') ?? '';

/** Behind a one-time link: accept an invitation, or choose a new password. Signs in. */
const LinkPage = () => {
  const t = useTexts();
  const go = useGo();
  const refresh = useRefreshSession();
  const [token] = useState(tokenInAddress);
  const [password, setPassword] = useState('');
  const [name, setName] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const link = useQuery({
    queryKey: ['one-time link', token],
    queryFn: () => api('POST /api/links/open', { body: { token } }),
    enabled: token !== '',
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [methods, setMethods] = useState<Method[] | null>(null);
  const enter = async () => {
    await refresh();
    go('/', { replace: true });
  };
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      const answer = await api('POST /api/password/reset', { body: { token, password, ...(name ? { name } : {}) } });
      if (answer.needs_second_factor) setMethods(answer.methods);
      else await enter();
    } catch (refusal) {
      setError(refusal);
      setBusy(false);
    }
  };
  if (methods) {
    return (
      <Bare title={t('ui.login.second_title')}>
        <SecondStep methods={methods} onDone={enter} onBack={() => go('/login', { replace: true })} />
      </Bare>
    );
  }
  if (token === '' || link.error) {
    return (
      <Bare title={t('access.link.over')}>
        <p>{token === '' ? t('access.link.no_token') : sentenceOf(link.error)}</p>
        <Link to="/login">{t('access.link.to_login')}</Link>
      </Bare>
    );
  }
  if (!link.data) {
    return (
      <Bare title={t('access.new_password.title')}>
        <SkeletonLines />
      </Bare>
    );
  }
  const invited = link.data.kind === 'invitation';
  return (
    <Bare title={invited ? t('access.welcome.title', { name: link.data.name }) : t('access.new_password.title')}>
      <p>{t('access.welcome.text', { email: link.data.email })}</p>
      <Form
        submit={t(invited ? 'access.welcome.submit' : 'access.new_password.submit')}
        busy={busy}
        disabled={password === ''}
        error={error}
        shown={['password', 'name']}
        onSubmit={() => void save()}
      >
        {invited && (
          <TextInput
            label={t('access.account.name')}
            autoComplete="name"
            value={name ?? link.data.name}
            onChange={event => setName(event.currentTarget.value)}
            error={faultAt(error, 'name')}
          />
        )}
        <input type="hidden" autoComplete="username" value={link.data.email} readOnly />
        <PasswordInput
          label={t('access.account.new_password')}
          description={t('access.account.password_hint')}
          autoComplete="new-password"
          value={password}
          onChange={event => setPassword(event.currentTarget.value)}
          error={faultAt(error, 'password')}
          visibilityToggleButtonProps={{ 'aria-label': t('access.account.show_password') }}
          autoFocus
        />
      </Form>
    </Bare>
  );
};
export default LinkPage;
