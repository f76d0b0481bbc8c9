/** What the preference page shows of one person, and what their answers change. */
import { isIP } from 'node:net';
import type postgres from 'postgres';
import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { type Channel, channels, type Standing, standingOf } from './consent.ts';
import type { FoundLink } from './links.ts';
import { type Choice, type PageWords, shownVersion } from './page-words.ts';
import { standings } from './postgres.ts';
import { type ConsentInput, recordConsents } from './record-consents.ts';
import { purposesOf } from './topics.ts';

/** "marketing|email|newsletter" */
export const keyOf = (purpose: string, channel: string, topic: string): string => [purpose, channel, topic].join('|');

export type Person = {
  customerId: number;
  email: string | null;
  phone: string | null;
  language: string | null;
  suppressed: Channel[];
  pausedUntil: Date | null;
  gapDays: number | null;
  /** What is ticked, by key. */
  on: Set<string>;
  /** Channels they can be reached on. */
  reach: Set<Channel>;
};

const choicesOf = (words: PageWords): Choice[] => [...words.choices, ...words.uses];

/** Statements are about the one brand there is, or about this one where there are several. */
const scopeOf = async (context: Context, brandId: string): Promise<string | null> => {
  const [{ brands }] = await context.postgres`select count(*)::int as brands from shops.brand`;
  return (brands as number) > 1 ? brandId : null;
};

const isOn = (
  said: ReadonlyMap<string, Standing[]>,
  customerId: number,
  brandId: string,
  choice: Choice,
  channel: Channel,
): boolean => {
  const stated = said.get([customerId, channel, choice.purpose].join('\u0001')) ?? [];
  const state = standingOf(stated, choice.topic, brandId);
  return state === 'subscribed' || (state === null && choice.optOut);
};

export const personBehind = async (context: Context, link: FoundLink, words: PageWords): Promise<Person> => {
  const sql = context.postgres;
  const id = link.customerId;
  const [row] = await sql`select email, phone, language from customers.customer where id = ${id}`;
  const suppressed =
    await sql`select distinct channel from consent.suppression where customer_id = ${id} and released_at is null`;
  const [pause] = await sql`
    select max(until) filter (where kind = 'pause' and until > ${context.clock.now()}) as until, max(gap_days) as gap from consent.pause
    where customer_id = ${id} and ended_at is null and (brand_id is null or brand_id = ${link.brandId})`;
  const said = await readStandings(context, id);
  const on = new Set<string>();
  for (const choice of choicesOf(words))
    for (const channel of choice.channels)
      if (isOn(said, id, link.brandId, choice, channel)) on.add(keyOf(choice.purpose, channel, choice.topic));
  const reach = new Set<Channel>(['web', 'in_app']);
  if (row?.email) reach.add('email');
  if (row?.phone) for (const channel of ['sms', 'phone'] as const) reach.add(channel);
  for (const channel of ['push', 'post'] as const)
    if (choicesOf(words).some(choice => choice.channels.includes(channel))) reach.add(channel);
  return {
    customerId: id,
    email: row?.email ?? null,
    phone: row?.phone ?? null,
    language: row?.language ?? null,
    suppressed: suppressed.map(one => one.channel as Channel),
    pausedUntil: pause.until as Date | null,
    gapDays: pause.gap as number | null,
    on,
    reach,
  };
};

/** Without the lock of `standings`: showing the page waits for nobody and writes nothing. */
const readStandings = async (context: Context, customerId: number): Promise<Map<string, Standing[]>> => {
  const rows = await context.postgres`
    select channel, purpose, topic, brand, state, since, origin_id as "originId", lifts_all as "liftsAll" from consent.current where customer_id = ${customerId}`;
  return Map.groupBy(rows as unknown as (Standing & { channel: string; purpose: string })[], row =>
    [customerId, row.channel, row.purpose].join('\u0001'),
  );
};

/** Who answers, and from where: kept with each statement. */
export type Said = { language: string; version?: string; network: string; browser: string; page: '/p' | '/u' };
type Before = { purpose: string; channel: Channel; topic: string; state: string | null };
export type ChangeKind = 'choices' | 'stop_all' | 'one_click' | 'pause' | 'less_often' | 'resume';

