import type { Context } from '../../platform/context.ts';
import { maySeeShop, shopLimitOf } from '../../platform/shop-limit.ts';
import { type Fact, listFacts } from '../customers/index.ts';
import { organisationOf, shopsOf } from '../shops/index.ts';
import type { Definition } from './definition.ts';
import { type Moment, momentOf } from './moment.ts';
import { findRefused } from './parse-definition.ts';
import type { KnownSegment, Vocabulary } from './vocabulary.ts';

export type SegmentRow = KnownSegment & { version: number; archived: boolean; members: number | null };
export type Loaded = {
  vocabulary: Vocabulary;
  facts: ReadonlyMap<string, Fact>;
  /** Not deleted; archived ones can still be referred to. */
  segments: readonly SegmentRow[];
  zone: string;
};

/** Everything a definition may name, as it is now. */
export const loadVocabulary = async (context: Context): Promise<Loaded> => {
  const [facts, organisation, shops, rows] = await Promise.all([
    listFacts(context),
    organisationOf(context),
    shopsOf(context),
    context.postgres`
      select id, name, definition, version, archived_at is not null as archived, members from segments.segment where deleted_at is null order by created_at, id`,
  ]);
  const segments = rows.map(row => ({ ...row, definition: row.definition as Definition })) as unknown as SegmentRow[];
  const vocabulary: Vocabulary = {
    facts: new Map(facts.map(fact => [fact.code, fact])),
    segments: new Map(segments.map(segment => [segment.id, segment])),
    shops: new Map(shops.filter(shop => maySeeShop(context.actor, shop.id)).map(shop => [shop.id, shop.name])),
    wellKnown: { tags: 'customers.tags', identifiers: 'customers.identifiers' },
    currency: organisation.homeCurrency,
    ownShops: shopLimitOf(context.actor),
  };
  return { vocabulary, facts: new Map(facts.map(fact => [fact.code, fact])), segments, zone: organisation.zone };
};

/** The moment to look at: the end of `asOf`, or now. */
export const momentFor = (context: Context, loaded: Loaded, asOf: string | null | undefined): Moment =>
  momentOf(asOf ?? null, context.clock.now(), loaded.zone);

export type UsableSegment = SegmentRow & { broken: string | null };

/** Which of these can still be read: a definition may name a fact or a segment that went away since. */
export const checkSegments = (loaded: Loaded, segments: readonly SegmentRow[]): UsableSegment[] => {
  const verdicts = new Map<string, string | null>();
  const verdictOn = (segment: KnownSegment): string | null => {
    const known = verdicts.get(segment.id);
    if (known !== undefined) return known;
    verdicts.set(segment.id, null);
    const verdict = findRefused(segment.definition, loaded.vocabulary, id => {
      const other = loaded.vocabulary.segments.get(id);
      return other ? verdictOn(other) : null;
    });
    verdicts.set(segment.id, verdict);
    return verdict;
  };
  return segments.map(segment => ({ ...segment, broken: verdictOn(segment) }));
};
