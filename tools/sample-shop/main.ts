/**
 * `npm run sample-shop`: a small shop that tells a Regulars what happens in it. Settings from the environment: REGULARS_URL
 * (http://127.0.0.1:3000), WRITE_KEY, SECRET_KEY, SIGNING_SECRET, SHOP_PORT (4000).
 */
import { openShop } from './shop.ts';

const given = (name: string): string => (process.env[name] ?? '').trim();
const regulars = {
  url: (given('REGULARS_URL') || 'http://127.0.0.1:3000').replace(/\/+$/, ''),
  writeKey: given('WRITE_KEY'),
  secretKey: given('SECRET_KEY'),
  signingSecret: given('SIGNING_SECRET'),
};
const shop = await openShop({ port: Number(given('SHOP_PORT') || 4000), regulars });
process.stdout.write(`\nThe sample shop is open at ${shop.url}\n`);
const missing = [
  !regulars.writeKey && 'WRITE_KEY       a key "in web pages" of Settings, Tracking: without it nothing is told',
  !regulars.secretKey && 'SECRET_KEY      a key "on a server" of the same page: without it no order is told',
  !regulars.signingSecret && 'SIGNING_SECRET  from Settings, Install the snippet: without it logins are not signed',
].filter(Boolean);
if (missing.length > 0)
  process.stdout.write(
    `It talks to the Regulars at ${regulars.url}. Set these to let it tell more:\n\n  ${missing.join('\n  ')}\n\n  WRITE_KEY=rwb_... SECRET_KEY=rws_... SIGNING_SECRET=rss_... npm run sample-shop\n`,
  );
process.on('SIGINT', () => void shop.stop().then(() => process.exit(0)));
