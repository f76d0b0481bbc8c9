import { MultiSelect } from '@mantine/core';
import { useQueryOf, useTexts } from '../../../ui/index.ts';

type Props = {
  label: string;
  description?: string;
  /** null = all shops. */
  value: string[] | null;
  onChange: (shops: string[] | null) => void;
  error?: string;
  disabled?: boolean;
};

/** Which shops somebody sees; none chosen means all. Not shown while there is one shop only, unless it is limited already. */
export const ShopsSelect = ({ label, description, value, onChange, error, disabled }: Props) => {
  const t = useTexts();
  const shops = useQueryOf('GET /api/shops');
  const all = shops.data?.data ?? [];
  if (all.length < 2 && value === null) return null;
  return (
    <MultiSelect
      label={label}
      description={description ?? t('access.shops.hint')}
      placeholder={value === null ? t('access.shops.all') : undefined}
      data={all.map(shop => ({ value: shop.id, label: shop.name }))}
      value={value ?? []}
      onChange={chosen => onChange(chosen.length === 0 ? null : chosen)}
      error={error}
      disabled={disabled}
      clearable
      clearButtonProps={{ 'aria-label': t('access.shops.clear') }}
    />
  );
};

/** "All shops", or their names. */
export const useShopNames = (): ((ids: string[] | null) => string) => {
  const t = useTexts();
  const shops = useQueryOf('GET /api/shops');
  return ids =>
    ids === null
      ? t('access.shops.all')
      : ids.map(id => shops.data?.data.find(shop => shop.id === id)?.name ?? t('access.shops.gone')).join(', ') ||
        t('access.shops.none');
};
