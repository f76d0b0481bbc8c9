/** Orders by the shop's own figures, for the daily comparison: read apart from what polling keeps. */
import { toMinor } from '../../../platform/money.ts';
import { wooStandingOf } from '../../orders/index.ts';
import type { Access, OrderSum } from '../connector.ts';
import { askList } from './client.ts';
import { orderPayload, refundPayload } from './payload.ts';
import { itemOf } from './read-records.ts';
import { numberOf, translateOrder } from './translate.ts';

const seconds = (at: Date, plus_ms: number): string => new Date(at.getTime() + plus_ms).toISOString().slice(0, 19);

/** Orders placed from `from` until before `until`; what waits for its payment is none. */
export const orderSums = async (access: Access, from: Date, until: Date): Promise<OrderSum[]> => {
  const sums: OrderSum[] = [];
  for (let page = 1; ; page++) {
    const { body } = await askList(access, 'orders', {
      // Both ends are exclusive; orders are dated to the second.
      query: {
        per_page: 100,
        page,
        status: 'any',
        orderby: 'id',
        order: 'asc',
        after: seconds(from, -1000),
        before: seconds(until, 0),
        dates_are_gmt: 'true',
      },
    });
    for (const payload of body) {
      const sum = await sumOf(access, payload);
      if (sum) sums.push(sum);
    }
    if (body.length < 100) return sums;
  }
};

const sumOf = async (access: Access, payload: Record<string, unknown>): Promise<OrderSum | null> => {
  const read = orderPayload.safeParse(payload);
  if (!read.success) return unreadable(payload);
  const order = read.data;
  const standing = wooStandingOf(order.status);
  if (standing === 'unpaid' || standing === 'draft') return null;
  const refunds =
    order.refunds.length === 0
      ? []
      : (await askList(access, `orders/${order.id}/refunds`, { query: { per_page: 100 } })).body.map(one =>
          refundPayload.parse(one),
        );
  const { told } = translateOrder(order, refunds);
  const goods = told.order.lines
    .filter(line => line.kind === 'product' || line.kind === 'discount')
    .reduce((sum, line) => sum + (line.totalMinor ?? 0), 0);
  const back = told.order.refunds.flatMap(refund => refund.lines).reduce((sum, line) => sum + line.amountMinor, 0);
  return {
    id: order.id,
    number: numberOf(order),
    placedAt: told.order.placedAt,
    counts: standing === 'placed' && !told.order.test,
    grossMinor: toMinor(order.total, order.currency),
    netMinor: goods - back,
  };
};

/** One that polling could not take over either: the comparison is where it shows. */
const unreadable = (payload: Record<string, unknown>): OrderSum => ({
  id: String(payload.id),
  number: String(payload.number ?? payload.id),
  placedAt: itemOf({ ...payload, date_modified_gmt: payload.date_created_gmt }).updatedAt,
  counts: true,
  grossMinor: 0,
  netMinor: 0,
});
