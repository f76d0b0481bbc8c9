/** Import kind: one row per customer, from any list; and Shopify's customer export, which is the same with its own headers. */
import type { Context } from '../../../platform/context.ts';
import { type Channel, recordConsents, undoImportedConsents } from '../../consent/index.ts';
import { normaliseEmail, normalisePhone, tagCustomers } from '../../customers/index.ts';
import { bringCustomers, type Person, takeBackCustomers } from '../bring-customers.ts';
import { cellReader } from '../cells.ts';
import { countryOf } from '../country.ts';
import { dayOf, readTime } from '../dates.ts';
import {
  defineImportKind,
  type ImportField,
  type ImportKind,
  type ImportOption,
  type Numbered,
  type RowRead,
  type Run,
  type Written,
} from '../kind.ts';
import { parseDecimal } from '../numbers.ts';
import { customerIdOf, openCustomerPreview, type Said } from '../preview-customers.ts';
import { en } from '../texts/en.ts';

export type CustomerRecord = Said & {
  traits: Record<string, unknown>;
  tags: string[];
  since: Date | null;
  consents: { channel: Channel; state: 'subscribed' | 'unsubscribed' }[];
  consentAt: Date | null;
};

const fields: readonly ImportField[] = [
  {
    code: 'email',
    label: 'imports.field.email',
    type: 'email',
    required: 'who',
    names: [
      'email',
      'e mail',
      'email address',
      'mail',
      'e mail address',
      'customer email',
      'e mail adresse',
      'emailadresse',
      'courriel',
      'adresse email',
      'correo',
      'correo electronico',
      'indirizzo email',
      'e mailadres',
      'adres email',
    ],
  },
  {
    code: 'customer_id',
    label: 'imports.field.customer_id',
    hint: 'imports.field.customer_id.hint',
    type: 'text',
    required: 'who',
    looks: ['whole', 'text'],
    names: [
      'customer id',
      'id',
      'customer number',
      'customer no',
      'user id',
      'client id',
      'account id',
      'member id',
      'household id',
      'kundennummer',
      'kundennr',
      'kunden id',
      'numero client',
      'id client',
      'id cliente',
      'codice cliente',
      'klantnummer',
    ],
  },
  {
    code: 'phone',
    label: 'imports.field.phone',
    type: 'phone',
    required: 'who',
    names: [
      'phone',
      'phone number',
      'mobile',
      'telephone',
      'mobile phone',
      'cell',
      'telefon',
      'handy',
      'mobil',
      'telefonnummer',
      'telefono',
      'movil',
      'cellulare',
      'telefoon',
      'default address phone',
    ],
  },
  {
    code: 'first_name',
    label: 'imports.field.first_name',
    type: 'text',
    looks: ['text'],
    names: ['first name', 'given name', 'forename', 'vorname', 'prenom', 'nombre', 'nome', 'voornaam', 'imie'],
  },
  {
    code: 'last_name',
    label: 'imports.field.last_name',
    type: 'text',
    looks: ['text'],
    names: [
      'last name',
      'surname',
      'family name',
      'nachname',
      'nom de famille',
      'nom',
      'apellido',
      'apellidos',
      'cognome',
      'achternaam',
      'nazwisko',
    ],
  },
  {
    code: 'name',
    label: 'imports.field.name',
    type: 'text',
    looks: ['text'],
    names: [
      'name',
      'full name',
      'customer name',
      'display name',
      'kundenname',
      'nom complet',
      'nombre completo',
      'nome completo',
      'naam',
    ],
  },
  {
    code: 'country',
    label: 'imports.field.country',
    type: 'country',
    names: ['country', 'country code', 'default address country code', 'land', 'pays', 'pais', 'paese', 'kraj'],
  },
  {
    code: 'region',
    label: 'imports.field.region',
    type: 'text',
    names: ['region', 'state', 'province', 'province code', 'default address province code', 'county', 'bundesland', 'provincia'],
  },
  {
    code: 'city',
    label: 'imports.field.city',
    type: 'text',
    looks: ['text'],
    names: ['city', 'town', 'default address city', 'ort', 'stadt', 'ville', 'ciudad', 'citta', 'plaats', 'miasto'],
  },
  {
    code: 'postal_code',
    label: 'imports.field.postal_code',
    type: 'text',
    names: [
      'postal code',
      'zip',
      'zip code',
      'postcode',
      'default address zip',
      'plz',
      'postleitzahl',
      'code postal',
      'codigo postal',
      'cap',
    ],
  },
  {
    code: 'language',
    label: 'imports.field.language',
    type: 'text',
    names: ['language', 'locale', 'sprache', 'langue', 'idioma', 'lingua', 'taal'],
  },
  {
    code: 'birthday',
    label: 'imports.field.birthday',
    type: 'time',
    names: [
      'birthday',
      'birth date',
      'date of birth',
      'dob',
      'geburtstag',
      'geburtsdatum',
      'date de naissance',
      'fecha de nacimiento',
      'data di nascita',
      'geboortedatum',
    ],
  },
  {
    code: 'since',
    label: 'imports.field.since',
    type: 'time',
    names: [
      'created at',
      'customer since',
      'registered at',
      'signup date',
      'date created',
      'created',
      'registered',
      'angelegt am',
      'kunde seit',
      'date inscription',
      'fecha de alta',
    ],
  },
  {
    code: 'tags',
    label: 'imports.field.tags',
    hint: 'imports.field.tags.hint',
    type: 'tags',
    many: true,
    looks: ['text'],
    names: ['tags', 'labels', 'groups', 'customer group', 'segment', 'schlagworte', 'etiquettes', 'etiquetas', 'etichette'],
  },
  {
    code: 'email_consent',
    label: 'imports.field.email_consent',
    hint: 'imports.field.consent.hint',
    type: 'yes_no',
    names: [
      'accepts email marketing',
      'accepts marketing',
      'newsletter',
      'email consent',
      'marketing consent',
      'subscribed',
      'opt in',
      'optin',
      'email marketing consent',
      'werbeeinwilligung',
      'newsletter abonniert',
      'consentement email',
    ],
  },
  {
    code: 'sms_consent',
    label: 'imports.field.sms_consent',
    hint: 'imports.field.consent.hint',
    type: 'yes_no',
    names: ['accepts sms marketing', 'sms consent', 'sms opt in', 'sms marketing consent'],
  },
  {
    code: 'consent_at',
    label: 'imports.field.consent_at',
    type: 'time',
    names: ['consent at', 'opt in time', 'optin time', 'subscribed at', 'consent date', 'confirmed at', 'opt in date'],
  },
  {
    code: 'attribute',
    label: 'imports.field.attribute',
    hint: 'imports.field.attribute.hint',
    type: 'custom',
    many: true,
    names: [],
  },
];

