/**
 * Finds or creates the customers behind a batch of identifiers. Reads what the batch touches, decides in memory (identity.ts),
 * writes in a few statements: 5,000 inputs cost about as many statements as one.
 */
import type { Context } from '../../platform/context.ts';
import { inTransaction, withSql } from '../../platform/postgres.ts';
import { isBlocked } from './block-list.ts';
import { type Identifier, keyOf, normaliseIdentifier } from './identifier.ts';
import { decide, type Link, type Sighting, type Trust } from './identity.ts';
import { mergeMany } from './merge-customers.ts';
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
import { ownDomains } from './own-domains.ts';
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
    const { origins, fresh } = await settle(inside, sightings, options.importId ?? null);
    await keepWhatWasSaid(inside, inputs, sightings, origins, options);
    await queueCopy(inside, fresh);
    await touchCustomers(inside, fresh, ['base', 'attributes'], { historical: options.historical ?? false });
    return origins;
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

/**
 * Decides and claims the new keys. Somebody else may claim one of them in between: then nothing of this try stays, and the next try
 * sees what the other one wrote. Merges need the identity lock alone, which cannot be had on top of a shared one: so a first look
 * without lock says which one to take.
 */
const settle = async (
  context: Context,
  sightings: Sighting[],
  importId: string | null,
): Promise<{ origins: (number | null)[]; fresh: number[] }> => {
  const glance = decide(await loadWorld(context, sightings), sightings);
  await lockIdentity(context, glance.merges.length > 0 ? 'alone' : 'shared');
  for (let attempt = 1; attempt <= mostTries; attempt++) {
    const world = await loadWorld(context, sightings);
    const plan = decide(world, sightings);
    const ids = await nextCustomerIds(context, plan.created.length);
    const real = (id: number): number => (id < 0 ? ids[-id - 1] : id);
    const links = [...world.links.entries()];
    const linksIn = (keys: Set<string>): Link[] =>
      links
        .filter(([key]) => keys.has(key))
        .map(([, link]) => ({ ...link, originId: real(link.originId), rivals: link.rivals.map(real) }));
    if (!(await claim(context, linksIn(plan.newLinks), importId))) continue;
    await insertCustomers(
      context,
      plan.created.map(one => ({ ...one, id: real(one.id) })),
      importId,
    );
    await updateIdentifiers(context, linksIn(plan.changedLinks));
    await markKnown(
      context,
      [...plan.becameKnown].filter(([id]) => id > 0),
    );
    await upsertSuggestions(
      context,
      [...plan.suggestions.values()].map(one => ({ ...one, lowId: real(one.lowId), highId: real(one.highId) })),
    );
    if (plan.merges.length > 0) {
      await lockIdentity(context, 'alone');
      await mergeMany(
        context,
        plan.merges.map(merge => ({ ...merge, winnerId: real(merge.winnerId), loserId: real(merge.loserId) })),
      );
    }
    return {
      origins: plan.origins.map(id => (id === null ? null : real(id))),
      fresh: [...ids, ...plan.becameKnown.keys()].filter(id => id > 0),
    };
  }
  throw new Error(
    'The same identifiers were claimed by others ten times in a row: too many writers speak of the same people at once.',
  );
};

/** All or nothing: false when somebody else was quicker with one of the keys. */
const claim = async (context: Context, links: Link[], importId: string | null): Promise<boolean> => {
  if (links.length === 0) return true;
  class Lost extends Error {}
  const sql = context.postgres as { savepoint?: <T>(work: (sql: Context['postgres']) => Promise<T>) => Promise<T> };
  try {
    await sql.savepoint!(async inner => {
      const inserted = await insertIdentifiers(withSql(context, inner), links, importId);
      if (inserted < links.length) throw new Lost();
    });
    return true;
  } catch (error) {
    if (error instanceof Lost) return false;
    throw error;
  }
};

/** Notes who was seen when, and keeps traits; an e-mail or phone that identified somebody is also what they can be reached by. */
const keepWhatWasSaid = async (
  context: Context,
  inputs: readonly ResolveInput[],
  sightings: readonly Sighting[],
  origins: readonly (number | null)[],
  options: ResolveOptions,
): Promise<void> => {
  const found = inputs.flatMap((input, i) => {
    const originId = origins[i];
    return originId === null
      ? []
      : [{ originId, at: input.at, trust: input.trust, traits: { ...contactsOf(sightings[i]), ...input.traits } }];
  });
  await upsertSeen(context, found);
  const { source = '', importId = null, historical = false } = options;
  await recordAttributes(
    context,
    found.filter(one => Object.keys(one.traits).length > 0),
    { source, importId, historical },
  );
};

const contactsOf = (sighting: Sighting): Record<string, string> =>
  Object.fromEntries(
    sighting.identifiers.filter(one => one.kind === 'email' || one.kind === 'phone').map(one => [one.kind, one.value]),
  );
