import { Modal, NativeSelect, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Form, faultAt, notifyDone, useMay, useMutationOf, useQueryOf, useTexts } from '../../../ui/index.ts';
import type { ImportAnswer } from '../contract.ts';
import { useKinds } from './kinds.ts';

const makeNew = 'new';

/** Where the rows belong; a till (in-store sales) can be made on the spot. */
export const ShopField = ({ one, onChoose }: { one: ImportAnswer; onChoose: (shopId: string) => void }) => {
  const t = useTexts();
  const shops = useQueryOf('GET /api/shops');
  const mayMake = useMay('shops:write');
  const [making, setMaking] = useState(false);
  const all = shops.data?.data ?? [];
  return (
    <>
      <NativeSelect
        label={t('imports.shop')}
        description={t('imports.shop.hint')}
        value={one.shop_id}
        onChange={event => (event.currentTarget.value === makeNew ? setMaking(true) : onChoose(event.currentTarget.value))}
        data={[
          ...all.map(shop => ({
            value: shop.id,
            label: shop.kind === 'till' ? t('imports.shop.till', { name: shop.name }) : shop.name,
          })),
          ...(mayMake ? [{ value: makeNew, label: t('imports.shop.new') }] : []),
        ]}
      />
      <Modal
        opened={making}
        onClose={() => setMaking(false)}
        title={t('imports.shop.new_title')}
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        {making && (
          <NewTill
            onCancel={() => setMaking(false)}
            onMade={id => {
              setMaking(false);
              onChoose(id);
            }}
          />
        )}
      </Modal>
    </>
  );
};

const NewTill = ({ onMade, onCancel }: { onMade: (id: string) => void; onCancel: () => void }) => {
  const t = useTexts();
  const kinds = useKinds();
  const organisation = useQueryOf('GET /api/organisation');
  const [name, setName] = useState('');
  const [currency, setCurrency] = useState<string | null>(null);
  const [zone, setZone] = useState<string | null>(null);
  const make = useMutationOf('POST /api/shops', {
    invalidates: ['/api/shops'],
    onSuccess: shop => {
      notifyDone(t('imports.shop.made', { name: shop.name }));
      onMade(shop.id);
    },
  });
  const chosen = { currency: currency ?? organisation.data?.home_currency ?? '', zone: zone ?? organisation.data?.zone ?? '' };
  const common = { searchable: true, allowDeselect: false, limit: 60 };
  return (
    <Form
      submit={t('imports.shop.make')}
      busy={make.isPending}
      error={make.error}
      shown={['name', 'currency', 'zone']}
      onSubmit={() => make.mutate({ body: { name, kind: 'till', ...chosen } })}
      onCancel={onCancel}
    >
      <TextInput
        label={t('imports.shop.name')}
        description={t('imports.shop.name.hint')}
        data-autofocus
        autoComplete="off"
        value={name}
        onChange={event => setName(event.currentTarget.value)}
        error={faultAt(make.error, 'name')}
      />
      <Select
        {...common}
        label={t('imports.shop.currency')}
        data={[...(kinds.query.data?.currencies ?? [])]}
        value={chosen.currency}
        onChange={setCurrency}
        error={faultAt(make.error, 'currency')}
      />
      <Select
        {...common}
        label={t('imports.reading.zone')}
        data={[...(kinds.query.data?.zones ?? [])]}
        value={chosen.zone}
        onChange={setZone}
        error={faultAt(make.error, 'zone')}
      />
    </Form>
  );
};
