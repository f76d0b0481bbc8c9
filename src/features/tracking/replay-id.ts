/** A delivery of this id is a rejected event, sent again. */
const prefix = 'replay-';
export const replayId = (rejectedId: string): string => `${prefix}${rejectedId}`;
export const replayOf = (deliveryId: string): string | null =>
  deliveryId.startsWith(prefix) ? deliveryId.slice(prefix.length) : null;
