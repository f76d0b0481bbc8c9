import { Button, Modal, PasswordInput, Text, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api.ts';
import { Form, FormError, faultAt } from '../components/form.tsx';
import { SkeletonLines } from '../components/states.tsx';
import { askForPasskey, canUsePasskeys, isDeclined } from '../passkey.ts';
import { useTexts } from '../texts.ts';

type Method = 'passkey' | 'totp' | 'recovery' | 'password';

/** "Is it you?" before something grave: by passkey or code, or by password where there is no second factor. */
const ProofDialog = ({ sentence, onDone }: { sentence: string; onDone: (proved: boolean) => void }) => {
  const t = useTexts();
  const [value, setValue] = useState('');
  const [busy, setBusy] = useState<'typed' | 'passkey' | null>(null);
  const [error, setError] = useState<unknown>(null);
  const ways = useQuery({
    queryKey: ['GET /api/step-up'],
    queryFn: () => call('GET', '/api/step-up') as Promise<{ methods: Method[] }>,
    staleTime: 0,
  });
  const attempt = async (which: 'typed' | 'passkey', body: () => Promise<object>) => {
    setBusy(which);
    setError(null);
    try {
      await call('POST', '/api/step-up', await body());
      onDone(true);
    } catch (refusal) {
      if (!isDeclined(refusal)) setError(refusal);
      setBusy(null);
    }
  };
  const methods = ways.data?.methods ?? [];
  const password = methods.includes('password');
  const typed = password || methods.includes('totp') || methods.includes('recovery');
  return (
    <Modal opened onClose={() => onDone(false)} title={t('ui.proof.title')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <Text size="sm" mb="md">
        {sentence} {t('ui.proof.why')}
      </Text>
      {ways.isPending && <SkeletonLines lines={2} />}
      {methods.includes('passkey') && canUsePasskeys() && (
        <Button
          fullWidth
          variant="light"
          mb="md"
          leftSection={<IconFingerprint size={20} aria-hidden />}
          loading={busy === 'passkey'}
          onClick={() => void attempt('passkey', async () => ({ passkey: await askForPasskey('/api/step-up/passkey/options') }))}
        >
          {t('ui.login.use_passkey')}
        </Button>
      )}
      {typed ? (
        <Form
          submit={t('ui.login.confirm')}
          busy={busy === 'typed'}
          disabled={value === ''}
          error={error ?? ways.error}
          shown={['password', 'code']}
          onSubmit={() => void attempt('typed', async () => (password ? { password: value } : { code: value }))}
          onCancel={() => onDone(false)}
        >
          {password ? (
            <PasswordInput
              label={t('ui.login.password')}
              autoComplete="current-password"
              data-autofocus
              value={value}
              onChange={event => setValue(event.currentTarget.value)}
              error={faultAt(error, 'password')}
              visibilityToggleButtonProps={{ 'aria-label': t('ui.login.show_password') }}
            />
          ) : (
            <TextInput
              label={t('ui.proof.code')}
              description={t('ui.proof.code_hint')}
              autoComplete="one-time-code"
              data-autofocus
              value={value}
              onChange={event => setValue(event.currentTarget.value)}
              error={faultAt(error, 'code')}
            />
          )}
        </Form>
      ) : (
        <FormError error={error ?? ways.error} />
      )}
    </Modal>
  );
};
export default ProofDialog;
