/** One row about a person: who, what they are like, what they allowed. Pure. */
import { type Channel, channels, type SuppressionClass } from '../../consent/index.ts';
import { normaliseEmail, normalisePhone } from '../../customers/index.ts';
import { type CellReader, cellReader } from '../cells.ts';
import { countryOf } from '../country.ts';
import { dayOf, readTime } from '../dates.ts';
import type { ImportField, Reason, RowRead, Run } from '../kind.ts';
import { parseDecimal } from '../numbers.ts';
import { customerIdOf, type Said } from '../preview-customers.ts';

export type SaidConsent = { channel: Channel; state: 'subscribed' | 'unsubscribed'; at: Date | null; reason?: string };
export type SaidSuppression = { channel: Channel; class: SuppressionClass; at: Date | null; reason: string };
/** What one row says about whether somebody may be written to. */
export type Answers = { consents: SaidConsent[]; suppressions: SaidSuppression[] };
export type CustomerRecord = Said &
  Answers & {
    traits: Record<string, unknown>;
    tags: string[];
    since: Date | null;
    address: Address | null;
  };
type Address = { recipient: string; line1: string; line2: string; postalCode: string; city: string; region: string };

/** How a format says what people allowed; prepares reading. A reason skips the row: what is unclear here must not be guessed. */
export type AnswersOf = (run: Run, cells: CellReader) => (row: readonly string[]) => Answers | Reason;

const profileCodes = ['first_name', 'last_name', 'name', 'region', 'city', 'postal_code', 'language'];

export const readCustomers =
  (fields: readonly ImportField[], answersOf: AnswersOf) =>
  (run: Run): ((cells: readonly string[]) => RowRead<CustomerRecord>) => {
    const cells = cellReader(run);
    const id = cells.text('customer_id');
    const email = cells.text('email');
    const phone = cells.text('phone');
    const profile = profileCodes.map(code => ({ code, read: cells.text(code) }));
    const country = cells.text('country');
    const birthday = cells.text('birthday');
    const since = cells.time('since');
    const sinceText = cells.text('since');
    const tags = cells.many('tags');
    const attributes = cells.many('attribute');
    const own = fields
      .filter(field => field.attribute !== undefined && cells.has(field.code))
      .map(field => ({ name: field.attribute!, read: cells.text(field.code) }));
    const address = addressOf(cells);
    const answers = answersOf(run, cells);
    const skip = (code: string, field: string, value = ''): RowRead<CustomerRecord> => ({
      skip: { code, field, values: value === '' ? undefined : { value: value.slice(0, 80) } },
    });

    return row => {
      const said: Said = { shopCustomerId: customerIdOf(id(row)), email: email(row), phone: phone(row) };
      if (said.email !== '' && normaliseEmail(said.email) === null) return skip('not_an_email', 'email', said.email);
      if (said.phone !== '' && normalisePhone(said.phone) === null) said.phone = '';
      if (said.shopCustomerId === '' && said.email === '' && said.phone === '') return skip('nobody', 'email');
      const traits: Record<string, unknown> = {};
      for (const { code, read } of profile) if (read(row) !== '') traits[code] = read(row);
      const land = countryOf(country(row));
      if (land) traits.country = land;
      if (birthday(row) !== '') {
        const day = dayWritten(birthday(row), run);
        if (day === null) return skip('not_a_time', 'birthday', birthday(row));
        traits.birthday = day;
      }
      const at = since(row);
      if (at === null) return skip('not_a_time', 'since', sinceText(row));
      for (const { name, read } of [...own, ...attributes]) if (read(row) !== '') traits[name] = typedValue(read(row), run);
      const allowed = answers(row);
      if ('code' in allowed) return { skip: allowed };
      const record: CustomerRecord = {
        ...said,
        ...allowed,
        traits,
        tags: tags.flatMap(({ read }) => tagsIn(read(row))),
        since: at ?? null,
        address: address(row),
      };
      return { record, group: null };
    };
  };

