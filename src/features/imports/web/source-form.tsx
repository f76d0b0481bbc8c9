import { NativeSelect, NumberInput, PasswordInput, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Form, faultAt, notifyDone, useMutationOf, useQueryOf, useTexts } from '../../../ui/index.ts';
import type { SourceAnswer } from '../source-contract.ts';
import classes from './imports.module.css';
import { useKinds } from './kinds.ts';

const fresh = {
  name: '',
  place: 'url' as SourceAnswer['place'],
  address: '',
  pattern: '*.csv',
  auth: 'none' as SourceAnswer['auth'],
  user_name: '',
  secret: '',
  shop_id: '',
  kind: null as string | null,
  mapping_id: null as string | null,
  every: 'day' as SourceAnswer['every'],
  at_time: '05:00',
  weekday: 1,
  month_day: 1,
  only_when_changed: true,
};
type Value = typeof fresh;
type Part = { value: Value; set: (change: Partial<Value>) => void; error: Error | null };

/** Where a file is fetched from, when, and what it means. */
export const SourceForm = ({
  before,
  inbox,
  onDone,
}: {
  before: SourceAnswer | null;
  inbox: string;
  onDone: (id: string) => void;
}) => {
  const t = useTexts();
  const shops = useQueryOf('GET /api/shops');
  const [value, setValue] = useState<Value>(
    before ? { ...fresh, ...before, user_name: before.user_name ?? '', secret: '' } : fresh,
  );
  const set = (change: Partial<Value>) => setValue(now => ({ ...now, ...change }));
  const told = {
    invalidates: ['/api/imports'],
    onSuccess: (source: SourceAnswer) => {
      notifyDone(t('imports.source.saved', { name: source.name }));
      onDone(source.id);
    },
  };
  const create = useMutationOf('POST /api/imports/sources', told);
  const change = useMutationOf('PATCH /api/imports/sources/:id', told);
  const error = create.error ?? change.error;
  const shopId = value.shop_id || (shops.data?.data.find(shop => shop.is_default)?.id ?? '');
  const save = () => {
    const { name, place, address, pattern, auth, user_name, secret, kind, mapping_id, every, at_time, weekday, month_day } =
      value;
    const body = {
      ...{ name, place, address, pattern, auth, kind, mapping_id, every, at_time, weekday, month_day, shop_id: shopId },
      only_when_changed: value.only_when_changed,
      ...(auth === 'basic' ? { user_name } : {}),
      ...(secret === '' ? {} : { secret }),
    };
    if (before) change.mutate({ params: { id: before.id }, body: { ...body, version: before.version } });
    else create.mutate({ body });
  };
  const part = { value, set, error };
  return (
    <Form
      submit={t(before ? 'imports.source.save' : 'imports.source.make')}
      busy={create.isPending || change.isPending}
      error={error}
      shown={['name', 'address', 'secret']}
      onSubmit={save}
      onCancel={() => onDone('')}
    >
      <TextInput
        label={t('imports.source.name')}
        placeholder={t('imports.source.name.example')}
        data-autofocus
        autoComplete="off"
        maxLength={80}
        value={value.name}
        error={faultAt(error, 'name')}
        onChange={event => set({ name: event.currentTarget.value })}
      />
      <Place {...part} inbox={inbox} stored={before?.secret_last4 ?? null} />
      <When {...part} />
      <NativeSelect
        label={t('imports.shop')}
        value={shopId}
        onChange={event => set({ shop_id: event.currentTarget.value })}
        data={(shops.data?.data ?? []).map(shop => ({ value: shop.id, label: shop.name }))}
      />
      <Meaning {...part} />
      <Switch
        label={t('imports.source.only_changed')}
        description={t('imports.source.only_changed.hint')}
        checked={value.only_when_changed}
        onChange={event => set({ only_when_changed: event.currentTarget.checked })}
      />
    </Form>
  );
};

