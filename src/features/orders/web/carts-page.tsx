/** Carts: how a range went, from visit to order, and every cart behind the figures. */
import { Button, Group, Select } from '@mantine/core';
import { IconAdjustments } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  addressOf,
  type Column,
  DataTable,
  DownloadButton,
  EmptyState,
  Facet,
  FilterBar,
  Link,
  MoneyText,
  many,
  Name,
  oneOf,
  PageHeader,
  Panel,
  RelativeTime,
  Rows,
  text,
  useAsOf,
  useListOf,
  useLive,
  useMay,
  useMaySee,
  useQueryOf,
  useRefresh,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { CartFigures } from './cart-figures.tsx';
import { CartItems, CartState, type CartStateCode } from './cart-state.tsx';
import { Conversion } from './conversion.tsx';
import { IdleRule } from './idle-rule.tsx';
import { daysBefore } from './range.ts';

type Cart = AnswerOf<'GET /api/carts'>['data'][number];
const states: readonly CartStateCode[] = ['open', 'checkout', 'abandoned', 'recovered', 'converted'];
const ranges = ['7', '30', '90', '365'] as const;

const useColumns = (): Column<Cart>[] => {
  const t = useTexts();
  const money = useMaySee('money');
  const columns: Column<Cart>[] = [
    { key: 'items', title: t('orders.cart.in_it'), render: cart => <CartItems {...cart} />, card: 'title', width: '34%' },
    { key: 'customer', title: t('orders.column.customer'), render: cart => <Customer cart={cart} /> },
    { key: 'state', title: t('orders.column.state'), render: cart => <CartState state={cart.state} />, card: 'aside' },
    {
      key: 'activity',
      title: t('orders.cart.last_activity'),
      render: cart => <RelativeTime value={cart.last_activity_at} />,
      sort: 'activity',
      descendingFirst: true,
    },
    { key: 'shop', title: t('orders.cart.shop'), render: cart => <Name>{cart.shop}</Name>, optional: 'off' },
  ];
  if (money)
    columns.push({
      key: 'value',
      title: t('orders.cart.value'),
      render: cart => <MoneyText money={cart.value} />,
      align: 'end',
      sort: 'value',
      descendingFirst: true,
    });
  return columns;
};

const Customer = ({ cart }: { cart: Cart }) => {
  const t = useTexts();
  if (!cart.customer) return <span>{t('orders.cart.nobody')}</span>;
  return (
    <Link to={`/customers/${cart.customer.id}`}>
      <Name>{cart.customer.name ?? t('orders.cart.visitor', { id: cart.customer.id })}</Name>
    </Link>
  );
};

const CartsPage = () => {
  const t = useTexts();
  const as_of = useAsOf();
  const refresh = useRefresh();
  useLive('carts', () => void refresh('/api/carts'));
  const [url, setUrl] = useUrl({
    state: many(),
    shop: many(),
    known: many(),
    days: oneOf(ranges, '30'),
    sort: oneOf(['-activity', 'activity', '-value', 'value'], '-activity'),
    rule: text(),
  });
  const [ruleOpen, setRuleOpen] = useState(url.rule === 'open');
  const mayChange = useMay('orders:write');
  const mayExport = useMay('customers:export');
  const shops = useQueryOf('GET /api/shops');
  const range = { from: daysBefore(as_of, Number(url.days) - 1), to: as_of, shop: url.shop[0] };
  const filters = {
    ...range,
    state: url.state[0] as CartStateCode | undefined,
    known: url.known[0] as 'true' | 'false' | undefined,
    sort: url.sort,
  };
  const list = useListOf('GET /api/carts', { query: { ...filters, count: 'true' } });
  const filtered = url.state.length + url.shop.length + url.known.length > 0;
  const clear = () => setUrl({ state: [], shop: [], known: [] });
  return (
    <>
      <PageHeader
        title={t('orders.carts.title')}
        description={t('orders.carts.description')}
        actions={
          <Group gap="sm">
            {mayChange && (
              <Button variant="default" leftSection={<IconAdjustments size={16} aria-hidden />} onClick={() => setRuleOpen(true)}>
                {t('orders.carts.rule')}
              </Button>
            )}
            {mayExport && (
              <DownloadButton address={addressOf('GET /api/carts.csv', { query: filters })} fileName="carts.csv">
                {t('orders.carts.export')}
              </DownloadButton>
            )}
            <Select
              aria-label={t('orders.carts.range')}
              w={150}
              allowDeselect={false}
              data={ranges.map(days => ({ value: days, label: t('orders.carts.last_days', { count: Number(days) }) }))}
              value={url.days}
              onChange={days => setUrl({ days: days as '30' })}
            />
          </Group>
        }
      />
      <Rows>
        <CartFigures range={range} days={url.days} />
        <Conversion range={range} days={url.days} />
        <Panel title={t('orders.carts.list')} flush>
          <DataTable
            plain
            name="carts"
            label={t('orders.carts.list')}
            columns={useColumns()}
            rowKey={cart => cart.id}
            rowLink={cart => `/carts/${cart.id}`}
            list={list}
            sort={url.sort}
            onSort={sort => setUrl({ sort: sort as typeof url.sort })}
            toolbar={
              <FilterBar active={filtered} onClear={clear}>
                <Facet
                  label={t('orders.filter.state')}
                  options={states.map(value => ({ value, label: t(`orders.cart.state.${value}`) }))}
                  selected={url.state}
                  onChange={state => setUrl({ state })}
                  single
                />
                <Facet
                  label={t('orders.carts.who')}
                  options={[
                    { value: 'true', label: t('orders.carts.known') },
                    { value: 'false', label: t('orders.carts.unknown') },
                  ]}
                  selected={url.known}
                  onChange={known => setUrl({ known })}
                  single
                />
                {(shops.data?.data.length ?? 0) > 1 && (
                  <Facet
                    label={t('orders.cart.shop')}
                    options={(shops.data?.data ?? []).map(shop => ({ value: shop.id, label: shop.name }))}
                    selected={url.shop}
                    onChange={shop => setUrl({ shop })}
                    single
                  />
                )}
              </FilterBar>
            }
            empty={<NoCarts filtered={filtered} onClear={clear} />}
          />
        </Panel>
      </Rows>
      <IdleRule opened={ruleOpen} onClose={() => setRuleOpen(false)} />
    </>
  );
};
export default CartsPage;

const NoCarts = ({ filtered, onClear }: { filtered: boolean; onClear: () => void }) => {
  const t = useTexts();
  return filtered ? (
    <EmptyState
      title={t('orders.carts.none')}
      picture="search"
      action={
        <Button variant="default" onClick={onClear}>
          {t('orders.list.clear')}
        </Button>
      }
    >
      {t('orders.carts.none_text')}
    </EmptyState>
  ) : (
    <EmptyState
      title={t('orders.carts.empty')}
      action={
        <Button component={Link} to="/settings/tracking">
          {t('orders.carts.empty_action')}
        </Button>
      }
    >
      {t('orders.carts.empty_text')}
    </EmptyState>
  );
};
