import { Button } from '@mantine/core';
import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  FilterBar,
  Link,
  Name,
  NumberText,
  oneOf,
  PageHeader,
  PercentText,
  SearchField,
  text,
  useListOf,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { PriceText } from './price-text.tsx';
import { SoldOn } from './sold-on.tsx';

type Product = AnswerOf<'GET /api/products'>['data'][number];

const ProductsPage = () => {
  const t = useTexts();
  const [url, setUrl] = useUrl({ query: text(), sort: oneOf(['name', 'sku', 'last_sold'], 'name') });
  const list = useListOf('GET /api/products', { query: { query: url.query || undefined, sort: url.sort } });
  const hasFigures = list.rows.some(row => row.figures?.sold !== undefined);
  const columns: Column<Product>[] = [
    {
      key: 'name',
      title: t('products.column.product'),
      sort: 'name',
      render: row => <Name>{row.name ?? t('products.no_name')}</Name>,
      card: 'title',
    },
    { key: 'sku', title: t('products.column.sku'), sort: 'sku', render: row => <Name>{row.sku}</Name>, card: 'aside' },
    ...(list.rows.some(row => row.category)
      ? [
          {
            key: 'category',
            title: t('products.column.category'),
            optional: 'on' as const,
            render: (row: Product) => <Name>{row.category}</Name>,
          },
        ]
      : []),
    {
      key: 'price',
      title: t('products.column.price'),
      align: 'end',
      render: row => <PriceText price={row.price} currency={row.currency} />,
    },
    ...(list.rows.some(row => row.margin_share !== null)
      ? [
          {
            key: 'margin',
            title: t('products.column.margin'),
            align: 'end' as const,
            optional: 'on' as const,
            render: (row: Product) => (row.margin_share === null ? null : <PercentText share={row.margin_share} />),
          },
        ]
      : []),
    ...(hasFigures
      ? [
          {
            key: 'sold',
            title: t('products.column.sold'),
            align: 'end' as const,
            render: (row: Product) => <NumberText value={row.figures?.sold ?? 0} />,
          },
          {
            key: 'customers',
            title: t('products.column.customers'),
            align: 'end' as const,
            render: (row: Product) => <NumberText value={row.figures?.customers ?? 0} />,
          },
        ]
      : []),
    {
      key: 'first',
      title: t('products.column.first_sold'),
      optional: 'off',
      render: row => <SoldOn value={row.first_sold_at} />,
    },
    {
      key: 'last',
      title: t('products.column.last_sold'),
      sort: 'last_sold',
      render: row => <SoldOn value={row.last_sold_at} />,
    },
  ];
  return (
    <>
      <PageHeader title={t('products.title')} description={t('products.about')} />
      <DataTable
        name="products"
        label={t('products.title')}
        columns={columns}
        list={list}
        rowKey={row => row.id}
        rowLink={row => `/products/${row.product_id}`}
        sort={url.sort}
        onSort={sort => setUrl({ sort: sort.replace('-', '') as 'name' })}
        toolbar={
          <FilterBar>
            <SearchField label={t('products.search')} value={url.query} onChange={query => setUrl({ query })} />
          </FilterBar>
        }
        empty={
          url.query ? (
            <EmptyState title={t('products.nothing_found', { query: url.query })}>{t('products.nothing_found.what')}</EmptyState>
          ) : (
            <EmptyState
              title={t('products.none')}
              action={
                <Button component={Link} to="/imports">
                  {t('products.none.do')}
                </Button>
              }
            >
              {t('products.none.what')}
            </EmptyState>
          )
        }
      />
    </>
  );
};

export default ProductsPage;