/** The network an answer came from, without the part that names one machine. */
export const networkOf = (address: string): string => {
  if (isIP(address) === 4) return `${address.split('.').slice(0, 3).join('.')}.0/24`;
  if (isIP(address) === 6) return `${address.split(':').slice(0, 3).join(':')}::/48`;
  return '';
};

/** Records these answers of the person and remembers what was before; returns the change, or null when nothing changed. */
const say = (
  context: Context,
  link: FoundLink,
  said: Said,
  kind: ChangeKind,
  wanted: (
    now: ReadonlyMap<string, Standing[]>,
  ) => { purpose: string; channel: Channel; topic: string; state: 'subscribed' | 'unsubscribed' }[],
): Promise<string | null> =>
  inTransaction(context, async inside => {
    const now = await standings(inside, [link.customerId]);
    const answers = wanted(now);
    if (answers.length === 0) return null;
    const before: Before[] = answers.flatMap(({ purpose, channel, topic }) => {
      const stated = now.get([link.customerId, channel, purpose].join('\u0001')) ?? [];
      // A "no" to everything also ends what was said about single topics: an undo has to say it again.
      const topics = topic === '' ? new Set(['', ...stated.map(one => one.topic)]) : [topic];
      return [...topics].map(one => ({ purpose, channel, topic: one, state: standingOf(stated, one, link.brandId) }));
    });
    const change = await noteChange(inside, link, kind, before);
    await record(inside, link, said, answers, change);
    return change;
  });

const noteChange = async (context: Context, link: FoundLink, kind: ChangeKind, before: readonly Before[]): Promise<string> => {
  const [row] = await context.postgres`
    insert into consent.page_change (origin_id, customer_id, brand_id, kind, before, at)
    values (${link.customerId}, ${link.customerId}, ${link.brandId}, ${kind}, ${context.postgres.json(before as unknown as postgres.JSONValue)}, ${context.clock.now()}) returning id`;
  return row.id as string;
};

const record = async (
  context: Context,
  link: FoundLink,
  said: Said,
  answers: readonly Pick<ConsentInput, 'purpose' | 'channel' | 'topic' | 'state'>[],
  change: string,
): Promise<void> => {
  const brandId = await scopeOf(context, link.brandId);
  const textVersion = await shownVersion(context, link.brandId, said.version, said.language);
  const at = context.clock.now();
  const proof = { page: said.page, language: said.language, network: said.network, browser: said.browser.slice(0, 200), change };
  await recordConsents(
    context,
    answers.map(answer => ({ ...answer, originId: link.customerId, brandId, at, textVersion, proof })),
    { speaker: 'person', source: said.page === '/u' ? 'one_click' : 'preference_page', confirmed: true },
  );
};

/** `shown` and `ticked` are keys as the form sent them; only what was shown and is known changes, and only where it differs. */
export const saveChoices = (
  context: Context,
  link: FoundLink,
  said: Said,
  words: PageWords,
  answer: { shown: readonly string[]; ticked: readonly string[] },
): Promise<string | null> =>
  say(context, link, said, 'choices', now => {
    const shown = new Set(answer.shown);
    const ticked = new Set(answer.ticked);
    return choicesOf(words).flatMap(choice =>
      choice.channels.flatMap(channel => {
        const key = keyOf(choice.purpose, channel, choice.topic);
        if (!shown.has(key) || isOn(now, link.customerId, link.brandId, choice, channel) === ticked.has(key)) return [];
        const state = ticked.has(key) ? ('subscribed' as const) : ('unsubscribed' as const);
        return { purpose: choice.purpose, channel, topic: choice.topic, state };
      }),
    );
  });

/** Never again: every purpose that needs no contract, on every channel, whatever topics there are or will be. */
export const stopEverything = (
  context: Context,
  link: FoundLink,
  said: Said,
  purposes: readonly string[],
): Promise<string | null> =>
  say(context, link, said, 'stop_all', () =>
    purposes.flatMap(purpose => channels.map(channel => ({ purpose, channel, topic: '', state: 'unsubscribed' as const }))),
  );

