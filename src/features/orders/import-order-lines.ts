/** Import kind: one row per order line, the plainest way a shop writes its history. */
import type { Context } from '../../platform/context.ts';
import { isCurrency, lineTotalMinor, toMinor } from '../../platform/money.ts';
import {
  addSeen,
  bringCustomers,
  canonical,
  cellReader,
  countryOf,
  customerIdOf,
  defineImportKind,
  hashOf,
  isNegative,
  type Numbered,
  negate,
  openCustomerPreview,
  openTally,
  type Person,
  type Reason,
  type RowRead,
  type Run,
  readSeen,
  type Said,
  type Written,
} from '../imports/index.ts';
import { guessLineKind, notSalesBy } from './guess-line-kind.ts';
import { forgetImported, learnProducts, meetProducts } from './import-shared.ts';
import type { LineInput, OrderInput } from './order.ts';
import { recordOrders } from './record-orders.ts';
import { type ReturnInput, recordReturns, retryReturns } from './record-returns.ts';
import { en } from './texts/en.ts';

export type OrderLine = Said & {
  number: string;
  isReturn: boolean;
  at: Date;
  name: string;
  sku: string | null;
  product: string | null;
  category: string | null;
  /** Positive, also on returns. */
  quantity: string;
  unitPrice: string;
  totalMinor: number | null;
  discountMinor: number;
  currency: string;
  country: string | null;
};

const known = new Map<string, boolean>();
const isKnownCurrency = (code: string): boolean => {
  let answer = known.get(code);
  if (answer === undefined) {
    answer = isCurrency(code);
    known.set(code, answer);
  }
  return answer;
};

const reader = (run: Run): ((cells: readonly string[]) => RowRead<OrderLine>) => {
  const cells = cellReader(run);
  const number = cells.text('order_number');
  const sku = cells.text('sku');
  const product = cells.text('product');
  const category = cells.text('category');
  const quantity = cells.decimal('quantity');
  const price = cells.decimal('unit_price');
  const total = cells.decimal('line_total');
  const discount = cells.decimal('discount');
  const time = cells.time('ordered_at');
  const customer = cells.text('customer_id');
  const email = cells.text('email');
  const phone = cells.text('phone');
  const name = cells.text('customer_name');
  const country = cells.text('country');
  const currencyOf = cells.text('currency');
  const hasQuantity = cells.has('quantity');
  const hasPrice = cells.has('unit_price');
  const prefix = String(run.options.cancel_prefix ?? '')
    .trim()
    .toUpperCase();
  const isCancelled = (text: string) =>
    prefix !== '' && text.length > prefix.length && text.toUpperCase().startsWith(prefix) && /\d/.test(text[prefix.length]);
  const skip = (code: string, field: string, value?: string): RowRead<OrderLine> => ({
    skip: { code, field, values: value === undefined ? undefined : { value: value.slice(0, 80) } },
  });

  return row => {
    const order = number(row);
    if (order === '') return skip('missing', 'order_number');
    const at = time(row);
    if (at === undefined) return skip('missing', 'ordered_at');
    if (at === null) return skip('not_a_time', 'ordered_at', cells.text('ordered_at')(row));
    const item = sku(row);
    const itemName = product(row);
    if (item === '' && itemName === '') return skip('missing', 'sku');
    const amount = hasQuantity ? quantity(row) : '1';
    if (amount === null) return skip('not_a_number', 'quantity', cells.text('quantity')(row));
    if (amount === '') return skip('missing', 'quantity');
    const currency = currencyOf(row).toUpperCase() || (run.settings.currency ?? '');
    if (!isKnownCurrency(currency)) return skip(currency === '' ? 'missing' : 'not_a_currency', 'currency', currency);
    const unit = price(row);
    if (unit === null) return skip('not_a_number', 'unit_price', cells.text('unit_price')(row));
    const stated = total(row);
    if (stated === null) return skip('not_a_number', 'line_total', cells.text('line_total')(row));
    if (unit === '' && stated === '') return skip('missing', hasPrice ? 'unit_price' : 'line_total');
    const off = discount(row);
    if (off === null) return skip('not_a_number', 'discount', cells.text('discount')(row));
    // Beyond this neither the order nor its sums fit the books.
    if (Math.abs(Number(amount)) > 1e9 || Math.abs(Number(unit)) > 1e11 || Math.abs(Number(stated)) > 1e12)
      return skip('too_large_number', 'unit_price');
    const isReturn = isCancelled(order) || isNegative(amount);
    const count = isNegative(amount) ? negate(amount) : amount;
    const statedMinor = stated === '' ? null : toMinor(isReturn && isNegative(stated) ? negate(stated) : stated, currency);
    return {
      group: order,
      record: {
        number: order,
        isReturn,
        at,
        shopCustomerId: customerIdOf(customer(row)),
        email: email(row),
        phone: phone(row),
        name: name(row),
        sku: item === '' ? null : item,
        product: itemName === '' ? null : itemName,
        category: category(row) || null,
        quantity: count,
        unitPrice: unit === '' ? perUnit(stated, count) : isReturn && isNegative(unit) ? negate(unit) : unit,
        totalMinor: statedMinor,
        discountMinor: off === '' ? 0 : Math.abs(toMinor(off, currency)),
        currency,
        country: countryOf(country(row)),
      },
    };
  };
};

