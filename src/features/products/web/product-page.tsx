import {
  type AnswerOf,
  type Column,
  DataTable,
  Facts,
  Link,
  Loaded,
  Name,
  NumberText,
  PageHeader,
  Panel,
  PercentText,
  Rows,
  SkeletonPage,
  TimeText,
  useMaySee,
  usePathParam,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import { PriceText } from './price-text.tsx';
import { SoldOn } from './sold-on.tsx';

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
  const seesMoney = useMaySee('money');
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
                ...(variant.cost
                  ? [
                      {
                        label: t('products.column.cost'),
                        value: <PriceText price={variant.cost} currency={variant.cost_currency} />,
                      },
                    ]
                  : []),
                ...(seesMoney
                  ? [
                      {
                        label: t('products.column.margin'),
                        value:
                          variant.margin_share === null ? (
                            <Link to="/imports">{t('products.margin_unknown')}</Link>
                          ) : (
                            <PercentText share={variant.margin_share} />
                          ),
                      },
                    ]
                  : []),
                ...(variant.variant_name
                  ? [{ label: t('products.column.variant_name'), value: <Name>{variant.variant_name}</Name> }]
                  : []),
                ...(variant.stock
                  ? [{ label: t('products.column.stock'), value: <NumberText value={Number(variant.stock)} /> }]
                  : []),
                ...(variant.pack_size
                  ? [{ label: t('products.column.pack_size'), value: <NumberText value={Number(variant.pack_size)} /> }]
                  : []),
                ...(variant.barcode ? [{ label: t('products.column.barcode'), value: <Name>{variant.barcode}</Name> }] : []),
                ...(variant.category ? [{ label: t('products.column.category'), value: <Name>{variant.category}</Name> }] : []),
                ...(variant.figures?.sold !== undefined
                  ? [{ label: t('products.column.sold'), value: <NumberText value={variant.figures.sold} /> }]
                  : []),
                ...(variant.figures?.customers !== undefined
                  ? [{ label: t('products.column.customers'), value: <NumberText value={variant.figures.customers} /> }]
                  : []),
                { label: t('products.column.first_sold'), value: <SoldOn value={variant.first_sold_at} /> },
                { label: t('products.column.last_sold'), value: <SoldOn value={variant.last_sold_at} /> },
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
