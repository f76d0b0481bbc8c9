/** Purposes and topics: what people can say yes or no to. Staff make, order and archive them; statements keep their codes for good. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal, stale } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import type { Basis, Channel } from './consent.ts';

/** What a topic is called and how often to expect it, in one language. */
export type TopicWords = { name: string; description: string; frequency: string };
export type Topic = {
  id: string;
  brandId: string;
  purpose: string;
  code: string;
  /** By language; English or the first there is stands in for a missing one. */
  texts: Record<string, TopicWords>;
  channels: Channel[];
  doubleOptIn: boolean;
  position: number;
  archivedAt: Date | null;
  version: number;
};
export type Purpose = {
  code: string;
  basis: Basis;
  /** null for the purposes that ship: their words are texts. */
  name: string | null;
  description: string | null;
  doubleOptIn: boolean;
  position: number;
  archivedAt: Date | null;
  version: number;
};

export const defaultBrand = async (context: Context): Promise<{ id: string; name: string }> => {
  const [row] = await context.postgres`select id, name from shops.brand where is_default`;
  return row as unknown as { id: string; name: string };
};
export const brandNamed = async (context: Context, id: string): Promise<{ id: string; name: string } | null> => {
  const [row] = await context.postgres`select id, name from shops.brand where id = ${id}`;
  return (row as unknown as { id: string; name: string }) ?? null;
};

const topicColumns = (context: Context) => context.postgres`
  select id, brand_id as "brandId", purpose, code, texts, channels, double_opt_in as "doubleOptIn", position, archived_at as "archivedAt", version from consent.topic`;

export const topicsOf = async (context: Context, brandId: string, archived = false): Promise<Topic[]> =>
  (await context.postgres`
    ${topicColumns(context)} where brand_id = ${brandId} and (${archived} or archived_at is null) order by archived_at is not null, position, code`) as unknown as Topic[];

export const allTopics = async (context: Context): Promise<Topic[]> =>
  (await context.postgres`${topicColumns(context)} where archived_at is null order by position, code`) as unknown as Topic[];

export const purposesOf = async (context: Context): Promise<Purpose[]> =>
  (await context.postgres`
    select code, basis, name, description, double_opt_in as "doubleOptIn", position, archived_at as "archivedAt", version
    from consent.purpose order by archived_at is not null, position, code`) as unknown as Purpose[];

/** Whether a sign-up has to be confirmed from the person's mailbox first: the topic says so, or the purpose for all topics at once. */
export const confirmedTopics = async (
  context: Context,
): Promise<(said: { purpose: string; topic: string; brandId: string | null }) => boolean> => {
  const rows = await context.postgres`
    select purpose, code, brand_id from consent.topic where double_opt_in union all select code, '', null from consent.purpose where double_opt_in`;
  return said =>
    rows.some(
      row =>
        row.purpose === said.purpose &&
        row.code === said.topic &&
        (row.brand_id === null || said.brandId === null || row.brand_id === said.brandId),
    );
};

// ---- staff ------------------------------------------------------------------------------------------------------------

type TopicInput = { purpose: string; code: string; texts: Record<string, TopicWords>; channels: Channel[]; doubleOptIn: boolean };

/** At the end of the list. Errors: conflict (the code is taken), refused (no such purpose). */
export const createTopic = (context: Context, brandId: string, input: TopicInput): Promise<string> =>
  inTransaction(context, async inside => {
    await refuseUnknownPurpose(inside, input.purpose);
    const [row] = await inside.postgres`
      insert into consent.topic (brand_id, purpose, code, texts, channels, double_opt_in, position, created_at, created_by)
      select ${brandId}, ${input.purpose}, ${input.code}, ${inside.postgres.json(input.texts)}, ${input.channels}::text[], ${input.doubleOptIn},
        coalesce(max(position), 0) + 10, ${inside.clock.now()}, ${inside.actor.name} from consent.topic where brand_id = ${brandId}
      on conflict (brand_id, code) do nothing returning id`;
    if (!row)
      throw new Refusal(
        'conflict',
        'consent.topic_taken',
        `There is a topic "${input.code}" already. Choose another code, or bring that one back.`,
        {
          faults: [{ path: 'code', reason: 'This code is taken.' }],
        },
      );
    await audit(inside, 'consent.topic_made', { subject: { kind: 'topic', id: row.id }, code: input.code });
    return row.id as string;
  });

type TopicChange = {
  version: number;
  texts?: Record<string, TopicWords>;
  channels?: Channel[];
  doubleOptIn?: boolean;
  archived?: boolean;
};

