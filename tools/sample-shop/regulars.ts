/** The shop's server talks to Regulars: it signs its logged-in shoppers and tells of orders. What any shop's server does, in Node. */
import { createHmac, randomUUID } from 'node:crypto';

export type Regulars = {
  /** Where Regulars is, without a slash at the end. */
  url: string;
  /** Public; stands in the pages. '' = tell nobody. */
  writeKey: string;
  /** Stays here. */
  secretKey: string;
  /** Stays here. '' = log in without a signature. */
  signingSecret: string;
};

const signature_s = 24 * 3600;

/** Vouches for who is logged in, for a day. */
export const signShopper = (regulars: Regulars, userId: string, email: string): string | null => {
  if (regulars.signingSecret === '') return null;
  const expires = Math.floor(Date.now() / 1000) + signature_s;
  const digest = createHmac('sha256', regulars.signingSecret).update(`${expires}:${email}:${userId}`).digest('hex');
  return `${expires}.${digest}`;
};

/** Sends one call to /v1; tried again for some minutes, because an order is told once. The message id makes a repetition harmless. */
export const tell = async (regulars: Regulars, call: Record<string, unknown>, tries = 6): Promise<void> => {
  if (regulars.secretKey === '') return;
  const whole = { messageId: `shop-${randomUUID()}`, timestamp: new Date().toISOString(), ...call };
  const answer = await fetch(`${regulars.url}/v1/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${regulars.secretKey}:`)}` },
    body: JSON.stringify({ batch: [whole], sentAt: new Date().toISOString() }),
  }).catch(() => null);
  if (answer?.ok) return;
  if (answer && answer.status < 500 && answer.status !== 429) {
    console.error(`Regulars refused ${String(call.event ?? call.type)}: ${answer.status} ${await answer.text()}`);
    return;
  }
  if (tries > 1) setTimeout(() => void tell(regulars, whole, tries - 1), 2_000 * 2 ** (6 - tries)).unref();
  else console.error(`Regulars could not be reached: ${String(call.event ?? call.type)} was not told.`);
};
