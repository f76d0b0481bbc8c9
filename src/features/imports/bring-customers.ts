import type { Context } from '../../platform/context.ts';
import {
  normaliseEmail,
  normalisePhone,
  type ResolveInput,
  recordAttributes,
  resolveCustomers,
  tieToShops,
  undoImportedCustomers,
} from '../customers/index.ts';
import type { Run } from './kind.ts';
import { noteCustomers, readNewestAttributes } from './postgres.ts';
import { fileSource, type Said } from './preview-customers.ts';
import { putSeenBack, rememberSeen } from './seen-spans.ts';

/** Somebody a portion names: from when until when it names them, and what it says about them at the end. */
export type Person = Said & { first: Date; last: Date; traits: Record<string, unknown> };
/** `origins`: per person the origin to write with, or null when nothing says who it is. `fresh`: origins this import had not met before. */
export type Brought = { origins: (number | null)[]; fresh: Set<number>; created: number; known: number };

/** Finds or creates the people of a portion in one call, and keeps what the file says of them where it says something new. */
export const bringCustomers = async (context: Context, run: Run, people: readonly Person[]): Promise<Brought> => {
  if (people.length === 0) return { origins: [], fresh: new Set(), created: 0, known: 0 };
  const inputs: ResolveInput[] = [];
  const answers: number[] = [];
  for (const person of people) {
    const identifiers = identifiersOf(person, run);
    // Named at two times: both frame since when and until when we know them.
    if (person.first < person.last) inputs.push({ identifiers, trust: 'secret', at: person.first });
    answers.push(inputs.length);
    inputs.push({ identifiers, trust: 'secret', at: person.last });
  }
  await rememberSeen(context, run.importId, inputs);
  const resolved = await resolveCustomers(context, inputs, { source: sourceOf(run), importId: run.importId, historical: true });
  const origins = answers.map(index => resolved[index]);
  await tieToShops(
    context,
    origins.flatMap(originId => (originId === null ? [] : [{ originId, shopId: run.shopId }])),
  );
  const noted = await noteCustomers(
    context,
    run.importId,
    origins.filter(origin => origin !== null),
  );
  await keepTraits(context, run, people, origins);
  return { origins, ...noted };
};

const identifiersOf = (person: Person, run: Run): ResolveInput['identifiers'] => [
  ...(person.shopCustomerId === ''
    ? []
    : [{ kind: 'shop_customer_id' as const, source: fileSource(run.shopId), value: person.shopCustomerId }]),
  ...(person.userId ? [{ kind: 'user_id' as const, source: run.shopId, value: person.userId }] : []),
  ...(person.email === '' ? [] : [{ kind: 'email' as const, source: '', value: person.email }]),
  ...(person.phone === '' ? [] : [{ kind: 'phone' as const, source: '', value: person.phone }]),
];

/** Each import speaks for itself, so that its undo leaves what others said. */
const sourceOf = (run: Run): string => `import:${run.importId}`;

/** What is known already, or was said later by somebody else, is not written again: the same file a second time says nothing new. */
const keepTraits = async (
  context: Context,
  run: Run,
  people: readonly Person[],
  origins: readonly (number | null)[],
): Promise<void> => {
  const said = people.flatMap((person, index) => {
    const originId = origins[index];
    const email = normaliseEmail(person.email);
    const phone = normalisePhone(person.phone);
    return originId === null
      ? []
      : [
          {
            originId,
            at: person.last,
            traits: { ...person.traits, ...(email ? { email } : {}), ...(phone ? { phone } : {}) } as Record<string, unknown>,
          },
        ];
  });
  if (said.every(one => Object.keys(one.traits).length === 0)) return;
  const newest = await readNewestAttributes(
    context,
    said.map(one => one.originId),
  );
  const fresh = said.flatMap(one => {
    const known = newest.get(one.originId);
    const traits = Object.fromEntries(
      Object.entries(one.traits).filter(([code, value]) => {
        const before = known?.get(code);
        return !before || (before.at < one.at && JSON.stringify(before.value) !== JSON.stringify(value));
      }),
    );
    return Object.keys(traits).length === 0 ? [] : [{ ...one, traits, trust: 'secret' as const }];
  });
  await recordAttributes(context, fresh, { source: sourceOf(run), importId: run.importId, historical: true });
};

/**
 * Undo: the people an import brought go, unless something else holds them. Call it when everything else the import brought is gone. A later
 * import that named the same people holds them too; when that is undone in turn, they go with it.
 */
export const takeBackCustomers = async (context: Context, importId: string): Promise<number> => {
  await putSeenBack(context, importId);
  const named = await context.postgres`delete from imports.customer where import_id = ${importId} returning origin_id`;
  const ids = named.map(row => row.origin_id as number);
  const owners = await context.postgres`
    select distinct c.import_id as id from customers.customer c join imports.import i on i.id = c.import_id
    where c.id = any(${ids}::bigint[]) and (i.state = 'undone' or i.id = ${importId})`;
  let gone = 0;
  for (const id of new Set([importId, ...owners.map(row => row.id as string)])) gone += await undoImportedCustomers(context, id);
  return gone;
};