/** A unit price from a line's total, to a hundredth of a cent; the stated total stays as stated. */
const perUnit = (total: string, quantity: string): string => {
  const count = Number(quantity);
  return canonical((count === 0 ? 0 : Math.abs(Number(total)) / count).toFixed(4));
};

/** What makes two lines of one order equal. */
const contentOf = (line: OrderLine): string =>
  `${line.sku ?? line.product}|${line.quantity}|${line.unitPrice}|${line.discountMinor}|${line.totalMinor ?? ''}`;

type Gathered = {
  number: string;
  first: OrderLine;
  lines: { row: number; line: OrderLine; content: string; equalBefore: number }[];
};
type Gathering = {
  sales: Gathered[];
  returns: Gathered[];
  merged: Written['merged'];
  skipped: Written['skipped'];
  equal: number;
  marks: Map<string, number[]>;
};

/** Rows by order, the first row giving time, customer and currency; equal lines counted, or merged where the switch says so. */
const gather = (
  rows: readonly Numbered<OrderLine>[],
  seen: ReadonlyMap<string, readonly number[]>,
  mergesEqual: boolean,
): Gathering => {
  const groups = new Map<string, Gathered>();
  const result: Gathering = { sales: [], returns: [], merged: [], skipped: [], equal: 0, marks: new Map() };
  const counts = new Map<string, Map<string, number>>();
  for (const { row, record: line } of rows) {
    const key = `${line.isReturn ? '-' : '+'}${line.number}`;
    let group = groups.get(key);
    if (!group) {
      group = { number: line.number, first: line, lines: [] };
      groups.set(key, group);
      (line.isReturn ? result.returns : result.sales).push(group);
      counts.set(key, new Map());
    }
    if (line.currency !== group.first.currency) {
      result.skipped.push({
        row,
        reason: { code: 'other_currency', field: 'currency', values: { value: line.currency, first: group.first.currency } },
      });
      continue;
    }
    const content = contentOf(line);
    const inGroup = counts.get(key)!;
    let before = inGroup.get(content);
    if (before === undefined) {
      const earlier = seen.get(key);
      const mark = earlier ? hashOf(content) : 0;
      before = earlier ? earlier.filter(one => one === mark).length : 0;
    }
    inGroup.set(content, before + 1);
    if (before > 0) {
      if (mergesEqual) {
        result.merged.push({ row, reason: { code: 'equal_line' } });
        continue;
      }
      result.equal++;
    }
    group.lines.push({ row, line, content, equalBefore: before });
  }
  for (const [key, group] of groups)
    result.marks.set(
      key,
      group.lines.map(one => hashOf(one.content)),
    );
  return result;
};

const buyerKey = (said: Said): string => `${said.shopCustomerId}\u0000${said.email}\u0000${said.phone}`;
const saysWho = (said: Said): boolean => said.shopCustomerId !== '' || said.email !== '' || said.phone !== '';

