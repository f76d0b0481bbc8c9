/** Checkouts and the names by which a checkout and its order find each other. */
import type { Context } from '../../platform/context.ts';
import { recordCheckouts } from '../orders/index.ts';
import { type Connection, sourceOf } from './connection.ts';
import type { CheckoutTold } from './connector.ts';
import type { Taken } from './taken.ts';

export const applyCheckouts = async (
  context: Context,
  connection: Connection,
  checkouts: readonly Taken<CheckoutTold>[],
): Promise<void> => {
  for (const historical of [true, false]) {
    const portion = checkouts.filter(one => one.historical === historical);
    await recordCheckouts(
      context,
      portion.map(({ told, origin, said }) => ({
        shopId: connection.shop_id,
        kind: 'checkout' as const,
        outsideId: told.id,
        checkoutIds: told.refs.checkoutIds,
        cartId: told.refs.cartId,
        customerId: origin,
        emailKnown: told.emailKnown,
        lines: told.lines.map(line => ({ ...line, imageUrl: null, url: null })),
        currency: told.currency,
        valueMinor: told.valueMinor,
        coupon: told.coupon,
        url: told.url,
        startedAt: told.createdAt,
        updatedAt: said,
        completedAt: told.completedAt,
      })),
      { source: sourceOf(connection), historical },
    );
  }
};
