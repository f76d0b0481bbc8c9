import { useTexts } from '../../../ui/index.ts';

/** A price per unit keeps its own digits: prices below a cent exist. */
export const PriceText = ({ price, currency }: { price: string | null; currency: string | null }) => {
  const t = useTexts();
  if (price === null) return <span>{t('products.no_price')}</span>;
  return (
    <bdi>
      {Number(price).toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 6 })} {currency}
    </bdi>
  );
};