/** One resolver call for everybody a portion names. */
const bringBuyers = async (
  context: Context,
  run: Run,
  lines: readonly OrderLine[],
): Promise<{ originOf: (line: Said) => number | null; created: number; known: number }> => {
  const people = new Map<string, Person>();
  for (const line of lines) {
    if (!saysWho(line)) continue;
    const key = buyerKey(line);
    const person = people.get(key);
    if (!person)
      people.set(key, {
        shopCustomerId: line.shopCustomerId,
        email: line.email,
        phone: line.phone,
        first: line.at,
        last: line.at,
        traits: traitsOf(line),
      });
    else {
      if (line.at < person.first) person.first = line.at;
      if (line.at >= person.last) {
        if (line.at > person.last || line.country || line.name) person.traits = { ...person.traits, ...traitsOf(line) };
        person.last = line.at;
      }
    }
  }
  const keys = [...people.keys()];
  const { origins, created, known: met } = await bringCustomers(context, run, [...people.values()]);
  const byKey = new Map(keys.map((key, index) => [key, origins[index]]));
  return { originOf: line => (saysWho(line) ? (byKey.get(buyerKey(line)) ?? null) : null), created, known: met };
};
const traitsOf = (line: OrderLine): Record<string, unknown> => ({
  ...(line.country ? { country: line.country } : {}),
  ...(line.name ? { name: line.name } : {}),
});

const buyerOf = (group: Gathered): OrderLine => group.lines.find(one => saysWho(one.line))?.line ?? group.first;

const orderOf = (run: Run, group: Gathered, customerId: number | null, kindOf: ReturnType<typeof notSalesBy>): OrderInput => ({
  shopId: run.shopId,
  number: group.number,
  placedAt: group.first.at,
  customerId,
  currency: group.first.currency,
  country: group.first.country,
  state: 'placed',
  lines: group.lines.map(
    ({ line, equalBefore, content }): LineInput => ({
      outsideId: equalBefore > 0 ? `${content}#${equalBefore}` : content,
      // A price below zero takes money off: a discount, or a correction of the books.
      kind: isNegative(line.unitPrice) ? 'discount' : kindOf(line.sku),
      sku: line.sku,
      name: line.product,
      category: line.category,
      quantity: line.quantity,
      unitPrice: line.unitPrice,
      discountMinor: line.discountMinor,
      totalMinor: line.totalMinor,
    }),
  ),
  refunds: [],
});

const returnOf = (run: Run, group: Gathered, customerId: number | null, part: number): ReturnInput => ({
  shopId: run.shopId,
  number: group.number,
  part,
  at: group.first.at,
  customerId,
  currency: group.first.currency,
  country: group.first.country,
  lines: group.lines.map(({ line, content, equalBefore }) => ({
    key: `${content}#${equalBefore}`,
    sku: line.sku,
    name: line.product,
    category: line.category,
    quantity: line.quantity,
    unitPrice: line.unitPrice,
    amountMinor: line.totalMinor ?? lineTotalMinor(line.quantity, line.unitPrice, line.currency) - line.discountMinor,
  })),
});

const write = async (context: Context, run: Run, rows: readonly Numbered<OrderLine>[]): Promise<Written> => {
  const keys = [...new Set(rows.map(({ record }) => `${record.isReturn ? '-' : '+'}${record.number}`))];
  const seen = await readSeen(context.postgres, run.importId, keys);
  const { sales, returns, merged, skipped, equal, marks } = gather(rows, seen, run.options.merge_equal_lines === true);
  const buyers = await bringBuyers(context, run, [...sales, ...returns].flatMap(buyerWithSpan));
  const elsewhere = await knownElsewhere(context, run, sales);
  const kindOf = notSalesBy(String(run.options.not_sales_codes ?? ''));
  const inputs = sales
    .filter(group => group.lines.length > 0 && !elsewhere.has(group.number))
    .map(group => orderOf(run, group, buyers.originOf(buyerOf(group)), kindOf));
  await meetProducts(context, run, inputs);
  const outcomes = await recordOrders(context, inputs, {
    source: 'import',
    importId: run.importId,
    historical: true,
    lines: 'part',
  });
  const back = await recordReturns(
    context,
    returns
      .filter(group => group.lines.length > 0)
      .map(group => returnOf(run, group, buyers.originOf(buyerOf(group)), seen.get(`-${group.number}`)?.length ?? 0)),
    { importId: run.importId, source: 'import' },
  );
  await addSeen(context.postgres, run.importId, marks);
  const linesIn = (outcome: string) =>
    inputs.reduce((total, input, index) => total + (outcomes[index].outcome === outcome ? input.lines.length : 0), 0);
  const returnLines = returns.reduce((total, group) => total + (back.recorded.has(group.number) ? group.lines.length : 0), 0);
  const unmatched: Written['noted'] = returns.flatMap(group =>
    group.lines
      .filter(one => back.unmatched.has(`${group.number}|${one.content}#${one.equalBefore}`))
      .map(one => ({ row: one.row, reason: { code: 'return_unmatched' } as Reason })),
  );
  return {
    added: linesIn('created') + linesIn('changed') + returnLines,
    merged,
    skipped,
    noted: unmatched,
    made: {
      orders: outcomes.filter(one => one.outcome === 'created').length,
      orders_changed: outcomes.filter(one => one.outcome === 'changed' && !seen.has(`+${one.number}`)).length,
      orders_known_elsewhere: elsewhere.size,
      customers: buyers.created,
      customers_known: buyers.known,
      lines: linesIn('created') + linesIn('changed'),
      equal_lines: equal,
      orders_without_customer: outcomes.filter((one, index) => one.outcome === 'created' && inputs[index].customerId === null)
        .length,
      returns: back.recorded.size,
    },
  };
};

