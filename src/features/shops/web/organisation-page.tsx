import { Button, Modal, Radio, Select, Stack, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  Form,
  faultAt,
  Loaded,
  Name,
  notifyDone,
  PageHeader,
  Panel,
  Rows,
  StatusBadge,
  useMutationOf,
  useQueryOf,
  useRefreshSession,
  useTexts,
} from '../../../ui/index.ts';
import { AsOfProposal } from './as-of-proposal.tsx';
import { CurrencyField, ZoneField } from './place-fields.tsx';
import classes from './shops.module.css';

type Organisation = AnswerOf<'GET /api/organisation'>;
type Shop = AnswerOf<'GET /api/shops'>['data'][number];

const OrganisationPage = () => {
  const t = useTexts();
  const organisation = useQueryOf('GET /api/organisation');
  return (
    <>
      <PageHeader title={t('shops.page.title')} description={t('shops.page.description')} />
      <AsOfProposal />
      <Rows>
        <div className={classes.pair}>
          <Loaded query={organisation}>{data => <Business key={`business-${data.version}`} before={data} />}</Loaded>
          <Loaded query={organisation}>{data => <AsOf key={`as-of-${data.version}`} before={data} />}</Loaded>
        </div>
        <Shops />
      </Rows>
    </>
  );
};
export default OrganisationPage;

const useChange = () => {
  const t = useTexts();
  const refresh = useRefreshSession();
  return useMutationOf('PATCH /api/organisation', {
    invalidates: ['/api'],
    onSuccess: () => {
      void refresh();
      notifyDone(t('shops.saved'));
    },
  });
};

const Business = ({ before }: { before: Organisation }) => {
  const t = useTexts();
  const [value, setValue] = useState({ name: before.name, home_currency: before.home_currency, zone: before.zone });
  const save = useChange();
  return (
    <Panel title={t('shops.organisation')}>
      <Form
        submit={t('shops.save')}
        busy={save.isPending}
        error={save.error}
        shown={['name', 'home_currency', 'zone']}
        onSubmit={() => save.mutate({ body: { version: before.version, ...value } })}
      >
        <TextInput
          label={t('shops.name')}
          autoComplete="organization"
          value={value.name}
          onChange={event => setValue({ ...value, name: event.currentTarget.value })}
          error={faultAt(save.error, 'name')}
        />
        <CurrencyField
          label={t('shops.home_currency')}
          description={t('shops.home_currency_hint')}
          value={value.home_currency}
          onChange={home_currency => setValue({ ...value, home_currency })}
          error={faultAt(save.error, 'home_currency')}
        />
        <ZoneField
          label={t('shops.zone')}
          description={t('shops.zone_hint')}
          value={value.zone}
          onChange={zone => setValue({ ...value, zone })}
          error={faultAt(save.error, 'zone')}
        />
      </Form>
    </Panel>
  );
};

const AsOf = ({ before }: { before: Organisation }) => {
  const t = useTexts();
  const [past, setPast] = useState(before.default_as_of !== null);
  const [day, setDay] = useState(before.default_as_of ?? before.proposed_as_of ?? '');
  const save = useChange();
  return (
    <Panel title={t('shops.as_of.title')} description={t('shops.as_of.hint')}>
      <Form
        submit={t('shops.save')}
        busy={save.isPending}
        disabled={past && day === ''}
        error={save.error}
        shown={['default_as_of']}
        onSubmit={() => save.mutate({ body: { version: before.version, default_as_of: past ? day : null } })}
      >
        <Radio.Group
          aria-label={t('shops.as_of.title')}
          value={past ? 'past' : 'today'}
          onChange={value => setPast(value === 'past')}
        >
          <Stack gap="sm">
            <Radio value="today" label={t('shops.as_of.today')} />
            <Radio value="past" label={t('shops.as_of.past')} />
          </Stack>
        </Radio.Group>
        {past && (
          <TextInput
            type="date"
            label={t('shops.as_of.day')}
            value={day}
            onChange={event => setDay(event.currentTarget.value)}
            error={faultAt(save.error, 'default_as_of')}
          />
        )}
      </Form>
    </Panel>
  );
};

