import { Button, Group, Modal, Radio, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type AnswerOf, CopyField, Form, faultAt, useMutationOf, useQueryOf, useTexts } from '../../../ui/index.ts';

type Made = AnswerOf<'POST /api/write-keys'>;

export const NewKey = ({ opened, onClose, onMade }: { opened: boolean; onClose: () => void; onMade: (made: Made) => void }) => {
  const t = useTexts();
  const shops = useQueryOf('GET /api/shops', {}, { enabled: opened });
  const blank = { name: '', kind: 'secret' as Made['kind'], shop_id: null as string | null };
  const [value, setValue] = useState(blank);
  const own = shops.data?.data.filter(shop => shop.kind !== 'demo') ?? [];
  const shopId = value.shop_id ?? own[0]?.id ?? '';
  const create = useMutationOf('POST /api/write-keys', {
    invalidates: ['/api/write-keys'],
    onSuccess: made => {
      setValue(blank);
      onMade(made);
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title={t('tracking.keys.new')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <Form
        submit={t('tracking.keys.create')}
        busy={create.isPending}
        error={create.error}
        shown={['name', 'kind', 'shop_id']}
        onSubmit={() => create.mutate({ body: { ...value, shop_id: shopId } })}
        onCancel={onClose}
      >
        <TextInput
          label={t('tracking.keys.name')}
          description={t('tracking.keys.name_hint')}
          data-autofocus
          autoComplete="off"
          value={value.name}
          onChange={event => setValue({ ...value, name: event.currentTarget.value })}
          error={faultAt(create.error, 'name')}
        />
        <Radio.Group
          label={t('tracking.keys.where')}
          value={value.kind}
          onChange={kind => setValue({ ...value, kind: kind as Made['kind'] })}
        >
          <Stack gap="sm" mt="xs">
            <Radio value="secret" label={t('tracking.keys.kind.secret')} description={t('tracking.keys.kind.secret_hint')} />
            <Radio value="browser" label={t('tracking.keys.kind.browser')} description={t('tracking.keys.kind.browser_hint')} />
          </Stack>
        </Radio.Group>
        {own.length > 1 && (
          <Select
            label={t('tracking.keys.shop')}
            allowDeselect={false}
            data={own.map(shop => ({ value: shop.id, label: shop.name }))}
            value={shopId}
            onChange={shop_id => setValue({ ...value, shop_id })}
          />
        )}
      </Form>
    </Modal>
  );
};

/** The only time a secret key is seen. */
export const KeyShown = ({ shown, onClose }: { shown: { key: string; kind: Made['kind'] } | null; onClose: () => void }) => {
  const t = useTexts();
  return (
    <Modal
      opened={shown !== null}
      onClose={onClose}
      title={t('tracking.keys.made_title')}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <Text size="sm" mb="md">
        {t(shown?.kind === 'browser' ? 'tracking.keys.made_browser' : 'tracking.keys.made_secret')}
      </Text>
      <CopyField label={t('tracking.keys.key')} value={shown?.key ?? ''} />
      <Group justify="flex-end" mt="lg">
        <Button onClick={onClose}>{t('tracking.keys.done')}</Button>
      </Group>
    </Modal>
  );
};