const Place = ({ value, set, error, inbox, stored }: Part & { inbox: string; stored: string | null }) => {
  const t = useTexts();
  const secretHint = stored === null ? undefined : t('imports.source.secret_kept', { last4: stored });
  return (
    <>
      <NativeSelect
        label={t('imports.source.place')}
        value={value.place}
        onChange={event => set({ place: event.currentTarget.value as 'url', address: '' })}
        data={(['url', 'folder'] as const).map(place => ({ value: place, label: t(`imports.source.place.${place}`) }))}
      />
      {value.place === 'url' ? (
        <TextInput
          label={t('imports.source.url')}
          placeholder="https://"
          type="url"
          autoComplete="off"
          value={value.address}
          error={faultAt(error, 'address')}
          onChange={event => set({ address: event.currentTarget.value })}
        />
      ) : (
        <div className={classes.grid}>
          <TextInput
            label={t('imports.source.folder')}
            description={t('imports.source.folder.hint', { inbox })}
            autoComplete="off"
            value={value.address}
            error={faultAt(error, 'address')}
            onChange={event => set({ address: event.currentTarget.value })}
          />
          <TextInput
            label={t('imports.source.pattern')}
            description={t('imports.source.pattern.hint')}
            autoComplete="off"
            value={value.pattern}
            onChange={event => set({ pattern: event.currentTarget.value })}
          />
        </div>
      )}
      {value.place === 'url' && (
        <div className={classes.grid}>
          <NativeSelect
            label={t('imports.source.auth')}
            value={value.auth}
            onChange={event => set({ auth: event.currentTarget.value as 'none' })}
            data={(['none', 'basic', 'bearer'] as const).map(auth => ({ value: auth, label: t(`imports.source.auth.${auth}`) }))}
          />
          {value.auth === 'basic' && (
            <TextInput
              label={t('imports.source.user')}
              autoComplete="off"
              value={value.user_name}
              onChange={event => set({ user_name: event.currentTarget.value })}
            />
          )}
          {value.auth !== 'none' && (
            <PasswordInput
              label={t(value.auth === 'basic' ? 'imports.source.password' : 'imports.source.token')}
              description={secretHint}
              autoComplete="new-password"
              value={value.secret}
              error={faultAt(error, 'secret')}
              onChange={event => set({ secret: event.currentTarget.value })}
            />
          )}
        </div>
      )}
    </>
  );
};

const When = ({ value, set, error }: Part) => {
  const t = useTexts();
  return (
    <div className={classes.grid}>
      <NativeSelect
        label={t('imports.source.every')}
        value={value.every}
        onChange={event => set({ every: event.currentTarget.value as 'day' })}
        data={(['hour', 'day', 'week', 'month'] as const).map(every => ({
          value: every,
          label: t(`imports.source.every.${every}`),
        }))}
      />
      {value.every === 'week' && (
        <NativeSelect
          label={t('imports.source.weekday')}
          value={String(value.weekday)}
          onChange={event => set({ weekday: Number(event.currentTarget.value) })}
          data={[1, 2, 3, 4, 5, 6, 7].map(day => ({ value: String(day), label: t(`imports.source.weekday.${day}`) }))}
        />
      )}
      {value.every === 'month' && (
        <NumberInput
          label={t('imports.source.month_day')}
          min={1}
          max={28}
          allowDecimal={false}
          clampBehavior="strict"
          value={value.month_day}
          onChange={day => typeof day === 'number' && set({ month_day: day })}
        />
      )}
      <TextInput
        type="time"
        label={t(value.every === 'hour' ? 'imports.source.minute' : 'imports.source.at_time')}
        value={value.at_time}
        error={faultAt(error, 'at_time')}
        onChange={event => set({ at_time: event.currentTarget.value })}
      />
    </div>
  );
};

const Meaning = ({ value, set }: Part) => {
  const t = useTexts();
  const kinds = useKinds();
  const mappings = useQueryOf('GET /api/imports/mappings');
  return (
    <div className={classes.grid}>
      <NativeSelect
        label={t('imports.source.mapping')}
        description={t('imports.source.mapping.hint')}
        value={value.mapping_id ?? ''}
        onChange={event => set({ mapping_id: event.currentTarget.value || null, kind: null })}
        data={[
          { value: '', label: t('imports.source.mapping.own') },
          ...(mappings.data?.data ?? []).map(mapping => ({ value: mapping.id, label: mapping.name })),
        ]}
      />
      {value.mapping_id === null && (
        <NativeSelect
          label={t('imports.kind')}
          value={value.kind ?? ''}
          onChange={event => set({ kind: event.currentTarget.value || null })}
          data={[{ value: '', label: t('imports.source.kind.own') }, ...kinds.choices]}
        />
      )}
    </div>
  );
};