const Shops = () => {
  const t = useTexts();
  const shops = useQueryOf('GET /api/shops');
  const [open, setOpen] = useState<Shop | 'new' | null>(null);
  const columns: Column<Shop>[] = [
    {
      key: 'name',
      title: t('shops.name'),
      card: 'title',
      render: shop => (
        <>
          <Name>{shop.name}</Name> {shop.is_default && <StatusBadge>{t('shops.default')}</StatusBadge>}
        </>
      ),
    },
    { key: 'kind', title: t('shops.kind'), render: shop => t(`shops.kind.${shop.kind}`) },
    { key: 'currency', title: t('shops.currency'), render: shop => <bdi>{shop.currency}</bdi> },
    { key: 'zone', title: t('shops.zone'), render: shop => <bdi>{shop.zone}</bdi> },
  ];
  return (
    <Panel
      title={t('shops.shops')}
      description={t('shops.shops_hint')}
      flush
      actions={
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setOpen('new')}>
          {t('shops.add')}
        </Button>
      }
    >
      <div className={classes.table}>
        <Loaded query={shops}>
          {({ data }) => (
            <DataTable
              name="shops"
              label={t('shops.shops')}
              list={{ rows: data }}
              rowKey={shop => shop.id}
              columns={columns}
              rowActions={shop => (
                <Button
                  variant="subtle"
                  size="compact-sm"
                  aria-label={t('shops.edit_label', { name: shop.name })}
                  onClick={() => setOpen(shop)}
                >
                  {t('shops.edit')}
                </Button>
              )}
              empty={<EmptyState title={t('shops.shops')} />}
            />
          )}
        </Loaded>
      </div>
      <Modal
        opened={open !== null}
        onClose={() => setOpen(null)}
        title={open === 'new' || open === null ? t('shops.add') : t('shops.edit_label', { name: open.name })}
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        {open !== null && <ShopForm before={open === 'new' ? null : open} onDone={() => setOpen(null)} />}
      </Modal>
    </Panel>
  );
};

const ShopForm = ({ before, onDone }: { before: Shop | null; onDone: () => void }) => {
  const t = useTexts();
  const organisation = useQueryOf('GET /api/organisation');
  const [value, setValue] = useState({
    name: before?.name ?? '',
    kind: before?.kind ?? 'shop',
    currency: before?.currency,
    zone: before?.zone,
  });
  const told = {
    invalidates: ['/api/shops'],
    onSuccess: () => {
      notifyDone(t('shops.saved'));
      onDone();
    },
  };
  const create = useMutationOf('POST /api/shops', told);
  const change = useMutationOf('PATCH /api/shops/:id', told);
  const error = create.error ?? change.error;
  const currency = value.currency ?? organisation.data?.home_currency ?? '';
  const zone = value.zone ?? organisation.data?.zone ?? '';
  const save = () => {
    const kind = value.kind === 'demo' ? undefined : value.kind;
    const body = { name: value.name, kind, currency, zone };
    if (before) change.mutate({ params: { id: before.id }, body: { ...body, version: before.version } });
    else create.mutate({ body });
  };
  return (
    <Form
      submit={t(before ? 'shops.save' : 'shops.add_submit')}
      busy={create.isPending || change.isPending}
      error={error}
      shown={['name', 'kind', 'currency', 'zone']}
      onSubmit={save}
      onCancel={onDone}
    >
      <TextInput
        label={t('shops.name')}
        data-autofocus
        autoComplete="off"
        value={value.name}
        onChange={event => setValue({ ...value, name: event.currentTarget.value })}
        error={faultAt(error, 'name')}
      />
      {value.kind !== 'demo' && (
        <Select
          label={t('shops.kind')}
          allowDeselect={false}
          data={(['shop', 'till'] as const).map(kind => ({ value: kind, label: t(`shops.kind.${kind}`) }))}
          value={value.kind}
          onChange={kind => kind && setValue({ ...value, kind: kind as 'shop' | 'till' })}
        />
      )}
      <CurrencyField
        label={t('shops.currency')}
        value={currency}
        onChange={next => setValue({ ...value, currency: next })}
        error={faultAt(error, 'currency')}
      />
      <ZoneField
        label={t('shops.zone')}
        value={zone}
        onChange={next => setValue({ ...value, zone: next })}
        error={faultAt(error, 'zone')}
      />
    </Form>
  );
};