const meanings = (channel: 'email' | 'sms', defaults: { yes: string | null; no: string | null }): ImportOption[] => [
  {
    code: `${channel}_yes`,
    label: `imports.option.${channel}_yes`,
    hint: 'imports.option.yes.hint',
    type: 'choice',
    whenField: `${channel}_consent`,
    default: defaults.yes,
    choices: [
      { value: 'subscribed', label: 'imports.option.means_subscribed' },
      { value: 'ignore', label: 'imports.option.means_nothing' },
    ],
  },
  {
    code: `${channel}_no`,
    label: `imports.option.${channel}_no`,
    hint: 'imports.option.no.hint',
    type: 'choice',
    whenField: `${channel}_consent`,
    default: defaults.no,
    choices: [
      { value: 'unsubscribed', label: 'imports.option.means_unsubscribed' },
      { value: 'ignore', label: 'imports.option.means_nothing' },
    ],
  },
];

const yes = /^(yes|true|1|y|t|ja|oui|s[ií]|wahr|subscribed|opted[ _-]?in|accepted|x|✓)$/i;
const no = /^(no|false|0|n|f|nein|non|falsch|unsubscribed|opted[ _-]?out|not[ _-]subscribed|declined|-)$/i;

const reader = (run: Run): ((cells: readonly string[]) => RowRead<CustomerRecord>) => {
  const cells = cellReader(run);
  const id = cells.text('customer_id');
  const email = cells.text('email');
  const phone = cells.text('phone');
  const profile = ['first_name', 'last_name', 'name', 'region', 'city', 'postal_code', 'language'].map(code => ({
    code,
    read: cells.text(code),
  }));
  const country = cells.text('country');
  const birthday = cells.text('birthday');
  const since = cells.time('since');
  const consentAt = cells.time('consent_at');
  const tags = cells.many('tags');
  const attributes = cells.many('attribute');
  const consents = (['email', 'sms'] as const)
    .filter(channel => cells.has(`${channel}_consent`))
    .map(channel => ({ channel, read: cells.text(`${channel}_consent`) }));
  const skip = (code: string, field: string, value = ''): RowRead<CustomerRecord> => ({
    skip: { code, field, values: value === '' ? undefined : { value: value.slice(0, 80) } },
  });

  return row => {
    const record: CustomerRecord = {
      shopCustomerId: customerIdOf(id(row)),
      email: email(row),
      phone: phone(row),
      traits: {},
      tags: [],
      since: null,
      consents: [],
      consentAt: null,
    };
    if (record.email !== '' && normaliseEmail(record.email) === null) return skip('not_an_email', 'email', record.email);
    if (record.phone !== '' && normalisePhone(record.phone) === null) record.phone = '';
    if (record.shopCustomerId === '' && record.email === '' && record.phone === '') return skip('nobody', 'email');
    for (const { code, read } of profile) if (read(row) !== '') record.traits[code] = read(row);
    const land = countryOf(country(row));
    if (land) record.traits.country = land;
    if (birthday(row) !== '') {
      const time = readTime(birthday(row), run.settings.date_order ?? 'ymd');
      if (time === null) return skip('not_a_time', 'birthday', birthday(row));
      record.traits.birthday = dayOf(time);
    }
    const at = since(row);
    if (at === null) return skip('not_a_time', 'since', cells.text('since')(row));
    record.since = at ?? null;
    const agreed = consentAt(row);
    if (agreed === null) return skip('not_a_time', 'consent_at', cells.text('consent_at')(row));
    record.consentAt = agreed ?? null;
    for (const { read } of tags)
      record.tags.push(
        ...read(row)
          .split(/[,;]/)
          .map(tag => tag.trim().slice(0, 60))
          .filter(tag => tag !== ''),
      );
    for (const { name, read } of attributes) if (read(row) !== '') record.traits[name] = typedValue(read(row), run);
    for (const { channel, read } of consents) {
      const said = read(row);
      if (said === '') continue;
      const answer = yes.test(said) ? 'yes' : no.test(said) ? 'no' : null;
      if (answer === null) return skip('not_yes_or_no', `${channel}_consent`, said);
      const meaning = run.options[`${channel}_${answer}`];
      if (meaning === 'subscribed' || meaning === 'unsubscribed') record.consents.push({ channel, state: meaning });
    }
    return { record, group: null };
  };
};

