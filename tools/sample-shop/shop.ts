/** The sample shop's server: sessions, carts, orders in memory; tells Regulars what a shop's server tells. */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { catalogue, categories, findProduct, type Product, searchCatalogue } from './catalogue.ts';
import {
  type Answer,
  accountPage,
  type CartLine,
  cartPage,
  checkoutPage,
  homePage,
  listPage,
  loginPage,
  notFoundPage,
  type Order,
  orderPage,
  page,
  privacyPage,
  productPage,
  type Say,
  type Shopper,
  shippingOf,
  slugOf,
  sumOf,
} from './pages.ts';
import { drawProduct } from './pictures.ts';
import { type Regulars, signShopper, tell } from './regulars.ts';

type Session = {
  shopper: Shopper | null;
  answer: Answer | null;
  cartId: string;
  checkoutId: string;
  lines: CartLine[];
  next: Say[];
};
type Request = { url: URL; form: URLSearchParams; session: Session; cookies: Record<string, string>; home: string };
type Answered = { html: string; title: string; say?: Say[]; status?: number } | { to: string } | { json: unknown };

const file = (name: string): string => readFileSync(new URL(`public/${name}`, import.meta.url), 'utf8');
const cookieName = 'kiln_session';
const currency = 'EUR';

/** Listens on 127.0.0.1; port 0 takes a free one. */
export const openShop = async (options: {
  port: number;
  regulars: Regulars;
}): Promise<{ url: string; stop: () => Promise<void> }> => {
  const { regulars } = options;
  const sessions = new Map<string, Session>();
  const orders: (Order & { userId: string | null })[] = [];

  const policy = [
    "default-src 'none'",
    `script-src 'self' ${regulars.url}`,
    `connect-src 'self' ${regulars.url}`,
    "style-src 'self'",
    "img-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

  const server = createServer((request, response) => {
    void handle(request, response).catch(error => {
      console.error(error);
      response.writeHead(500).end('Something broke in the sample shop.');
    });
  });

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const home = `http://${request.headers.host}`;
    const url = new URL(request.url ?? '/', home);
    const fixed = fixedFile(url.pathname);
    if (fixed) {
      response.writeHead(200, {
        'content-type': fixed.type,
        'cache-control': 'max-age=60',
        'content-security-policy': "default-src 'none'",
      });
      response.end(fixed.text);
      return;
    }
    const cookies = Object.fromEntries(
      (request.headers.cookie ?? '').split(/; */).map(one => one.split('=', 2) as [string, string]),
    );
    // Only the same site may change something here.
    const foreign =
      request.headers['sec-fetch-site'] !== undefined &&
      !['same-origin', 'none'].includes(request.headers['sec-fetch-site'] as string);
    if (request.method === 'POST' && foreign) {
      response.writeHead(403).end('This form was sent from another site.');
      return;
    }
    const id = sessions.has(cookies[cookieName]) ? cookies[cookieName] : randomUUID();
    const session = sessions.get(id) ?? newSession();
    sessions.set(id, session);
    const form = new URLSearchParams(request.method === 'POST' ? await bodyOf(request) : '');
    const answered = await answer({ url, form, session, cookies, home }, request.method === 'POST');
    const headers = { 'set-cookie': `${cookieName}=${id}; path=/; httponly; samesite=lax`, 'cache-control': 'no-store' };
    if ('to' in answered) response.writeHead(303, { ...headers, location: answered.to }).end();
    else if ('json' in answered)
      response.writeHead(200, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(answered.json));
    else {
      const say = [...session.next.splice(0), ...(answered.say ?? [])];
      const view = { regulars, shopper: session.shopper, answer: session.answer, items: itemsIn(session), say };
      response.writeHead(answered.status ?? 200, {
        ...headers,
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy,
        'referrer-policy': 'strict-origin-when-cross-origin',
        'x-content-type-options': 'nosniff',
      });
      response.end(page(view, answered.title, answered.html));
    }
  };

  const answer = async (request: Request, isPost: boolean): Promise<Answered> => {
    const { url, session, home } = request;
    const [, first = '', second = ''] = url.pathname.split('/');
    if (isPost) return change(request, url.pathname);
    if (first === '') return { title: 'Pots and leaves', html: homePage() };
    if (first === 'category') return showCategory(second, home);
    if (first === 'search') return showSearch(url.searchParams.get('q') ?? '', home);
    if (first === 'product') return showProduct(second, home);
    if (first === 'cart')
      return {
        title: 'Cart',
        html: cartPage(session.lines),
        say: session.lines.length > 0 ? [['track', 'Cart Viewed', aboutCart(session, home)]] : [],
      };
    if (first === 'checkout') return session.lines.length === 0 ? { to: '/cart' } : startCheckout(session, home);
    if (first === 'login') return { title: 'Sign in', html: loginPage() };
    if (first === 'privacy') return { title: 'Your privacy', html: privacyPage() };
    const { shopper } = session;
    if (first === 'account')
      return shopper
        ? {
            title: 'Account',
            html: accountPage(
              shopper,
              orders.filter(one => one.userId === shopper.userId),
            ),
          }
        : { to: '/login' };
    const order = first === 'orders' ? orders.find(one => one.number === second) : undefined;
    if (order) return { title: 'Thank you', html: orderPage(order) };
    return { title: 'Not here', html: notFoundPage(), status: 404 };
  };

  // ---- pages that tell something ---------------------------------------------------------------------------------

  const showCategory = (slug: string, home: string): Answered => {
    const category = categories.find(one => slugOf(one) === slug);
    if (!category) return { title: 'Not here', html: notFoundPage(), status: 404 };
    const products = catalogue.filter(one => one.category === category);
    const about = {
      list_id: slug,
      category,
      products: products.map((one, index) => ({ ...aboutProduct(one, home), position: index + 1 })),
    };
    return { title: category, html: listPage(category, products), say: [['track', 'Product List Viewed', about]] };
  };

  const showSearch = (query: string, home: string): Answered => {
    const products = searchCatalogue(query);
    const about = { query, products: products.map(one => aboutProduct(one, home)) };
    return {
      title: `Search: ${query}`,
      html: listPage(`“${query}”`, products),
      say: query === '' ? [] : [['track', 'Products Searched', about]],
    };
  };

  const showProduct = (slug: string, home: string): Answered => {
    const product = findProduct(slug);
    if (!product) return { title: 'Not here', html: notFoundPage(), status: 404 };
    return { title: product.name, html: productPage(product), say: [['track', 'Product Viewed', aboutProduct(product, home)]] };
  };

  const startCheckout = (session: Session, home: string): Answered => ({
    title: 'Check out',
    html: checkoutPage(session.lines, session.shopper),
    say: [['track', 'Checkout Started', { ...aboutCart(session, home), checkout_id: session.checkoutId }]],
  });

  // ---- what changes something ------------------------------------------------------------------------------------

  const change = async (request: Request, path: string): Promise<Answered> => {
    const { form, session } = request;
    if (path === '/consent') {
      session.answer = { analytics: form.get('analytics') === 'true', marketing: form.get('marketing') === 'true' };
      return { json: {} };
    }
    if (path === '/cart/add' || path === '/cart/remove') return changeCart(request, path === '/cart/add');
    if (path === '/login') return logIn(form, session);
    if (path === '/logout') {
      session.shopper = null;
      session.next.push(['reset']);
      return { to: '/' };
    }
    if (path === '/checkout') return placeOrder(request);
    return { title: 'Not here', html: notFoundPage(), status: 404 };
  };

  const changeCart = ({ form, session, home }: Request, add: boolean): Answered => {
    const product = findProduct(form.get('sku') ?? '');
    if (!product) return { to: '/cart' };
    const line = session.lines.find(one => one.product === product);
    const quantity = add ? Math.min(20, Math.max(1, Math.round(Number(form.get('quantity')) || 1))) : (line?.quantity ?? 0);
    if (add && line) line.quantity += quantity;
    else if (add) session.lines.push({ product, quantity });
    else session.lines = session.lines.filter(one => one !== line);
    const about = { ...aboutProduct(product, home), quantity, cart_id: session.cartId, cart_url: `${home}/cart` };
    const say: Say[] = [['track', add ? 'Product Added' : 'Product Removed', about]];
    return { json: { items: itemsIn(session), name: product.name, say } };
  };

  const logIn = (form: URLSearchParams, session: Session): Answered => {
    const email = (form.get('email') ?? '').trim().toLowerCase();
    const name = (form.get('name') ?? '').trim();
    if (!email.includes('@') || name === '') return { to: '/login' };
    const userId = `C${createHash('sha256').update(email).digest('hex').slice(0, 10)}`;
    session.shopper = { userId, name, email };
    const [firstName, ...rest] = name.split(' ');
    const traits = { email, firstName, ...(rest.length > 0 && { lastName: rest.join(' ') }) };
    session.next.push(['identify', { userId, traits, signature: signShopper(regulars, userId, email) ?? undefined }]);
    return { to: '/account' };
  };

  const placeOrder = async ({ form, session, cookies, home }: Request): Promise<Answered> => {
    const email = (form.get('email') ?? '').trim().toLowerCase();
    if (session.lines.length === 0 || !email.includes('@')) return { to: '/checkout' };
    const { lines, shopper } = session;
    const number = `KK-${Date.now().toString(36).toUpperCase()}`;
    const sum = sumOf(lines);
    const total = Math.round((sum + shippingOf(sum)) * 100) / 100;
    orders.push({ number, lines, total, email, placedAt: new Date(), userId: shopper?.userId ?? null });
    const [firstName, ...rest] = (form.get('name') ?? '').trim().split(' ');
    // The visitor's id is in a cookie only if the visitor allowed it; an order is told either way, it is the shop's own book-keeping.
    const visitor = cookies.regulars_id;
    void tell(regulars, {
      type: 'track',
      event: 'Order Completed',
      ...(shopper && { userId: shopper.userId }),
      anonymousId: visitor ?? `order-${number}`,
      context: { traits: { email, firstName, ...(rest.length > 0 && { lastName: rest.join(' ') }) } },
      properties: {
        order_id: number,
        cart_id: session.cartId,
        checkout_id: session.checkoutId,
        currency,
        revenue: sum,
        shipping: shippingOf(sum),
        total,
        products: aboutCart(session, home).products,
      },
    });
    Object.assign(session, { lines: [], cartId: randomUUID(), checkoutId: randomUUID() });
    return { to: `/orders/${number}` };
  };

  await new Promise<void>(resolve => server.listen(options.port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise(resolve => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};

const newSession = (): Session => ({
  shopper: null,
  answer: null,
  cartId: randomUUID(),
  checkoutId: randomUUID(),
  lines: [],
  next: [],
});
const itemsIn = (session: Session): number => session.lines.reduce((sum, line) => sum + line.quantity, 0);

/** In the words of Segment's e-commerce spec. */
const aboutProduct = (product: Product, home: string) => ({
  product_id: product.sku,
  sku: product.sku,
  name: product.name,
  category: product.category,
  price: product.price,
  currency,
  url: `${home}/product/${product.slug}`,
  image_url: `${home}/pictures/${product.sku}.svg`,
});
const aboutCart = (session: Session, home: string) => ({
  cart_id: session.cartId,
  currency,
  value: sumOf(session.lines),
  cart_url: `${home}/cart`,
  products: session.lines.map(({ product, quantity }) => ({ ...aboutProduct(product, home), quantity })),
});

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 20_000) throw new Error('The form is too long.');
  }
  return text;
};

const fixedFile = (path: string): { type: string; text: string } | null => {
  if (path === '/style.css') return { type: 'text/css; charset=utf-8', text: file('style.css') };
  if (path === '/shop.js') return { type: 'text/javascript; charset=utf-8', text: file('shop.js') };
  const product = findProduct(/^\/pictures\/([\w-]+)\.svg$/.exec(path)?.[1] ?? '');
  return product ? { type: 'image/svg+xml', text: drawProduct(product) } : null;
};
