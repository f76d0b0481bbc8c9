/** The pages of the sample shop, as a shop's server writes them. */
import { catalogue, categories, type Product } from './catalogue.ts';

export type CartLine = { product: Product; quantity: number };
export type Shopper = { userId: string; name: string; email: string };
export type Answer = { analytics: boolean; marketing: boolean };
export type Order = { number: string; lines: CartLine[]; total: number; email: string; placedAt: Date };

/** What a page hands to public/shop.js: calls for Regulars, said once when the page opens. */
export type Say = [name: 'track' | 'identify' | 'reset' | 'page', ...words: unknown[]];
export type View = {
  regulars: { url: string; writeKey: string };
  shopper: Shopper | null;
  /** null: not asked yet. */
  answer: Answer | null;
  items: number;
  say: Say[];
};

export const shopName = 'Kiln & Kettle';
export const euros = (amount: number): string => `€${amount.toFixed(2)}`;
export const sumOf = (lines: readonly CartLine[]): number =>
  Math.round(lines.reduce((sum, line) => sum + line.product.price * line.quantity, 0) * 100) / 100;
export const shippingOf = (sum: number): number => (sum >= 50 ? 0 : 4.9);

export const esc = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
/** JSON inside a script element: only "<" could end it. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

export const page = (view: View, title: string, main: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${esc(title)} · ${esc(shopName)}</title>
<link rel="icon" href="/pictures/KK-POT-02.svg">
<link rel="stylesheet" href="/style.css">
<script id="shop" type="application/json">${json({ consent: view.answer, say: view.say })}</script>
<script src="/shop.js" defer></script>
${view.regulars.writeKey ? `<script src="${esc(view.regulars.url)}/regulars.js" data-write-key="${esc(view.regulars.writeKey)}" async></script>` : ''}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<section class="ribbon" aria-label="Notice">Free delivery from €50 · Sample shop: nothing is sold, nothing is charged</section>
<header>
  <a class="brand" href="/">${esc(shopName)}</a>
  <form class="search" action="/search" role="search"><input name="q" type="search" aria-label="Search the shop" placeholder="Search mugs, teas, candles"><button>Search</button></form>
  <nav aria-label="Account">
    ${view.shopper ? `<a href="/account">${esc(view.shopper.name.split(' ')[0])}</a>` : '<a href="/login">Sign in</a>'}
    <a class="bag" href="/cart">Cart <span id="items" class="count" aria-label="items">${view.items}</span></a>
  </nav>
</header>
<nav class="categories" aria-label="Categories">${categories.map(one => `<a href="/category/${slugOf(one)}">${esc(one)}</a>`).join('')}</nav>
<main id="main">${main}</main>
<footer><p><strong>${esc(shopName)}</strong><br>Pots and leaves since this morning.</p><p><a href="/privacy">Your privacy</a></p></footer>
${view.answer === null && view.regulars.writeKey ? banner : ''}
<div id="toast" role="status" aria-live="polite"></div>
</body>
</html>`;

const banner = `<section class="banner" id="banner" aria-label="Your privacy">
  <div><h2>May we remember this visit?</h2><p>With your yes we count which pages help, and write to you about what you looked at. Nothing is stored or sent before you answer.</p></div>
  <div class="choices"><button data-consent="yes">Yes, all of it</button><button data-consent="visits" class="quiet">Only count visits</button><button data-consent="no" class="quiet">No, thank you</button></div>
</section>`;

export const slugOf = (category: string): string => category.toLowerCase().replaceAll(/[^a-z]+/g, '-');

const card = (product: Product): string => `<li><a class="card" href="/product/${product.slug}">
  <img src="/pictures/${product.sku}.svg" alt="" width="400" height="400" loading="lazy">
  <span class="name">${esc(product.name)}</span><span class="price">${price(product)}</span></a></li>`;
const price = (product: Product): string =>
  `${product.was ? `<s><span class="hidden">before </span>${euros(product.was)}</s> ` : ''}${euros(product.price)}`;
export const grid = (products: readonly Product[]): string => `<ul class="grid">${products.map(card).join('')}</ul>`;

export const homePage = (): string => `<section class="hero"><div><h1>Things that hold something warm</h1>
  <p>Mugs, pots and bowls from a small kiln, and what to pour into them.</p><p><a class="button" href="/category/${slugOf(categories[0])}">Look at the mugs</a></p></div>
  <img src="/pictures/KK-POT-01.svg" alt="A blue teapot" width="400" height="400"></section>
  <h2>Favourites</h2>${grid(catalogue.filter((_, index) => index % 2 === 0).slice(0, 8))}`;

export const listPage = (title: string, products: readonly Product[]): string =>
  `<h1>${esc(title)}</h1>${products.length > 0 ? grid(products) : '<p>Nothing fits. Try another word, or look through the categories above.</p>'}`;

export const productPage = (product: Product): string => `<article class="product">
  <img src="/pictures/${product.sku}.svg" alt="${esc(product.name)}" width="400" height="400">
  <div><p class="kicker"><a href="/category/${slugOf(product.category)}">${esc(product.category)}</a></p><h1>${esc(product.name)}</h1>
  <p class="price large">${price(product)}</p><p>${esc(product.text)}</p>
  <form method="post" action="/cart/add" data-cart><input type="hidden" name="sku" value="${product.sku}">
  <label>How many <input name="quantity" type="number" min="1" max="20" value="1"></label><button>Add to cart</button></form>
  <ul class="facts"><li>Leaves our kiln within two days</li><li>30 days to send it back</li></ul></div></article>
  <h2>Goes well with it</h2>${grid(catalogue.filter(one => one.category !== product.category).slice(0, 4))}`;

const lineRow = ({ product, quantity }: CartLine, removable: boolean): string => `<li>
  <img src="/pictures/${product.sku}.svg" alt="" width="400" height="400">
  <span><a href="/product/${product.slug}">${esc(product.name)}</a><small>${quantity} × ${euros(product.price)}</small></span>
  <span class="price">${euros(product.price * quantity)}</span>
  ${removable ? `<form method="post" action="/cart/remove" data-cart><input type="hidden" name="sku" value="${product.sku}"><button class="quiet" aria-label="Remove ${esc(product.name)}">Remove</button></form>` : ''}</li>`;

const totals = (lines: readonly CartLine[]): string => {
  const sum = sumOf(lines);
  return `<dl class="totals"><dt>Items</dt><dd>${euros(sum)}</dd><dt>Delivery</dt><dd>${shippingOf(sum) === 0 ? 'free' : euros(shippingOf(sum))}</dd><dt>Total</dt><dd>${euros(sum + shippingOf(sum))}</dd></dl>`;
};

export const cartPage = (lines: readonly CartLine[]): string =>
  lines.length === 0
    ? `<h1>Your cart</h1><p>It is empty. <a href="/">Look around</a></p>`
    : `<h1>Your cart</h1><div class="columns"><ul class="lines">${lines.map(line => lineRow(line, true)).join('')}</ul>
  <aside>${totals(lines)}<a class="button wide" href="/checkout">Check out</a></aside></div>`;

const field = (label: string, name: string, value: string, more = ''): string =>
  `<label>${label}<input name="${name}" value="${esc(value)}" required ${more}></label>`;

export const checkoutPage = (lines: readonly CartLine[], shopper: Shopper | null): string => `<h1>Check out</h1>
  <div class="columns"><form class="stack" method="post" action="/checkout">
  ${field('E-mail', 'email', shopper?.email ?? '', 'type="email" autocomplete="email"')}
  ${field('Name', 'name', shopper?.name ?? '', 'autocomplete="name"')}
  ${field('Street', 'street', '', 'autocomplete="street-address"')}${field('Town', 'town', '', 'autocomplete="address-level2"')}
  <p class="note">This is a sample: no card is asked for, and nothing is charged.</p><button>Place the order</button></form>
  <aside><ul class="lines small">${lines.map(line => lineRow(line, false)).join('')}</ul>${totals(lines)}</aside></div>`;

export const loginPage =
  (): string => `<h1>Sign in</h1><p>In this sample any name and address will do; the shop's server signs who you are.</p>
  <form class="stack" method="post" action="/login">${field('Name', 'name', '', 'autocomplete="name"')}${field('E-mail', 'email', '', 'type="email" autocomplete="email"')}<button>Sign in</button></form>`;

const orderList = (orders: readonly Order[]): string =>
  orders.length === 0
    ? '<p>Nothing ordered yet.</p>'
    : `<ul class="lines small">${orders.map(order => `<li><span><a href="/orders/${order.number}">${order.number}</a><small>${order.lines.length} kinds of things</small></span><span class="price">${euros(order.total)}</span></li>`).join('')}</ul>`;

export const accountPage = (shopper: Shopper, orders: readonly Order[]): string => `<h1>Hello, ${esc(shopper.name)}</h1>
  <p>${esc(shopper.email)} · customer ${esc(shopper.userId)}</p><h2>Your orders</h2>${orderList(orders)}
  <form method="post" action="/logout"><button class="quiet">Sign out</button></form>`;

export const orderPage = (order: Order): string => `<h1>Thank you</h1>
  <p>Your order <strong>${esc(order.number)}</strong> over ${euros(order.total)} is in; we have written to ${esc(order.email)}.</p>
  <ul class="lines small">${order.lines.map(line => lineRow(line, false)).join('')}</ul><p><a class="button" href="/">Back to the shop</a></p>`;

export const privacyPage = (): string => `<h1>Your privacy</h1>
  <p>What Regulars, which this shop counts its visits with, may do on this device. The figures below come from <code>regulars.privacy()</code>.</p>
  <dl class="totals" id="privacy"><dt>Loading</dt><dd>…</dd></dl>
  <p class="choices"><button data-consent="yes">Yes, all of it</button> <button data-consent="visits" class="quiet">Only count visits</button> <button data-consent="no" class="quiet">No, and forget me</button></p>
  <p class="note">A no deletes the visitor’s id, its cookie and everything that was waiting to be sent.</p>`;

export const notFoundPage = (): string => '<h1>Not here</h1><p>This page does not exist. <a href="/">Back to the shop</a></p>';