/** Numbers and times of the file's own form become plain ones; everything else stays text. */
const typedValue = (text: string, run: Run): string | number => {
  const decimal = /^0\d/.test(text) || text.length > 15 ? null : parseDecimal(text, run.settings.decimal);
  if (decimal !== null) return Number(decimal);
  const time = readTime(text, run.settings.date_order ?? 'ymd');
  return time && !time.hasTime ? dayOf(time) : text;
};

const personOf = (record: CustomerRecord, run: Run): Person => ({
  shopCustomerId: record.shopCustomerId,
  email: record.email,
  phone: record.phone,
  traits: record.traits,
  first: record.since ?? run.at,
  last: run.at,
});

const write = async (context: Context, run: Run, rows: readonly Numbered<CustomerRecord>[]): Promise<Written> => {
  const { origins, fresh, created, known } = await bringCustomers(
    context,
    run,
    rows.map(one => personOf(one.record, run)),
  );
  const result: Written = {
    added: created,
    merged: [],
    skipped: [],
    noted: [],
    made: { customers: created, customers_known: known },
  };
  const met = new Set<number>();
  const consents: { row: number; input: Parameters<typeof recordConsents>[1][number] }[] = [];
  const tags: { originId: number; tag: string }[] = [];
  rows.forEach(({ row, record }, index) => {
    const originId = origins[index];
    if (originId === null) {
      result.skipped.push({ row, reason: { code: 'nobody_usable', field: 'email' } });
      return;
    }
    if (!fresh.has(originId) || met.has(originId)) result.merged.push({ row, reason: { code: 'same_person' } });
    met.add(originId);
    for (const tag of record.tags) tags.push({ originId, tag });
    for (const { channel, state } of record.consents)
      consents.push({ row, input: { originId, channel, state, at: record.consentAt ?? run.at, reason: null } });
  });
  await tagCustomers(context, tags, { importId: run.importId, historical: true });
  result.made.tags = tags.length;
  const decisions = await recordConsents(
    context,
    consents.map(one => one.input),
    { speaker: 'import', source: `import:${run.importId}`, importId: run.importId, historical: true },
  );
  result.made.consents = decisions.filter(decision => decision === 'record').length;
  decisions.forEach((decision, index) => {
    if (decision === 'kept_unsubscribed')
      result.noted.push({
        row: consents[index].row,
        reason: { code: 'kept_unsubscribed', field: `${consents[index].input.channel}_consent` },
      });
  });
  return result;
};

