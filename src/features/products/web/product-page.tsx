import {
  type AnswerOf,
  type Column,
  DataTable,
  Facts,
  Loaded,
  Name,
  NumberText,
  PageHeader,
  Panel,
  Rows,
  SkeletonPage,
  TimeText,
  usePathParam,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import { PriceText } from './price-text.tsx';

type Product = AnswerOf<'GET /api/products/:id'>;

const ProductPage = () => {
  const query = useQueryOf('GET /api/products/:id', { params: { id: usePathParam('id') } });
  return (
    <Loaded query={query} skeleton={<SkeletonPage />}>
      {product => <ProductView product={product} />}
    </Loaded>
  );
};

const ProductView = ({ product }: { product: Product }) => {
  const t = useTexts();
  const prices: Column<Product['prices'][number]>[] = [
    {
      key: 'price',
      title: t('products.prices.price'),
      render: row => <PriceText price={row.price} currency={row.currency} />,
      card: 'title',
    },
    ...(product.variants.length > 1
      ? [{ key: 'sku', title: t('products.column.sku'), render: (row: Product['prices'][number]) => <Name>{row.sku}</Name> }]
      : []),
    { key: 'from', title: t('products.prices.from'), render: row => <TimeText value={row.first_seen_at} style="day" /> },
    { key: 'until', title: t('products.prices.until'), render: row => <TimeText value={row.last_seen_at} style="day" /> },
  ];
  return (
    <>
      <PageHeader
        title={<Name>{product.name ?? product.variants[0]?.sku}</Name>}
        back={{ to: '/products', label: t('products.title') }}
      />
      <Rows>
        {product.variants.map(variant => (
          <Panel key={variant.id} title={<Name>{variant.sku}</Name>}>
            <Facts
              items={[
                { label: t('products.column.price'), value: <PriceText price={variant.price} currency={variant.currency} /> },
                ...(variant.category ? [{ label: t('products.column.category'), value: <Name>{variant.category}</Name> }] : []),
                ...(variant.figures?.sold !== undefined
                  ? [{ label: t('products.column.sold'), value: <NumberText value={variant.figures.sold} /> }]
                  : []),
                ...(variant.figures?.customers !== undefined
                  ? [{ label: t('products.column.customers'), value: <NumberText value={variant.figures.customers} /> }]
                  : []),
                { label: t('products.column.first_sold'), value: <TimeText value={variant.first_sold_at} style="day" /> },
                { label: t('products.column.last_sold'), value: <TimeText value={variant.last_sold_at} style="day" /> },
              ]}
            />
          </Panel>
        ))}
        <Panel title={t('products.prices.title')} flush>
          <DataTable
            name="product-prices"
            label={t('products.prices.title')}
            plain
            columns={prices}
            rowKey={row => `${row.sku} ${row.currency} ${row.price}`}
            list={{ rows: product.prices }}
            empty={null}
          />
        </Panel>
      </Rows>
    </>
  );
};

export default ProductPage;
