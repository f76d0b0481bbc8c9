/**
 * Finds or creates the customers behind a batch of identifiers. Reads what the batch touches, decides in memory (identity.ts),
 * writes in a few statements: 5,000 inputs cost about as many statements as one.
 */
import type { Context } from '../../platform/context.ts';
import { inTransaction, withSql } from '../../platform/postgres.ts';
import { isBlocked } from './block-list.ts';
import { type Identifier, keyOf, normaliseIdentifier } from './identifier.ts';
import { decide, type Link, type Plan, type Sighting, type Trust, type World } from './identity.ts';
import { mergeMany } from './merge-customers.ts';
import { ownDomains } from './own-domains.ts';
import { lockIdentity } from './owners.ts';
import {
  insertCustomers,
  insertIdentifiers,
  loadWorld,
  markKnown,
  nextCustomerIds,
  queueCopy,
  updateIdentifiers,
  upsertSeen,
  upsertSuggestions,
} from './postgres.ts';
import { recordAttributes } from './record-attributes.ts';
import { touchCustomers } from './touch-customers.ts';

export type ResolveInput = {
  /** `source`: connection or event source id; '' for e-mail and phone. */
  identifiers: Identifier[];
  trust: Trust;
  /** When it happened: decides who is older, and whose a device was last. */
  at: Date;
  /** Segment's traits; kept as attributes. */
  traits?: Record<string, unknown>;
};
export type ResolveOptions = {
  /** Where it comes from: "import:<id>", "connection:<id>", "source:<id>"; kept beside attributes. */
  source?: string;
  importId?: string | null;
  /** True: updates state, sets nothing off. */
  historical?: boolean;
};

const mostTries = 10;

/**
 * Per input the ORIGIN to write with (column origin_id), or null when nothing usable says who it is (only placeholders, shared
 * identifiers, or somebody who was erased). The owner (column customer_id) is `ownersOf` or SQL customers.owner_of(origin_id);
 * the two differ for people who were merged. Call it once per transaction, before other writes, in a transaction of its own or
 * the caller's: it locks keys in sorted order and holds off merges until commit.
 */
export const resolveCustomers = async (
  context: Context,
  inputs: readonly ResolveInput[],
  options: ResolveOptions = {},
): Promise<(number | null)[]> => {
  if (inputs.length === 0) return [];
  return inTransaction(context, async inside => {
    const sightings = await readSightings(inside, inputs);
    const settled = await settle(inside, sightings, options.importId ?? null);
    await keepWhatWasSaid(inside, inputs, sightings, settled, options);
    await queueCopy(inside, [...settled.fresh]);
    await touchCustomers(inside, [...settled.fresh], ['base', 'attributes'], { historical: options.historical ?? false });
    return settled.origins;
  });
};

const readSightings = async (context: Context, inputs: readonly ResolveInput[]): Promise<Sighting[]> => {
  const own = await ownDomains(context);
  const sightings: Sighting[] = inputs.map(input => ({
    identifiers: input.identifiers.map(one => normaliseIdentifier(one, own)).filter(one => one !== null),
    trust: input.trust,
    at_ms: input.at.getTime(),
  }));
  const blocked = await isBlocked(
    context,
    sightings.flatMap(sighting => sighting.identifiers),
  );
  if (blocked.size > 0)
    for (const sighting of sightings) sighting.blocked = sighting.identifiers.some(one => blocked.has(keyOf(one)));
  return sightings;
};

type Settled = { origins: (number | null)[]; fresh: ReadonlySet<number>; newKeys: ReadonlySet<string> };

/**
 * Decides and claims the new keys. Somebody else may claim one of them in between: then nothing of this try stays, and the next try
 * sees what the other one wrote.
 */
const settle = async (context: Context, sightings: Sighting[], importId: string | null): Promise<Settled> => {
  let decided = await decideShared(context, sightings);
  if (decided === null) await lockIdentity(context, 'alone');
  for (let attempt = 1; attempt <= mostTries; attempt++) {
    const { world, plan } = decided ?? (await look(context, sightings));
    decided = null;
    const settled = await write(context, world, plan, importId);
    if (settled) return settled;
  }
  throw new Error(
    'The same identifiers were claimed by others ten times in a row: too many writers speak of the same people at once.',
  );
};

