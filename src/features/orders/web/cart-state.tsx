import { StatusBadge, type Tone, useTexts } from '../../../ui/index.ts';

export type CartStateCode = 'open' | 'checkout' | 'abandoned' | 'converted' | 'recovered';
const tones: Record<CartStateCode, Tone> = {
  open: 'info',
  checkout: 'info',
  abandoned: 'warn',
  converted: 'good',
  recovered: 'good',
};

/** What became of a cart, in one word. */
export const CartState = ({ state }: { state: CartStateCode }) => {
  const t = useTexts();
  return <StatusBadge tone={tones[state]}>{t(`orders.cart.state.${state}`)}</StatusBadge>;
};

type Line = { name: string | null; sku: string | null; product_id: string | null; quantity: number };
const most = 2;

/** "2 x Green tea, Kettle and 3 more" */
export const CartItems = ({ lines, items }: { lines: readonly Line[]; items: number }) => {
  const t = useTexts();
  if (lines.length === 0) return <span>{t('orders.cart.items', { count: items })}</span>;
  const shown = lines.slice(0, most).map(line => {
    const name = line.name ?? line.sku ?? line.product_id ?? '';
    return line.quantity === 1 ? name : `${line.quantity} × ${name}`;
  });
  return (
    <span>
      <bdi>{shown.join(', ')}</bdi>
      {lines.length > most && ` ${t('orders.cart.more', { count: lines.length - most })}`}
    </span>
  );
};