/** One topic on one channel, or all of them where none is named. */
export const stopOne = (
  context: Context,
  link: FoundLink,
  said: Said,
  what: { purpose: string; channel: Channel; topic: string },
): Promise<string | null> => say(context, link, said, 'one_click', () => [{ ...what, state: 'unsubscribed' as const }]);

/** Ends the pause there is and begins another; both null = go on as before. */
export const setPause = (
  context: Context,
  link: FoundLink,
  said: Said,
  input: { days: number | null; gapDays: number | null },
): Promise<string> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    const now = inside.clock.now();
    const brandId = await scopeOf(inside, link.brandId);
    const kind = input.days !== null ? 'pause' : input.gapDays !== null ? 'less_often' : null;
    await sql`select id from customers.customer where id = ${link.customerId} for no key update`;
    await sql`
      update consent.pause set ended_at = ${now}, ended_by = ${inside.actor.name}
      where customer_id = ${link.customerId} and ended_at is null and (brand_id is null or brand_id = ${link.brandId}) and (${kind}::text is null or kind = ${kind})`;
    if (kind !== null) {
      const until = input.days === null ? null : new Date(now.getTime() + input.days * 86_400_000);
      await sql`
        insert into consent.pause (origin_id, customer_id, brand_id, kind, until, gap_days, at, source, by_whom)
        values (${link.customerId}, ${link.customerId}, ${brandId}, ${kind}, ${until}, ${kind === 'pause' ? null : input.gapDays}, ${now}, ${said.page === '/p' ? 'preference_page' : 'one_click'}, ${inside.actor.name})`;
    }
    await inside.announce('consent.changed', { customer_id: String(link.customerId) });
    return noteChange(inside, link, kind ?? 'resume', []);
  });

/** An undo works for a day, once: what was on is said again, what was switched on is a "no" again; a pause ends. */
const undo_ms = 86_400_000;

export const undoChange = (context: Context, link: FoundLink, said: Said, changeId: string): Promise<boolean> =>
  inTransaction(context, async inside => {
    const [row] = await inside.postgres`
      update consent.page_change set undone_at = ${inside.clock.now()}
      where id = ${changeId} and customer_id = ${link.customerId} and brand_id = ${link.brandId} and undone_at is null and at > ${new Date(inside.clock.now().getTime() - undo_ms)}
      returning kind, before`;
    if (!row) return false;
    if (row.kind === 'pause' || row.kind === 'less_often') {
      await inside.postgres`
        update consent.pause set ended_at = ${inside.clock.now()}, ended_by = ${inside.actor.name}
        where customer_id = ${link.customerId} and ended_at is null and kind = ${row.kind}`;
      return true;
    }
    const optOut = new Set((await purposesOf(inside)).flatMap(one => (one.basis === 'opt_out' ? one.code : [])));
    const answers = (row.before as Before[]).flatMap(({ state, ...what }) => {
      if (state === 'subscribed' || (state === null && what.topic === '' && optOut.has(what.purpose)))
        return { ...what, state: 'subscribed' as const };
      return row.kind === 'choices' ? { ...what, state: 'unsubscribed' as const } : [];
    });
    await record(inside, link, said, answers, changeId);
    return true;
  });

export const leaveReasons = ['too_many', 'not_relevant', 'never_signed_up', 'no_longer', 'other'] as const;

export const noteReason = async (
  context: Context,
  link: FoundLink,
  changeId: string,
  reason: string,
  words: string,
): Promise<void> => {
  if (!(leaveReasons as readonly string[]).includes(reason)) return;
  await context.postgres`
    update consent.page_change set reason = ${reason}, reason_words = ${words.trim().slice(0, 500) || null}
    where id = ${changeId} and customer_id = ${link.customerId} and reason is null`;
};

/** What a change of this link was, for the notice on the page; null for another person's. */
export const changeOf = async (context: Context, link: FoundLink, changeId: string) => {
  const [row] = await context.postgres`
    select id, kind, undone_at is not null as undone, reason is not null as told, before <> '[]' or kind in ('pause', 'less_often') as "canUndo"
    from consent.page_change where id = ${changeId} and customer_id = ${link.customerId}`;
  return (row as unknown as { id: string; kind: ChangeKind; undone: boolean; told: boolean; canUndo: boolean }) ?? null;
};
