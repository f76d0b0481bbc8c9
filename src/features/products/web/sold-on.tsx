import { TimeText, useTexts } from '../../../ui/index.ts';

/** A day of sale; a product that only a list names has none. */
export const SoldOn = ({ value }: { value: string | null }) => {
  const t = useTexts();
  return value === null ? t('products.never_sold') : <TimeText value={value} style="day" />;
};