const customersKind = (
  own: Pick<ImportKind, 'code' | 'label' | 'about' | 'signature'> & { meaning: { yes: string | null; no: string | null } },
): ImportKind<CustomerRecord> =>
  defineImportKind<CustomerRecord>({
    code: own.code,
    label: own.label,
    about: own.about,
    texts: en,
    signature: own.signature,
    fields,
    options: [...meanings('email', own.meaning), ...meanings('sms', own.meaning)],
    money: false,
    needs: 'imports:write',
    reader,
    write,
    undo: async (context, importId) => ({
      consents: await undoImportedConsents(context, importId),
      customers: await takeBackCustomers(context, importId),
    }),
    previewer: async (_context, run) => {
      const people = openCustomerPreview(run.shopId);
      const counts = { consents_yes: 0, consents_no: 0, tags: 0 };
      let rowsSeen = 0;
      return {
        add: async (context, rows) => {
          for (const { record } of rows) {
            rowsSeen++;
            counts.tags += record.tags.length;
            for (const { state } of record.consents) counts[state === 'subscribed' ? 'consents_yes' : 'consents_no']++;
          }
          await people.add(
            context,
            rows.map(one => one.record),
          );
          return { counts: {}, merged: [], skipped: [], noted: [] };
        },
        end: async () => {
          const found = people.counts();
          const again = rowsSeen - found.customers - found.customers_known;
          return {
            counts: { ...found, ...counts },
            currencies: {},
            from: null,
            until: null,
            warnings: again > 0 ? [{ code: 'people_again', values: { count: again } }] : [],
          };
        },
      };
    },
  });

export const plainCustomers = customersKind({
  code: 'customers',
  label: 'imports.kind.customers',
  about: 'imports.kind.customers.about',
  meaning: { yes: null, no: null },
});
export const shopifyCustomers = customersKind({
  code: 'shopify_customers',
  label: 'imports.kind.shopify_customers',
  about: 'imports.kind.shopify_customers.about',
  signature: ['first name', 'last name', 'email', 'total spent', 'total orders', 'tags'],
  // Shopify writes "no" both for those who left and for those who were never asked: neither may be written to.
  meaning: { yes: 'subscribed', no: 'unsubscribed' },
});
