/** The product itself is killed with -9 while it brings in a shop; started again, it ends with what the shop has. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openProduct } from '../../../../tests/product.ts';
import { openShopifyDouble } from './test/double.ts';

type Walk = { state: string; done: number; total: number | null };
type Shown = { walks: Walk[]; comparison: { their_orders: number; our_orders: number; differing: unknown[] }[] };

const until = async <T>(what: string, read: () => Promise<T>, enough: (value: T) => boolean): Promise<T> => {
  for (const deadline = Date.now() + 90_000; Date.now() < deadline; ) {
    const value = await read().catch(() => null);
    if (value !== null && enough(value)) return value;
    await new Promise(done => setTimeout(done, 200));
  }
  throw new Error(`Waited in vain for ${what}.`);
};

test('killed in the middle of the backfill, twice', { timeout: 300_000 }, async () => {
  const day = 86_400_000;
  const double = await openShopifyDouble({ seed: 71, now: new Date(Date.now() - 2 * day).toISOString() });
  double.life.live(300);
  double.life.pass(Math.max(0, Date.now() - double.life.now().getTime()));
  double.trouble.pageSize = 2;
  const folder = mkdtempSync(join(tmpdir(), 'regulars-shopify-'));
  const product = await openProduct(folder, { env: { PRIVATE_HOSTS: double.domain() } });
  try {
    const { id } = await product.request<{ id: string }>('POST', '/api/connections', {
      kind: 'shopify',
      fields: { shop: double.domain(), client_id: double.app.clientId, client_secret: double.app.clientSecret },
    });
    const show = () => product.request<Shown>('GET', `/api/connections/${id}`);
    for (const share of [0.2, 0.6]) {
      const walk = await until(
        'the backfill to be under way',
        show,
        ({ walks: [one] }) => (one.total ?? 0) > 0 && one.done > share * one.total!,
      );
      // It had work left, or this would prove nothing.
      expect(walk.walks[0].state).toBe('running');
      await product.kill();
      await product.start();
    }
    const [over] = (await until('the backfill to end', show, ({ walks: [one] }) => one.state === 'done')).walks;
    expect(over.done).toBe(over.total);
    await product.request('POST', `/api/connections/${id}/compare`);
    const { comparison } = await until('the comparison', show, ({ comparison: days }) => days.length > 0);
    expect(comparison.flatMap(one => one.differing)).toEqual([]);
    const counted = [...double.life.orders.values()].filter(order => order.cancelled === null && !order.test).length;
    expect(comparison.reduce((sum, one) => sum + one.our_orders, 0)).toBe(counted);
  } finally {
    await product.stop();
    await double.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