/** Orders that a connection or the API brought: their lines are whole, and a file's own lines would double them. */
const knownElsewhere = async ({ postgres }: Context, run: Run, groups: readonly Gathered[]): Promise<Set<string>> => {
  const rows =
    await postgres`select number from orders."order" where shop_id = ${run.shopId} and number = any(${groups.map(group => group.number)}) and source <> 'import'`;
  return new Set(rows.map(row => row.number as string));
};

/** Everybody an order names, at its time: the buyer's first and last order frame what is known of them. */
const buyerWithSpan = (group: Gathered): OrderLine[] => (group.lines.length === 0 ? [] : [buyerOf(group)]);

export const orderLines = defineImportKind<OrderLine>({
  code: 'order_lines',
  label: 'orders.import.lines',
  about: 'orders.import.lines.about',
  texts: en,
  money: true,
  needs: 'imports:write',
  fields: [
    {
      code: 'order_number',
      label: 'orders.import.field.order_number',
      type: 'text',
      required: true,
      names: [
        'invoice no',
        'invoice',
        'invoice number',
        'order number',
        'order id',
        'order no',
        'order',
        'order name',
        'basket id',
        'transaction id',
        'receipt',
        'receipt number',
        'receipt no',
        'sale id',
        'rechnungsnummer',
        'rechnung',
        'rechnungsnr',
        'bestellnummer',
        'bestellnr',
        'bestellung',
        'auftragsnummer',
        'belegnummer',
        'bon',
        'numero de commande',
        'no commande',
        'commande',
        'facture',
        'numero facture',
        'numero de pedido',
        'pedido',
        'factura',
        'numero factura',
        'numero ordine',
        'ordine',
        'fattura',
        'ordernummer',
        'bestelnummer',
        'factuurnummer',
        'numer zamowienia',
        'transaction',
        'transaction no',
        'document no',
      ],
    },
    {
      code: 'ordered_at',
      label: 'orders.import.field.ordered_at',
      type: 'time',
      required: true,
      names: [
        'invoice date',
        'order date',
        'ordered at',
        'created at',
        'date',
        'placed at',
        'order time',
        'order datetime',
        'purchase date',
        'transaction timestamp',
        'transaction date',
        'timestamp',
        'datetime',
        'time',
        'sold at',
        'bestelldatum',
        'rechnungsdatum',
        'datum',
        'auftragsdatum',
        'kaufdatum',
        'zeitpunkt',
        'date de commande',
        'date commande',
        'date facture',
        'fecha',
        'fecha de pedido',
        'fecha pedido',
        'fecha factura',
        'data ordine',
        'data',
        'besteldatum',
        'orderdatum',
        'data zamowienia',
        'day',
      ],
    },
    {
      code: 'sku',
      label: 'orders.import.field.sku',
      type: 'text',
      required: 'product',
      names: [
        'stock code',
        'sku',
        'product id',
        'item',
        'item id',
        'item number',
        'item no',
        'article',
        'article number',
        'variant sku',
        'product code',
        'item code',
        'lineitem sku',
        'product sku',
        'artikelnummer',
        'artikelnr',
        'artikel nr',
        'artikel',
        'reference',
        'ref',
        'code article',
        'referencia',
        'codigo',
        'codice',
        'codice articolo',
        'artikelcode',
        'product',
        'ean',
        'isbn',
        'upc',
      ],
    },
    {
      code: 'product',
      label: 'orders.import.field.product',
      type: 'text',
      required: 'product',
      looks: ['text'],
      names: [
        'description',
        'product name',
        'item name',
        'lineitem name',
        'product title',
        'title',
        'item description',
        'name of product',
        'bezeichnung',
        'artikelbezeichnung',
        'produktname',
        'artikelname',
        'produkt',
        'beschreibung',
        'designation',
        'produit',
        'nom du produit',
        'libelle',
        'descripcion',
        'producto',
        'nombre del producto',
        'descrizione',
        'prodotto',
        'omschrijving',
        'productnaam',
        'nazwa',
        'nazwa produktu',
      ],
    },
    {
      code: 'quantity',
      label: 'orders.import.field.quantity',
      type: 'number',
      names: [
        'quantity',
        'qty',
        'units',
        'amount of items',
        'pieces',
        'count',
        'lineitem quantity',
        'order quantity',
        'menge',
        'anzahl',
        'stuck',
        'stueck',
        'quantite',
        'qte',
        'cantidad',
        'unidades',
        'quantita',
        'qta',
        'aantal',
        'ilosc',
      ],
    },
    {
      code: 'unit_price',
      label: 'orders.import.field.unit_price',
      type: 'number',
      required: 'amount',
      names: [
        'unit price',
        'price',
        'item price',
        'price per unit',
        'lineitem price',
        'product price',
        'einzelpreis',
        'preis',
        'stuckpreis',
        'prix unitaire',
        'prix',
        'precio unitario',
        'precio',
        'prezzo unitario',
        'prezzo',
        'stukprijs',
        'prijs',
        'eenheidsprijs',
        'cena',
      ],
    },
    {
      code: 'line_total',
      label: 'orders.import.field.line_total',
      hint: 'orders.import.field.line_total.hint',
      type: 'number',
      required: 'amount',
      names: [
        'line total',
        'total',
        'amount',
        'sales value',
        'sales',
        'revenue',
        'row total',
        'total price',
        'net amount',
        'line amount',
        'dollars',
        'value',
        'betrag',
        'gesamtpreis',
        'summe',
        'umsatz',
        'gesamt',
        'montant',
        'total ligne',
        'importe',
        'importo',
        'totale',
        'totaal',
        'bedrag',
        'kwota',
      ],
    },
    {
      code: 'customer_id',
      label: 'orders.import.field.customer_id',
      hint: 'orders.import.field.customer_id.hint',
      type: 'text',
      names: [
        'customer id',
        'customer',
        'customer no',
        'customer number',
        'client id',
        'household id',
        'user id',
        'buyer id',
        'account id',
        'member id',
        'kundennummer',
        'kundennr',
        'kunden id',
        'kunde',
        'numero client',
        'client',
        'id client',
        'id cliente',
        'cliente',
        'numero cliente',
        'codice cliente',
        'klantnummer',
        'klant',
        'id klienta',
      ],
    },
    {
      code: 'email',
      label: 'orders.import.field.email',
      type: 'email',
      names: [
        'email',
        'e mail',
        'customer email',
        'email address',
        'mail',
        'billing email',
        'buyer email',
        'e mail adresse',
        'emailadresse',
        'courriel',
        'adresse email',
        'correo',
        'correo electronico',
        'indirizzo email',
        'e mailadres',
      ],
    },
    {
      code: 'customer_name',
      label: 'orders.import.field.customer_name',
      type: 'text',
      looks: ['text'],
      names: [
        'customer name',
        'billing name',
        'buyer',
        'buyer name',
        'full name',
        'kundenname',
        'nom du client',
        'nombre del cliente',
        'nome cliente',
        'klantnaam',
        'name',
      ],
    },
    {
      code: 'phone',
      label: 'orders.import.field.phone',
      type: 'phone',
      names: [
        'phone',
        'telephone',
        'mobile',
        'phone number',
        'customer phone',
        'telefon',
        'handy',
        'telefonnummer',
        'telephone client',
        'telefono',
        'movil',
        'cellulare',
        'telefoon',
      ],
    },
    {
      code: 'country',
      label: 'orders.import.field.country',
      type: 'country',
      names: [
        'country',
        'billing country',
        'shipping country',
        'country code',
        'land',
        'pays',
        'pais',
        'paese',
        'nazione',
        'kraj',
      ],
    },
    {
      code: 'category',
      label: 'orders.import.field.category',
      type: 'text',
      looks: ['text'],
      names: [
        'category',
        'product category',
        'department',
        'product type',
        'collection',
        'kategorie',
        'warengruppe',
        'categorie',
        'rayon',
        'categoria',
        'afdeling',
        'kategoria',
      ],
    },
    {
      code: 'discount',
      label: 'orders.import.field.discount',
      hint: 'orders.import.field.discount.hint',
      type: 'number',
      names: [
        'discount',
        'line discount',
        'lineitem discount',
        'discount amount',
        'retail disc',
        'rabatt',
        'nachlass',
        'remise',
        'descuento',
        'sconto',
        'korting',
        'rabat',
      ],
    },
    {
      code: 'currency',
      label: 'orders.import.field.currency',
      type: 'currency',
      looks: ['currency'],
      names: ['currency', 'currency code', 'wahrung', 'waehrung', 'devise', 'moneda', 'divisa', 'valuta', 'waluta'],
    },
  ],
  options: [
    {
      code: 'merge_equal_lines',
      label: 'orders.import.merge_equal',
      hint: 'orders.import.merge_equal.hint',
      type: 'yes_no',
      default: false,
    },
    {
      code: 'cancel_prefix',
      label: 'orders.import.cancel_prefix',
      hint: 'orders.import.cancel_prefix.hint',
      type: 'text',
      default: 'C',
    },
    {
      code: 'not_sales_codes',
      label: 'orders.import.not_sales',
      hint: 'orders.import.not_sales.hint',
      type: 'text',
      default: '',
      whenField: 'sku',
    },
  ],
  reader,
  write,
  finish: async (context, run) => {
    await learnProducts(context, run.importId);
    return { returns_matched_late: await retryReturns(context, run.importId) };
  },
  undo: forgetImported,
  previewer: async (_context, run) => {
    const orders = openTally();
    const returns = openTally();
    const nameless = openTally();
    const products = openTally();
    const equal = openTally();
    const people = openCustomerPreview(run.shopId);
    const currencies: Record<string, number> = {};
    let [lines, equalLines, zero, feeLines] = [0, 0, 0, 0];
    const feeCodes = new Set<string>();
    const kindOf = notSalesBy(String(run.options.not_sales_codes ?? ''));
    let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    return {
      add: async (context, rows) => {
        const merged: Written['merged'] = [];
        for (const { row, record: line } of rows) {
          lines++;
          const isFirst = (line.isReturn ? returns : orders).add(line.number);
          if (isFirst) {
            currencies[line.currency] = (currencies[line.currency] ?? 0) + 1;
            if (!saysWho(line) && !line.isReturn) nameless.add(line.number);
          }
          products.add(line.sku ?? line.product ?? '');
          const at = line.at.getTime();
          if (at < from) from = at;
          if (at > until) until = at;
          if (line.sku !== null && guessLineKind(line.sku) && kindOf(line.sku) === 'product') {
            feeLines++;
            if (feeCodes.size < mostCodesShown) feeCodes.add(line.sku);
          }
          if (Number(line.unitPrice) === 0) zero++;
          if (!equal.add(`${line.number}|${contentOf(line)}`)) {
            equalLines++;
            if (run.options.merge_equal_lines === true) merged.push({ row, reason: { code: 'equal_line' } });
          }
        }
        await people.add(context, rows.map(one => one.record).filter(saysWho));
        return { counts: {}, merged, skipped: [], noted: [] };
      },
      end: async () => ({
        counts: {
          orders: orders.size(),
          returns: returns.size(),
          lines,
          ...people.counts(),
          orders_without_customer: nameless.size(),
          products: products.size(),
          equal_lines: equalLines,
          zero_lines: zero,
        },
        currencies,
        from: lines > 0 ? new Date(from) : null,
        until: lines > 0 ? new Date(until) : null,
        warnings: [
          ...(feeLines > 0 ? [{ code: 'looks_like_fees', values: { count: feeLines, codes: [...feeCodes].join(', ') } }] : []),
          ...warningsOf(lines, equalLines, nameless.size(), orders.size(), Object.keys(currencies).length, until),
        ],
      }),
    };
  },
});

/** Enough to recognise them by. */
const mostCodesShown = 12;

const warningsOf = (
  lines: number,
  equal: number,
  nameless: number,
  orders: number,
  currencies: number,
  until: number,
): Reason[] => [
  ...(equal > 0 ? [{ code: 'equal_lines', values: { count: equal } }] : []),
  ...(orders > 0 && nameless === orders ? [{ code: 'nobody_named' }] : []),
  ...(currencies > 1 ? [{ code: 'several_currencies', values: { count: currencies } }] : []),
  ...(lines > 0 && until > Date.now() + 86_400_000 ? [{ code: 'times_in_future' }] : []),
];
