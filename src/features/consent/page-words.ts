/** What the preference page says about what people can choose, by brand and language; each version is kept as it was shown. */
import { createHash } from 'node:crypto';
import type { Context } from '../../platform/context.ts';
import type { Channel } from './consent.ts';
import { pageLanguages, textsIn } from './languages.ts';
import { brandNamed, type Purpose, purposesOf, type Topic, type TopicWords, topicsOf } from './topics.ts';

export type PageTexts = { title?: string; intro?: string; contact?: string };
export type PageLook = { brandId: string; brand: string; colour: string; texts: Record<string, PageTexts>; version: number };

/** One thing to say yes or no to. `topic` '' = all topics of the purpose. */
export type Choice = { purpose: string; topic: string; channels: Channel[]; optOut: boolean; words: TopicWords };
export type PageWords = { title: string; intro: string; contact: string; choices: Choice[]; uses: Choice[] };
export type Worded = { version: string; language: string; words: PageWords };

export const lookOf = async (context: Context, brandId: string): Promise<PageLook> => {
  const brand = await brandNamed(context, brandId);
  const [row] = await context.postgres`select colour, texts, version from consent.page where brand_id = ${brandId}`;
  return {
    brandId,
    brand: brand?.name ?? '',
    colour: row?.colour ?? '#1f5fbf',
    texts: row?.texts ?? {},
    version: row?.version ?? 0,
  };
};

/** Purposes of the website rather than of messages: shown apart, as uses of what is known. */
const uses = ['personalisation', 'profiling', 'sale'];
/** Not on the page: `tracking` belongs to the browser at hand, which asks for it itself. */
const hidden = ['tracking', 'service'];

/** Pure: what the page says in one language. */
export const wordsOf = (
  look: Pick<PageLook, 'brand' | 'texts'>,
  topics: readonly Topic[],
  purposes: readonly Purpose[],
  language: string,
): PageWords => {
  const { text } = textsIn(language);
  const own = look.texts[language] ?? {};
  const brand = look.brand;
  const shipped = (purpose: Purpose, place: 'purpose' | 'all'): TopicWords => ({
    name: purpose.name ?? text(`consent.page.${place}.${purpose.code}`, { brand }),
    description: purpose.description ?? text(`consent.page.${place}.${purpose.code}_text`, { brand }),
    frequency: '',
  });
  const alive = purposes.filter(
    purpose => purpose.archivedAt === null && purpose.basis !== 'contract' && !hidden.includes(purpose.code),
  );
  const messages = alive.filter(purpose => !uses.includes(purpose.code));
  const choices = messages.flatMap(purpose => {
    const about = topics.filter(topic => topic.archivedAt === null && topic.purpose === purpose.code);
    const optOut = purpose.basis === 'opt_out';
    if (about.length === 0) {
      const channels: Channel[] = purpose.code === 'marketing' ? ['email', 'sms'] : ['email'];
      return [{ purpose: purpose.code, topic: '', channels, optOut, words: shipped(purpose, 'purpose') }];
    }
    return about.map(topic => ({
      purpose: purpose.code,
      topic: topic.code,
      channels: topic.channels,
      optOut,
      words: topic.texts[language] ?? topic.texts.en ?? Object.values(topic.texts)[0],
    }));
  });
  return {
    title: own.title || text('consent.page.title', { brand }),
    intro: own.intro || text('consent.page.intro', { brand }),
    contact: own.contact || '',
    choices,
    uses: alive
      .filter(purpose => uses.includes(purpose.code))
      .map(purpose => ({
        purpose: purpose.code,
        topic: '',
        channels: ['web'],
        optOut: purpose.basis === 'opt_out',
        words: shipped(purpose, 'purpose'),
      })),
  };
};

/** The same words always carry the same version. */
export const versionOf = (brandId: string, language: string, words: PageWords): string =>
  `page-${createHash('sha256')
    .update(JSON.stringify([brandId, language, words]))
    .digest('hex')
    .slice(0, 12)}`;

export const wordedPage = async (context: Context, brandId: string, language: string): Promise<Worded & { look: PageLook }> => {
  const [look, topics, purposes] = await Promise.all([lookOf(context, brandId), topicsOf(context, brandId), purposesOf(context)]);
  const words = wordsOf(look, topics, purposes, language);
  return { look, language, words, version: versionOf(brandId, language, words) };
};

/** Keeps what the page says now, in every language: called by whatever changes it, so that showing the page never writes. */
export const keepWordings = async (context: Context, brandId: string): Promise<void> => {
  for (const { code } of pageLanguages) {
    const { version, words } = await wordedPage(context, brandId, code);
    await context.postgres`
      insert into consent.wording (version, kind, brand_id, language, words, made_at, made_by)
      values (${version}, 'page', ${brandId}, ${code}, ${context.postgres.json(words as never)}, ${context.clock.now()}, ${context.actor.name})
      on conflict (version) do nothing`;
  }
};

export const keepAllWordings = async (context: Context): Promise<void> => {
  for (const { id } of await context.postgres`select id from shops.brand`) await keepWordings(context, id as string);
};

/** The version a form says it showed, if it is one of this brand's; else what the page says now. */
export const shownVersion = async (
  context: Context,
  brandId: string,
  claimed: string | undefined,
  language: string,
): Promise<string> => {
  if (claimed) {
    const [row] =
      await context.postgres`select version from consent.wording where version = ${claimed} and brand_id = ${brandId}`;
    if (row) return row.version as string;
  }
  return (await wordedPage(context, brandId, language)).version;
};
