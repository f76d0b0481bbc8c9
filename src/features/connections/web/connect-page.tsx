import { PasswordInput, Radio, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import {
  type AnswerOf,
  Form,
  faultAt,
  Loaded,
  PageHeader,
  Panel,
  Split,
  useGo,
  useMutationOf,
  usePathParam,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import classes from './connections.module.css';

type Kind = AnswerOf<'GET /api/connection-kinds'>['data'][number];

const ConnectPage = () => {
  const code = usePathParam('kind');
  const kinds = useQueryOf('GET /api/connection-kinds', {});
  return (
    <Loaded query={kinds}>
      {({ data }) => {
        const kind = data.find(one => one.kind === code);
        return kind ? <Connect kind={kind} /> : <Unknown />;
      }}
    </Loaded>
  );
};
export default ConnectPage;

const Unknown = () => {
  const t = useTexts();
  return (
    <PageHeader title={t('connections.new.unknown')} back={{ to: '/settings/connections', label: t('connections.list.title') }} />
  );
};

const Connect = ({ kind }: { kind: Kind }) => {
  const t = useTexts();
  const steps = Array.from({ length: kind.steps }, (_, index) => index + 1);
  return (
    <>
      <PageHeader
        title={t('connections.new.of', { name: kind.label })}
        description={t(`connections.${kind.kind}.about`)}
        back={{ to: '/settings/connections', label: t('connections.list.title') }}
      />
      <Split
        aside={
          <Panel title={t('connections.new.steps')}>
            <ol className={classes.steps}>
              {steps.map(step => (
                <li key={step}>{t(`connections.${kind.kind}.step.${step}`)}</li>
              ))}
            </ol>
          </Panel>
        }
      >
        <Panel title={t('connections.new.form')} description={t('connections.new.form_text')}>
          <ConnectForm kind={kind} />
        </Panel>
      </Split>
    </>
  );
};

const ConnectForm = ({ kind }: { kind: Kind }) => {
  const t = useTexts();
  const go = useGo();
  const shops = useQueryOf('GET /api/shops', {});
  const connected = useQueryOf('GET /api/connections', {});
  const [fields, setFields] = useState<Record<string, string>>({});
  const [where, setWhere] = useState<'new' | 'known'>('new');
  const [shopId, setShopId] = useState<string | null>(null);
  const taken = new Set(connected.data?.data.map(one => one.shop.id));
  const free = (shops.data?.data ?? []).filter(shop => shop.kind !== 'demo' && !taken.has(shop.id));
  const connect = useMutationOf('POST /api/connections', {
    invalidates: ['/api/connections', '/api/shops'],
    onSuccess: made => go(`/settings/connections/${made.id}`),
  });
  const chosen = shopId ?? free[0]?.id ?? null;
  return (
    <Form
      submit={t('connections.new.submit')}
      busy={connect.isPending}
      error={connect.error}
      shown={kind.fields.map(field => `fields.${field.code}`)}
      onCancel={() => go('/settings/connections')}
      onSubmit={() =>
        connect.mutate({
          body: { kind: kind.kind, fields, ...(where === 'known' && chosen ? { shop_id: chosen } : {}) },
        })
      }
    >
      {kind.fields.map(field => (
        <ConnectionField
          key={field.code}
          kind={kind.kind}
          field={field}
          value={fields[field.code] ?? ''}
          error={faultAt(connect.error, `fields.${field.code}`)}
          onChange={value => setFields({ ...fields, [field.code]: value })}
        />
      ))}
      {free.length > 0 && (
        <Radio.Group
          label={t('connections.new.shop')}
          description={t('connections.new.shop_hint')}
          value={where}
          onChange={value => setWhere(value as 'new')}
        >
          <Stack gap="sm" mt="xs">
            <Radio value="new" label={t('connections.new.shop_new')} description={t('connections.new.shop_new_hint')} />
            <Radio value="known" label={t('connections.new.shop_known')} description={t('connections.new.shop_known_hint')} />
          </Stack>
        </Radio.Group>
      )}
      {where === 'known' && free.length > 0 && (
        <Select
          label={t('connections.new.which')}
          allowDeselect={false}
          data={free.map(shop => ({ value: shop.id, label: shop.name }))}
          value={chosen}
          onChange={setShopId}
        />
      )}
    </Form>
  );
};

type FieldProps = {
  kind: string;
  field: Kind['fields'][number];
  value: string;
  error?: string;
  /** A secret that is kept already: shown by its end only. */
  kept?: string;
  onChange: (value: string) => void;
};

/** One field as the connector describes it; a secret is typed in and never shown again. */
export const ConnectionField = ({ kind, field, value, error, kept, onChange }: FieldProps) => {
  const t = useTexts();
  const about = {
    label: t(`connections.${kind}.field.${field.code}`),
    description: t(`connections.${kind}.field.${field.code}_hint`),
    required: field.required && kept === undefined,
    autoComplete: 'off',
    placeholder: kept === undefined ? (field.placeholder ?? undefined) : t('connections.secret.kept', { last4: kept }),
    value,
    error,
  };
  return field.kind === 'secret' ? (
    <PasswordInput
      {...about}
      visibilityToggleButtonProps={{ 'aria-label': t('connections.secret.look') }}
      onChange={event => onChange(event.currentTarget.value)}
    />
  ) : (
    <TextInput {...about} spellCheck={false} onChange={event => onChange(event.currentTarget.value)} />
  );
};
