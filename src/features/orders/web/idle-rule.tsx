import { Button, Group, Modal, NumberInput, Text } from '@mantine/core';
import { useState } from 'react';
import {
  type AnswerOf,
  Form,
  faultAt,
  Loaded,
  Name,
  notifyDone,
  useMutationOf,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import classes from './carts.module.css';

type Rules = AnswerOf<'GET /api/carts/rules'>;
const invalidates = ['/api/carts'];

/** After how many minutes of silence a cart counts as abandoned: for all shops, and for those that want it otherwise. */
export const IdleRule = ({ opened, onClose }: { opened: boolean; onClose: () => void }) => {
  const t = useTexts();
  const rules = useQueryOf('GET /api/carts/rules', {}, { enabled: opened });
  return (
    <Modal opened={opened} onClose={onClose} title={t('orders.rule.title')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <Text size="sm" mb="md">
        {t('orders.rule.about')}
      </Text>
      {opened && <Loaded query={rules}>{data => <Fields rules={data} onDone={onClose} />}</Loaded>}
    </Modal>
  );
};

const Fields = ({ rules, onDone }: { rules: Rules; onDone: () => void }) => {
  const t = useTexts();
  const [minutes, setMinutes] = useState<number | string>(rules.idle_minutes);
  const save = useMutationOf('PUT /api/carts/rules', {
    invalidates,
    onSuccess: () => {
      notifyDone(t('orders.rule.saved'));
      onDone();
    },
  });
  return (
    <>
      {rules.may_change_all && (
        <Form
          submit={t('orders.rule.save')}
          busy={save.isPending}
          error={save.error}
          shown={['idle_minutes']}
          onSubmit={() => save.mutate({ body: { shop_id: null, idle_minutes: Number(minutes) } })}
        >
          <NumberInput
            label={t('orders.rule.minutes')}
            description={t('orders.rule.minutes_hint')}
            min={5}
            max={10_080}
            allowDecimal={false}
            value={minutes}
            onChange={setMinutes}
            error={faultAt(save.error, 'idle_minutes')}
          />
        </Form>
      )}
      {rules.shops.length > 1 && (
        <div>
          <Text fw={600} size="sm" mt="lg" mb="xs">
            {t('orders.rule.shops')}
          </Text>
          <div className={classes.shops}>
            {rules.shops.map(shop => (
              <ShopRule key={shop.id} shop={shop} usual={rules.idle_minutes} />
            ))}
          </div>
        </div>
      )}
    </>
  );
};

const ShopRule = ({ shop, usual }: { shop: Rules['shops'][number]; usual: number }) => {
  const t = useTexts();
  const [minutes, setMinutes] = useState<number | string>(shop.idle_minutes ?? '');
  const save = useMutationOf('PUT /api/carts/rules', { invalidates, onSuccess: () => notifyDone(t('orders.rule.saved')) });
  const store = () => {
    const next = minutes === '' ? null : Number(minutes);
    if (next !== shop.idle_minutes) save.mutate({ body: { shop_id: shop.id, idle_minutes: next } });
  };
  return (
    <>
      <Name>{shop.name}</Name>
      <Group gap={4} wrap="nowrap">
        <NumberInput
          aria-label={t('orders.rule.of_shop', { shop: shop.name })}
          placeholder={String(usual)}
          min={5}
          max={10_080}
          allowDecimal={false}
          value={minutes}
          onChange={setMinutes}
          onBlur={store}
          error={faultAt(save.error, 'idle_minutes')}
        />
        {save.isPending && <Button variant="subtle" size="compact-sm" loading aria-label={t('orders.rule.save')} />}
      </Group>
    </>
  );
};
