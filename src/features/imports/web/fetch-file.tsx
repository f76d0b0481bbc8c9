import { Button, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Form, upload, useTexts } from '../../../ui/index.ts';
import type { ImportAnswer } from '../contract.ts';
import classes from './imports.module.css';

/** A file from a web address, once. */
export const FetchFile = ({ onMade, onCancel }: { onMade: (made: ImportAnswer) => void; onCancel: () => void }) => {
  const t = useTexts();
  const [value, setValue] = useState({ url: '', auth: 'none', user: '', password: '', token: '' });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const set = (change: Partial<typeof value>) => setValue(before => ({ ...before, ...change }));
  const fetchIt = () => {
    const form = new FormData();
    form.append('url', value.url);
    if (value.auth === 'basic') {
      form.append('user', value.user);
      form.append('password', value.password);
    }
    if (value.auth === 'bearer') form.append('token', value.token);
    setBusy(true);
    setError(null);
    upload('POST /api/imports', { form })
      .then(onMade)
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return (
    <Form submit={t('imports.fetch.do')} busy={busy} error={error} shown={[]} onSubmit={fetchIt} onCancel={onCancel}>
      <TextInput
        label={t('imports.source.url')}
        placeholder="https://"
        type="url"
        required
        autoComplete="off"
        value={value.url}
        onChange={event => set({ url: event.currentTarget.value })}
      />
      <div className={classes.grid}>
        <NativeSelect
          label={t('imports.source.auth')}
          value={value.auth}
          onChange={event => set({ auth: event.currentTarget.value })}
          data={(['none', 'basic', 'bearer'] as const).map(auth => ({ value: auth, label: t(`imports.source.auth.${auth}`) }))}
        />
        {value.auth === 'basic' && (
          <>
            <TextInput
              label={t('imports.source.user')}
              autoComplete="off"
              value={value.user}
              onChange={event => set({ user: event.currentTarget.value })}
            />
            <PasswordInput
              label={t('imports.source.password')}
              autoComplete="new-password"
              value={value.password}
              onChange={event => set({ password: event.currentTarget.value })}
            />
          </>
        )}
        {value.auth === 'bearer' && (
          <PasswordInput
            label={t('imports.source.token')}
            autoComplete="new-password"
            value={value.token}
            onChange={event => set({ token: event.currentTarget.value })}
          />
        )}
      </div>
    </Form>
  );
};

export const OpenFetch = ({ onOpen }: { onOpen: () => void }) => {
  const t = useTexts();
  return (
    <Button variant="subtle" size="compact-md" mt="sm" px={0} onClick={onOpen}>
      {t('imports.fetch.open')}
    </Button>
  );
};