const dayWritten = (text: string, run: Run): string | null => {
  const time = readTime(text, run.settings.date_order ?? 'ymd');
  return time === null ? null : dayOf(time);
};

/** Tags parted by commas or semicolons, with or without quotes around each (Mailchimp: "VIP","Blog"). */
export const tagsIn = (text: string): string[] =>
  text
    .split(/[,;]/)
    .map(tag =>
      tag
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .trim()
        .slice(0, 60),
    )
    .filter(tag => tag !== '');

/** An address is one when it names a street; place alone stands on the profile. */
const addressOf = (cells: CellReader): ((row: readonly string[]) => Address | null) => {
  if (!cells.has('street')) return () => null;
  const read = Object.fromEntries(
    ['street', 'street_2', 'postal_code', 'city', 'region', 'name', 'first_name', 'last_name'].map(code => [
      code,
      cells.text(code),
    ]),
  );
  return row => {
    const line1 = read.street(row);
    if (line1 === '') return null;
    return {
      recipient: read.name(row) || [read.first_name(row), read.last_name(row)].filter(part => part !== '').join(' '),
      line1,
      line2: read.street_2(row),
      postalCode: read.postal_code(row),
      city: read.city(row),
      region: read.region(row),
    };
  };
};

/** Numbers and times of the file's own form become plain ones; everything else stays text. */
export const typedValue = (text: string, run: Run): string | number => {
  const decimal = /^0\d/.test(text) || text.length > 15 ? null : parseDecimal(text, run.settings.decimal);
  if (decimal !== null) return Number(decimal);
  const time = readTime(text, run.settings.date_order ?? 'ymd');
  return time && !time.hasTime ? dayOf(time) : text;
};

const yes = /^(yes|true|1|y|t|ja|oui|s[ií]|wahr|subscribed|opted[ _-]?in|accepted|x|✓)$/i;
const no = /^(no|false|0|n|f|nein|non|falsch|unsubscribed|opted[ _-]?out|not[ _-]subscribed|declined|-)$/i;
/** "yes" or "no" in several languages; null: neither. */
export const yesOrNo = (text: string): 'yes' | 'no' | null => (yes.test(text) ? 'yes' : no.test(text) ? 'no' : null);

/** Columns of yes and no, meaning what the options say. */
export const yesNoAnswers: AnswersOf = (run, cells) => {
  const consentAt = cells.time('consent_at');
  const consentText = cells.text('consent_at');
  const asked = (['email', 'sms'] as const)
    .filter(channel => cells.has(`${channel}_consent`))
    .map(channel => ({ channel, read: cells.text(`${channel}_consent`) }));
  return row => {
    const at = consentAt(row);
    if (at === null) return { code: 'not_a_time', field: 'consent_at', values: { value: consentText(row).slice(0, 80) } };
    const consents: SaidConsent[] = [];
    for (const { channel, read } of asked) {
      const said = read(row);
      if (said === '') continue;
      const answer = yesOrNo(said);
      if (answer === null) return { code: 'not_yes_or_no', field: `${channel}_consent`, values: { value: said.slice(0, 80) } };
      const meaning = run.options[`${channel}_${answer}`];
      if (meaning === 'subscribed' || meaning === 'unsubscribed') consents.push({ channel, state: meaning, at: at ?? null });
    }
    return { consents, suppressions: [] };
  };
};

/** "email", "E-Mail", "newsletter", "text message": the channel somebody means. */
export const channelOf = (text: string): Channel | null => {
  const word = text
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ');
  if (/^(e ?mail|mail|newsletter|email marketing)$/.test(word)) return 'email';
  if (/^(sms|mms|text|text message|sms marketing)$/.test(word)) return 'sms';
  if (/push/.test(word)) return 'push';
  if (/^(phone|call|telephone|telefon)$/.test(word)) return 'phone';
  if (/^(post|letter|direct mail|brief)$/.test(word)) return 'post';
  return channels.find(channel => channel === word.replaceAll(' ', '_')) ?? null;
};
