import { Button, PasswordInput, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api.ts';
import { Form, faultAt } from '../components/form.tsx';
import { askForPasskey, canUsePasskeys, isDeclined } from '../passkey.ts';
import { useGo } from '../router.tsx';
import { useRefreshSession } from '../session.ts';
import { useTexts } from '../texts.ts';
import { text, useUrl } from '../url.ts';
import classes from './bare.module.css';
import { Bare } from './bare.tsx';
import { type Method, SecondStep } from './second-step.tsx';

/** Only addresses of this app: "//elsewhere" would lead away. */
const safePlace = (place: string) => (/^\/(?![/\\])/.test(place) && !place.startsWith('/login') ? place : '/');

const Login = () => {
  const t = useTexts();
  const go = useGo();
  const client = useQueryClient();
  const refresh = useRefreshSession();
  const [url] = useUrl({ next: text('/') });
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const setup = useQuery({
    queryKey: ['GET /api/setup'],
    queryFn: () => call('GET', '/api/setup') as Promise<{ needed: boolean }>,
  });
  const [methods, setMethods] = useState<Method[] | null>(null);
  const enter = async () => {
    client.removeQueries({ predicate: query => query.queryKey[0] !== 'GET /api/me' });
    await refresh();
    go(safePlace(url.next), { replace: true });
  };
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (refusal) {
      if (!isDeclined(refusal)) setError(refusal);
    }
    setBusy(false);
  };
  const signIn = () =>
    attempt(async () => {
      const answer = (await call('POST', '/api/login', { email, password })) as {
        needs_second_factor: boolean;
        methods: Method[];
      };
      if (answer.needs_second_factor) setMethods(answer.methods);
      else await enter();
    });
  const byPasskey = () =>
    attempt(async () => {
      await call('POST', '/api/login/passkey', { passkey: await askForPasskey('/api/login/passkey/options') });
      await enter();
    });
  if (methods) {
    return (
      <Bare title={t('ui.login.second_title')}>
        <SecondStep
          methods={methods}
          onDone={enter}
          onBack={() => {
            setMethods(null);
            setPassword('');
          }}
        />
      </Bare>
    );
  }
  return (
    <Bare title={t('ui.login.title')}>
      <Form onSubmit={() => void signIn()} submit={t('ui.login.submit')} busy={busy} error={error} shown={['email', 'password']}>
        <TextInput
          label={t('ui.login.email')}
          type="email"
          name="email"
          autoComplete="username"
          value={email}
          onChange={event => setEmail(event.currentTarget.value)}
          error={faultAt(error, 'email')}
          autoFocus
        />
        <PasswordInput
          label={t('ui.login.password')}
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={event => setPassword(event.currentTarget.value)}
          error={faultAt(error, 'password')}
          visibilityToggleButtonProps={{ 'aria-label': t('ui.login.show_password') }}
        />
      </Form>
      {canUsePasskeys() && !setup.data?.needed && (
        <>
          <div className={classes.or}>{t('ui.login.or')}</div>
          <Button
            fullWidth
            variant="default"
            leftSection={<IconFingerprint size={18} aria-hidden />}
            disabled={busy}
            onClick={() => void byPasskey()}
          >
            {t('ui.login.passkey')}
          </Button>
        </>
      )}
      <p className={classes.hint}>{setup.data?.needed ? t('ui.login.to_setup') : t('ui.login.forgotten')}</p>
    </Bare>
  );
};
export default Login;
