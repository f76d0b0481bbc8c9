/** Staff's side of the preference page: its look and words, a preview, and the versions of what people saw. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal, stale } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { pageLanguages } from './languages.ts';
import { preferencePage } from './page-html.ts';
import { keepWordings, lookOf, type PageTexts, type PageWords, versionOf, wordsOf } from './page-words.ts';
import { keyOf } from './preferences.ts';
import { brandNamed, defaultBrand, purposesOf, topicsOf } from './topics.ts';

/** The brand meant; default: the default brand. */
export const brandFor = async (context: Context, id: string | null | undefined): Promise<{ id: string; name: string }> => {
  const brand = id ? await brandNamed(context, id) : await defaultBrand(context);
  if (!brand) throw notFound('brand');
  return brand;
};

export const showPage = async (context: Context, brandId: string) => {
  const look = await lookOf(context, brandId);
  const wordings = await context.postgres`
    select version, language, made_at, made_by, (select count(*)::int from consent.consent s where s.text_version = w.version) as used
    from consent.wording w where brand_id = ${brandId} order by made_at desc, version limit 40`;
  return { ...look, brand_id: brandId, languages: pageLanguages, wordings, address: '/p' };
};

type PageChange = { version: number; colour: string; texts: Record<string, PageTexts> };

export const changePage = (context: Context, brandId: string, change: PageChange): Promise<void> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    await sql`select id from shops.brand where id = ${brandId} for no key update`;
    const before = await lookOf(inside, brandId);
    if (before.version !== change.version) throw stale('page');
    await sql`
      insert into consent.page (brand_id, colour, texts, changed_at, changed_by)
      values (${brandId}, ${change.colour}, ${sql.json(change.texts as never)}, ${inside.clock.now()}, ${inside.actor.name})
      on conflict (brand_id) do update set colour = excluded.colour, texts = excluded.texts, changed_at = excluded.changed_at, changed_by = excluded.changed_by, version = consent.page.version + 1`;
    await keepWordings(inside, brandId);
    await audit(inside, 'consent.page_changed', { subject: { kind: 'brand', id: brandId } });
  });

type Draft = { language: string; colour?: string; texts?: Record<string, PageTexts> };

/** As a customer with an address and a phone would see it. The accent colour stands in the page itself: it is not saved yet. */
export const previewPage = async (context: Context, brandId: string, draft: Draft): Promise<string> => {
  const [look, topics, purposes] = await Promise.all([lookOf(context, brandId), topicsOf(context, brandId), purposesOf(context)]);
  const shown = { ...look, colour: draft.colour ?? look.colour, texts: draft.texts ?? look.texts };
  const language = pageLanguages.some(one => one.code === draft.language) ? draft.language : 'en';
  const words = wordsOf(shown, topics, purposes, language);
  const on = words.choices.slice(0, 2).map(choice => keyOf(choice.purpose, choice.channels[0], choice.topic));
  const html = preferencePage({
    path: '/p/preview',
    worded: { version: versionOf(brandId, language, words), language, words, look: shown },
    person: {
      customerId: 0,
      email: 'maya@example.com',
      phone: '+44',
      language,
      suppressed: [],
      pausedUntil: null,
      gapDays: null,
      on: new Set(on),
      reach: new Set(['email', 'sms', 'push', 'phone', 'post', 'in_app', 'web']),
    },
    day: at => at.toISOString().slice(0, 10),
    change: null,
    notice: null,
    requests: ['access', 'erasure'],
    asking: null,
    gpc: false,
  });
  // The page's own address for its colour, with the colour that is being tried.
  return html.replace(`/p/look/${brandId}.css`, `/p/look/${brandId}.css?try=${encodeURIComponent(shown.colour)}`);
};

/** The lines of a kept version, in the order of the page. */
export const showWording = async (context: Context, version: string) => {
  const [row] =
    await context.postgres`select version, kind, language, words, made_at, made_by from consent.wording where version = ${version}`;
  if (!row) throw notFound('wording');
  const words = row.words as PageWords & { text?: string };
  const lines =
    typeof words.text === 'string'
      ? [words.text]
      : [
          words.title,
          words.intro,
          ...[...words.choices, ...words.uses].map(one =>
            [one.words.name, one.words.description, one.words.frequency].filter(Boolean).join(' · '),
          ),
        ];
  return { ...row, lines } as never;
};

/** Words of a form elsewhere, so that its consents can name them. Errors: conflict (the version has other words). */
export const keepWording = async (
  context: Context,
  input: { version: string; language: string; text: string },
): Promise<void> => {
  const [row] = await context.postgres`
    insert into consent.wording (version, kind, language, words, made_at, made_by)
    values (${input.version}, 'form', ${input.language}, ${context.postgres.json({ text: input.text })}, ${context.clock.now()}, ${context.actor.name})
    on conflict (version) do nothing returning version`;
  if (row) return;
  const [before] =
    await context.postgres`select words ->> 'text' as text, language from consent.wording where version = ${input.version}`;
  if (before.text !== input.text || before.language !== input.language)
    throw new Refusal(
      'conflict',
      'consent.wording_taken',
      'This version has other words already, and people agreed to those. Choose a new version.',
    );
};

export const leaversOf = async (context: Context) => {
  const since = new Date(context.clock.now().getTime() - 365 * 86_400_000);
  const [{ changes }] = await context.postgres`
    select count(*)::int as changes from consent.page_change where kind in ('stop_all', 'one_click') and undone_at is null and at > ${since}`;
  const reasons = await context.postgres`
    select reason, count(distinct customer_id)::int as people from consent.page_change where reason is not null and at > ${since} group by reason order by people desc, reason`;
  const words = await context.postgres`
    select reason, reason_words as words, at, customer_id::text from consent.page_change where reason_words is not null and at > ${since} order by at desc limit 50`;
  return { changes, reasons, words };
};
