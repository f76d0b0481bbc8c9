import { StatusBadge, useTexts } from '../../../ui/index.ts';

type Stated = {
  state: 'placed' | 'cancelled';
  test: boolean;
  total: { amount_minor: number } | null;
  refunded: { amount_minor: number } | null;
};

/** What became of an order, in one word. */
export const OrderState = ({ order }: { order: Stated }) => {
  const t = useTexts();
  if (order.test) return <StatusBadge tone="quiet">{t('orders.state.test')}</StatusBadge>;
  if (order.state === 'cancelled') return <StatusBadge tone="bad">{t('orders.state.cancelled')}</StatusBadge>;
  const refunded = order.refunded?.amount_minor ?? 0;
  if (refunded > 0) {
    const whole = order.total !== null && refunded >= order.total.amount_minor;
    return <StatusBadge tone="warn">{t(whole ? 'orders.state.fully_refunded' : 'orders.state.refunded')}</StatusBadge>;
  }
  return <StatusBadge tone="good">{t('orders.state.placed')}</StatusBadge>;
};
