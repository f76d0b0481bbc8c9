/** Shipments in the event log: Order Fulfilled once, Shipment Updated per word of the carrier, Order Delivered once. */
import { createHash } from 'node:crypto';
import type { Context } from '../../platform/context.ts';
import { appendEvents, type NewEvent } from '../tracking/index.ts';
import { type Connection, fresh_ms } from './connection.ts';
import type { FulfilmentTold } from './connector.ts';

export type ShipmentOf = { number: string; originId: number | null; fulfilment: FulfilmentTold };

/** Appends what the log does not have yet; the same shipment told again is the same events. */
export const appendShipments = async (
  context: Context,
  connection: Connection,
  shipments: readonly ShipmentOf[],
  historical: boolean,
): Promise<void> => {
  const events = shipments.flatMap(one => eventsOf(context, connection, one, historical));
  if (events.length === 0) return;
  const ids = [...new Set(events.map(event => event.id))];
  const known = new Set(
    (await context.postgres`select id from tracking.event where id = any(${ids}::uuid[])`).map(row => row.id as string),
  );
  const fresh = new Map(events.filter(event => !known.has(event.id)).map(event => [event.id, event]));
  await appendEvents(context, [...fresh.values()]);
};

const eventsOf = (
  context: Context,
  connection: Connection,
  { number, originId, fulfilment }: ShipmentOf,
  historical: boolean,
): NewEvent[] => {
  if (originId === null) return [];
  const now = context.clock.now().getTime();
  const event = (name: string, what: string, time: Date): NewEvent => ({
    id: eventId(connection.id, fulfilment.id, what),
    customerId: originId,
    name,
    time,
    shopId: connection.shop_id,
    source: 'connection',
    messageId: `${connection.id}/${fulfilment.id}/${what}`,
    historical: historical || now - time.getTime() > fresh_ms,
    properties: {
      number,
      fulfilment_id: fulfilment.id,
      skus: fulfilment.skus,
      ...(fulfilment.company ? { carrier: fulfilment.company } : {}),
      ...(fulfilment.trackingNumber ? { tracking_id: fulfilment.trackingNumber } : {}),
      ...(fulfilment.trackingUrl ? { tracking_url: fulfilment.trackingUrl } : {}),
      ...(fulfilment.shipmentStatus ? { shipment_status: fulfilment.shipmentStatus } : {}),
    },
  });
  const { shipmentStatus: status } = fulfilment;
  return [
    event('Order Fulfilled', 'fulfilled', fulfilment.at),
    ...(status && status !== 'delivered' ? [event('Shipment Updated', `status/${status}`, fulfilment.updatedAt)] : []),
    ...(status === 'delivered' ? [event('Order Delivered', 'delivered', fulfilment.updatedAt)] : []),
  ];
};

/** A stable UUID (RFC 9562 version 8), so that the same thing told twice is one event. */
const eventId = (connectionId: string, shipmentId: string, what: string): string => {
  const hex = createHash('sha256').update(`${connectionId}/shipment/${shipmentId}/${what}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
