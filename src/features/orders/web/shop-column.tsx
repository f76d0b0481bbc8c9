import { type Column, Name, useQueryOf, useTexts } from '../../../ui/index.ts';

/** Which shop an order belongs to; no column while there is only one. */
export const useShopColumn = <Row extends { shop_id: string }>(): Column<Row>[] => {
  const t = useTexts();
  const shops = useQueryOf('GET /api/shops', undefined, { staleTime_ms: 60_000 });
  const names = new Map((shops.data?.data ?? []).map(shop => [shop.id, shop.name]));
  if (names.size < 2) return [];
  return [
    { key: 'shop', title: t('orders.column.shop'), render: (row: Row) => <Name>{names.get(row.shop_id)}</Name>, optional: 'on' },
  ];
};
