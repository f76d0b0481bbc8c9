import { Button, Group, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import {
  ConfirmDanger,
  Form,
  faultAt,
  Loaded,
  notifyDone,
  notifyError,
  Panel,
  Rows,
  TimeText,
  useGo,
  useMay,
  useMutationOf,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import { ConnectionField } from './connect-page.tsx';
import type { Connection } from './connection.ts';
import classes from './connections.module.css';

export const SettingsTab = ({ connection }: { connection: Connection }) => {
  const t = useTexts();
  const mayWrite = useMay('connections:write');
  if (!mayWrite) return <p className={classes.dim}>{t('connections.settings.forbidden')}</p>;
  return (
    <Rows>
      <Credentials connection={connection} />
      <Behaviour connection={connection} />
      <Deeds connection={connection} />
    </Rows>
  );
};

const Credentials = ({ connection }: { connection: Connection }) => {
  const t = useTexts();
  const kinds = useQueryOf('GET /api/connection-kinds', {});
  const [name, setName] = useState(connection.name);
  const [fields, setFields] = useState<Record<string, string>>({});
  const save = useMutationOf('PATCH /api/connections/:id', {
    invalidates: ['/api/connections'],
    onSuccess: () => {
      setFields({});
      notifyDone(t('connections.settings.saved'));
    },
  });
  const secrets = new Map(connection.secrets.map(secret => [secret.code, secret]));
  return (
    <Panel title={t('connections.settings.access')} description={t('connections.settings.access_text')}>
      <Loaded query={kinds}>
        {({ data }) => {
          const kind = data.find(one => one.kind === connection.kind);
          return (
            <Form
              submit={t('connections.settings.save')}
              busy={save.isPending}
              error={save.error}
              shown={['name', ...(kind?.fields ?? []).map(field => `fields.${field.code}`)]}
              onSubmit={() =>
                save.mutate({
                  params: { id: connection.id },
                  body: {
                    version: connection.version,
                    name,
                    fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '')),
                  },
                })
              }
            >
              <TextInput
                label={t('connections.settings.name')}
                autoComplete="off"
                value={name}
                error={faultAt(save.error, 'name')}
                onChange={event => setName(event.currentTarget.value)}
              />
              {kind?.fields.map(field => {
                const secret = secrets.get(field.code);
                return (
                  <div key={field.code}>
                    <ConnectionField
                      kind={connection.kind}
                      field={field}
                      kept={secret?.last4}
                      value={fields[field.code] ?? (field.kind === 'text' ? (connection.settings[field.code] ?? '') : '')}
                      error={faultAt(save.error, `fields.${field.code}`)}
                      onChange={value => setFields({ ...fields, [field.code]: value })}
                    />
                    {secret && (
                      <span className={classes.dim}>
                        {t('connections.secret.since')} <TimeText value={secret.set_at} style="day" />
                      </span>
                    )}
                  </div>
                );
              })}
            </Form>
          );
        }}
      </Loaded>
    </Panel>
  );
};

const Behaviour = ({ connection }: { connection: Connection }) => {
  const t = useTexts();
  const save = useMutationOf('PATCH /api/connections/:id', {
    invalidates: ['/api/connections'],
    onError: error => notifyError(error),
  });
  return (
    <Panel title={t('connections.settings.behaviour')}>
      <Switch
        label={t('connections.settings.write_back', { name: connection.label })}
        description={t(`connections.${connection.kind}.write_back`)}
        checked={connection.writes_back}
        disabled={save.isPending}
        onChange={event =>
          save.mutate({
            params: { id: connection.id },
            body: { version: connection.version, writes_back: event.currentTarget.checked },
          })
        }
      />
    </Panel>
  );
};

const Deeds = ({ connection }: { connection: Connection }) => {
  const t = useTexts();
  const go = useGo();
  const [ending, setEnding] = useState(false);
  const params = { id: connection.id };
  const test = useMutationOf('POST /api/connections/:id/test', {
    invalidates: ['/api/connections'],
    onError: error => notifyError(error),
    onSuccess: answer =>
      notifyDone(
        answer.ok
          ? answer.missing.length > 0
            ? t('connections.test.missing', { scopes: answer.missing.join(', ') })
            : t('connections.test.fine', { name: answer.name ?? '' })
          : (answer.trouble?.detail ?? ''),
      ),
  });
  const backfill = useMutationOf('POST /api/connections/:id/backfill', {
    invalidates: ['/api/connections'],
    onError: error => notifyError(error),
    onSuccess: () => notifyDone(t('connections.settings.backfilling')),
  });
  const end = useMutationOf('DELETE /api/connections/:id', {
    invalidates: ['/api/connections'],
    onSuccess: () => go('/settings/connections'),
  });
  return (
    <Panel title={t('connections.settings.deeds')}>
      <Group gap="sm">
        <Button variant="default" loading={test.isPending} onClick={() => test.mutate({ params })}>
          {t('connections.settings.test')}
        </Button>
        <Button variant="default" loading={backfill.isPending} onClick={() => backfill.mutate({ params })}>
          {t('connections.settings.backfill')}
        </Button>
        <Button variant="light" color="red" onClick={() => setEnding(true)}>
          {t('connections.settings.end')}
        </Button>
      </Group>
      <ConfirmDanger
        opened={ending}
        onClose={() => setEnding(false)}
        title={t('connections.settings.end_title', { name: connection.name })}
        confirm={t('connections.settings.end')}
        onConfirm={() => end.mutate({ params })}
        busy={end.isPending}
        error={end.error}
      >
        {t('connections.settings.end_text')}
      </ConfirmDanger>
    </Panel>
  );
};