/** Code and purpose stay: statements name them. Errors: not_found, conflict. Returns the brand. */
export const changeTopic = (context: Context, id: string, change: TopicChange): Promise<string> =>
  inTransaction(context, async inside => {
    const [before] = (await inside.postgres`${topicColumns(inside)} where id = ${id} for update`) as unknown as Topic[];
    if (!before) throw notFound('topic');
    if (before.version !== change.version) throw stale('topic');
    const archived = change.archived ?? before.archivedAt !== null;
    await inside.postgres`
      update consent.topic
      set texts = ${inside.postgres.json(change.texts ?? before.texts)}, channels = ${change.channels ?? before.channels}::text[], double_opt_in = ${change.doubleOptIn ?? before.doubleOptIn},
        archived_at = case when ${archived} then coalesce(archived_at, ${inside.clock.now()}) end, archived_by = case when ${archived} then coalesce(archived_by, ${inside.actor.name}) end,
        version = version + 1
      where id = ${id}`;
    await audit(inside, 'consent.topic_changed', { subject: { kind: 'topic', id }, code: before.code, archived });
    return before.brandId;
  });

/** `ids` in their new order; topics that are not named keep their place behind them. */
export const orderTopics = async (context: Context, brandId: string, ids: readonly string[]): Promise<void> => {
  await context.postgres`
    update consent.topic set position = place * 10
    from unnest(${ids as string[]}::uuid[]) with ordinality as given (id, place) where topic.id = given.id and brand_id = ${brandId}`;
  await audit(context, 'consent.topics_ordered', { subject: { kind: 'brand', id: brandId } });
};

type PurposeInput = { code: string; basis: 'consent' | 'opt_out'; name: string; description: string };

/** Errors: conflict (the code is taken). */
export const createPurpose = (context: Context, input: PurposeInput): Promise<void> =>
  inTransaction(context, async inside => {
    const made = await inside.postgres`
      insert into consent.purpose (code, basis, name, description, position)
      select ${input.code}, ${input.basis}, ${input.name}, ${input.description}, max(position) + 10 from consent.purpose
      on conflict (code) do nothing returning code`;
    if (made.length === 0)
      throw new Refusal('conflict', 'consent.purpose_taken', `There is a purpose "${input.code}" already. Choose another code.`, {
        faults: [{ path: 'code', reason: 'This code is taken.' }],
      });
    await audit(inside, 'consent.purpose_made', { subject: { kind: 'purpose', id: input.code }, basis: input.basis });
  });

type PurposeChange = { version: number; name?: string; description?: string; doubleOptIn?: boolean; archived?: boolean };

/** What messages are for at the least. */
const always = ['marketing', 'service'];

/** The basis stays: people agreed or objected under it. Purposes that ship keep their words. Errors: not_found, conflict, refused. */
export const changePurpose = (context: Context, code: string, change: PurposeChange): Promise<void> =>
  inTransaction(context, async inside => {
    const [before] =
      await inside.postgres`select name, archived_at, version from consent.purpose where code = ${code} for update`;
    if (!before) throw notFound('purpose');
    if (before.version !== change.version) throw stale('purpose');
    const archived = change.archived ?? before.archived_at !== null;
    if (before.name === null && (change.name !== undefined || change.description !== undefined))
      throw new Refusal(
        'refused',
        'consent.purpose_ships',
        'This purpose is part of the product and keeps its words. Make one of your own instead.',
      );
    if (archived && always.includes(code))
      throw new Refusal('refused', 'consent.purpose_needed', 'Everything else stands on this purpose: it cannot be archived.');
    await inside.postgres`
      update consent.purpose
      set name = coalesce(${change.name ?? null}, name), description = coalesce(${change.description ?? null}, description),
        double_opt_in = coalesce(${change.doubleOptIn ?? null}, double_opt_in),
        archived_at = case when ${archived} then coalesce(archived_at, ${inside.clock.now()}) end, archived_by = case when ${archived} then coalesce(archived_by, ${inside.actor.name}) end,
        version = version + 1
      where code = ${code}`;
    await audit(inside, 'consent.purpose_changed', { subject: { kind: 'purpose', id: code }, archived });
  });

const refuseUnknownPurpose = async (context: Context, code: string): Promise<void> => {
  const [row] = await context.postgres`select 1 from consent.purpose where code = ${code} and archived_at is null`;
  if (!row)
    throw new Refusal(
      'refused',
      'consent.purpose_unknown',
      `There is no purpose "${code}". Choose one from the list, or make it first.`,
      {
        faults: [{ path: 'purpose', reason: 'Choose a purpose from the list.' }],
      },
    );
};
