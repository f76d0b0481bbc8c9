import { Button, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useState } from 'react';
import { call } from '../api.ts';
import { Form, FormError, faultAt } from '../components/form.tsx';
import { askForPasskey, canUsePasskeys, isDeclined } from '../passkey.ts';
import { useTexts } from '../texts.ts';
import classes from './bare.module.css';

export type Method = 'passkey' | 'totp' | 'recovery';

/** The second step of a login: passkey, code of the app, or a recovery code. */
export const SecondStep = ({
  methods,
  onDone,
  onBack,
}: {
  methods: readonly Method[];
  onDone: () => Promise<void>;
  onBack: () => void;
}) => {
  const t = useTexts();
  const typed = methods.filter(method => method !== 'passkey');
  const [way, setWay] = useState<'totp' | 'recovery'>(methods.includes('totp') ? 'totp' : 'recovery');
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState<'code' | 'passkey' | null>(null);
  const [error, setError] = useState<unknown>(null);
  const attempt = async (which: 'code' | 'passkey', work: () => Promise<unknown>) => {
    setBusy(which);
    setError(null);
    try {
      await work();
      await onDone();
    } catch (refusal) {
      if (!isDeclined(refusal)) setError(refusal);
      setBusy(null);
    }
  };
  const byPasskey = () =>
    attempt('passkey', async () =>
      call('POST', '/api/login/passkey', { passkey: await askForPasskey('/api/login/passkey/options') }),
    );
  const withPasskey = methods.includes('passkey') && canUsePasskeys();
  return (
    <>
      {withPasskey && (
        <Button
          fullWidth
          size="md"
          variant={typed.length > 0 ? 'light' : 'filled'}
          leftSection={<IconFingerprint size={20} aria-hidden />}
          loading={busy === 'passkey'}
          onClick={() => void byPasskey()}
          mb="md"
        >
          {t('ui.login.use_passkey')}
        </Button>
      )}
      {typed.length > 0 ? (
        <Form
          submit={t('ui.login.confirm')}
          busy={busy === 'code'}
          disabled={code.trim() === ''}
          error={error}
          shown={['code']}
          onSubmit={() => void attempt('code', () => call('POST', '/api/login/mfa', { code }))}
        >
          <TextInput
            key={way}
            label={t(way === 'totp' ? 'ui.login.code' : 'ui.login.recovery_code')}
            description={t(way === 'totp' ? 'ui.login.code_hint' : 'ui.login.recovery_hint')}
            inputMode={way === 'totp' ? 'numeric' : 'text'}
            autoComplete="one-time-code"
            maxLength={way === 'totp' ? 7 : 20}
            value={code}
            onChange={event => setCode(event.currentTarget.value)}
            error={faultAt(error, 'code')}
            autoFocus
          />
        </Form>
      ) : (
        <FormError error={error} />
      )}
      <p className={classes.hint}>
        {typed.length > 1 && (
          <>
            <button
              type="button"
              className={classes.way}
              onClick={() => {
                setWay(way === 'totp' ? 'recovery' : 'totp');
                setCode('');
                setError(null);
              }}
            >
              {t(way === 'totp' ? 'ui.login.to_recovery' : 'ui.login.to_code')}
            </button>
            {' · '}
          </>
        )}
        <button type="button" className={classes.way} onClick={onBack}>
          {t('ui.login.back')}
        </button>
      </p>
    </>
  );
};