type Decided = { world: World; plan: Plan };
const look = async (context: Context, sightings: Sighting[]): Promise<Decided> => {
  const world = await loadWorld(context, sightings);
  return { world, plan: decide(world, sightings) };
};

/** Leaves the work of a savepoint without a trace. */
class Undone extends Error {}

/** Runs `work` in a savepoint; null when it threw `Undone`: nothing it wrote and no lock it took stays. */
const attempt = async <T>(context: Context, work: (context: Context) => Promise<T>): Promise<T | null> => {
  const sql = context.postgres as { savepoint?: (work: (sql: Context['postgres']) => Promise<T>) => Promise<T> };
  try {
    return await sql.savepoint!(inner => work(withSql(context, inner)));
  } catch (error) {
    if (error instanceof Undone) return null;
    throw error;
  }
};

/** The usual case, nobody to merge, beside other resolvers. A merge needs the lock alone, which cannot be had on top of a shared one: null. */
const decideShared = (context: Context, sightings: Sighting[]): Promise<Decided | null> =>
  attempt(context, async inner => {
    await lockIdentity(inner, 'shared');
    const decided = await look(inner, sightings);
    if (decided.plan.merges.length > 0) throw new Undone();
    return decided;
  });

/** Writes a plan; null when somebody else was quicker with one of the new keys. */
const write = async (context: Context, world: World, plan: Plan, importId: string | null): Promise<Settled | null> => {
  const ids = await nextCustomerIds(context, plan.created.length);
  const real = (id: number): number => (id < 0 ? ids[-id - 1] : id);
  const linksIn = (keys: Set<string>): Link[] =>
    [...keys]
      .map(key => world.links.get(key)!)
      .map(link => ({ ...link, originId: real(link.originId), rivals: link.rivals.map(real) }));
  const newLinks = linksIn(plan.newLinks);
  const claimed =
    newLinks.length === 0 ||
    (await attempt(context, async inner => {
      if ((await insertIdentifiers(inner, newLinks, importId)) < newLinks.length) throw new Undone();
      return true;
    }));
  if (!claimed) return null;
  const people = plan.created.map(one => ({ ...one, id: real(one.id) }));
  await insertCustomers(context, people, importId);
  await updateIdentifiers(context, linksIn(plan.changedLinks));
  // Visitors that are new with this batch too: they came and logged in within it.
  const known = [...plan.becameKnown].map(([id, at_ms]) => [real(id), at_ms] as const);
  await markKnown(context, known);
  const pairs = [...plan.suggestions.values()].map(one => ({ ...one, lowId: real(one.lowId), highId: real(one.highId) }));
  await upsertSuggestions(context, pairs);
  if (plan.merges.length > 0) {
    // Held already unless the second look saw what the first did not.
    await lockIdentity(context, 'alone');
    await mergeMany(
      context,
      plan.merges.map(merge => ({ ...merge, winnerId: real(merge.winnerId), loserId: real(merge.loserId) })),
    );
  }
  return {
    origins: plan.origins.map(id => (id === null ? null : real(id))),
    fresh: new Set([...ids, ...known.map(([id]) => id)]),
    newKeys: plan.newLinks,
  };
};

/** Notes who was seen when, and keeps traits; an e-mail or phone that identified somebody is also what they can be reached by. */
const keepWhatWasSaid = async (
  context: Context,
  inputs: readonly ResolveInput[],
  sightings: readonly Sighting[],
  { origins, fresh, newKeys }: Settled,
  options: ResolveOptions,
): Promise<void> => {
  const found = inputs.flatMap((input, i) => {
    const originId = origins[i];
    return originId === null
      ? []
      : [
          {
            originId,
            at: input.at,
            trust: input.trust,
            traits: { ...contactsOf(sightings[i], key => fresh.has(originId) || newKeys.has(key)), ...input.traits },
          },
        ];
  });
  await upsertSeen(context, found);
  const { source = '', importId = null, historical = false } = options;
  await recordAttributes(
    context,
    found.filter(one => Object.keys(one.traits).length > 0),
    { source, importId, historical },
  );
};

/** Only of people or keys that are new: saying it again with every event would write it again with every event. */
const contactsOf = (sighting: Sighting, isNew: (key: string) => boolean): Record<string, string> =>
  Object.fromEntries(
    sighting.identifiers
      .filter(one => (one.kind === 'email' || one.kind === 'phone') && isNew(keyOf(one)))
      .map(one => [one.kind, one.value]),
  );
