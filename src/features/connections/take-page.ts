/** One page of records from the API becomes what we hold; shared by polls, backfills and sweeps. */
import { createHash } from 'node:crypto';
import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { type ApplyOptions, applyTold, type Heard, type RecordTold } from './apply.ts';
import type { Connection } from './connection.ts';
import type { Connector, Item, Page, ResourceCode } from './connector.ts';
import { faultOf } from './health.ts';
import { readRecords, recordKey } from './postgres.ts';

export const hashOf = (payload: unknown): string => createHash('sha256').update(JSON.stringify(payload)).digest('base64url');

export type PageTaken = { met: number; changed: number };
type Ready = { item: Item; heard: Heard[] };

/**
 * Applies a page and, in the same transaction, whatever `also` writes (the cursor), so that a kill loses and repeats nothing. A record that
 * cannot be read or applied is put aside as a failed delivery and does not hold the others up.
 */
export const takePage = async (
  context: Context,
  connection: Connection,
  connector: Connector,
  resource: ResourceCode,
  page: Page,
  options: ApplyOptions & { walkId?: string },
  also: (inside: Context, taken: PageTaken) => Promise<void>,
): Promise<PageTaken> => {
  const held = await readRecords(
    context,
    connection.id,
    page.items.map(item => ({ resource, id: item.id })),
  );
  const isKnown = (item: Item) => {
    const record = held.get(recordKey(resource, item.id));
    return record?.hash === hashOf(item.payload) && record.gone_at === null;
  };
  const faults: { item: Item; error: unknown }[] = [];
  const ready = page.items
    .filter(item => !isKnown(item))
    .flatMap((item): Ready[] => {
      try {
        const hash = hashOf(item.payload);
        const told = connector.translate(resource, item.payload, { settings: connection.settings }) as RecordTold[];
        return [{ item, heard: told.map(one => ({ told: one, observedAt: page.observedAt, hash })) }];
      } catch (error) {
        faults.push({ item, error });
        return [];
      }
    });
  const taken: PageTaken = { met: page.items.length, changed: ready.length };
  const write = async (portion: readonly Ready[]): Promise<void> =>
    inTransaction(context, async inside => {
      await applyTold(
        inside,
        connection,
        portion.flatMap(one => one.heard),
        options,
      );
      await noteSeen(inside, connection, resource, page, options.walkId ?? null);
      await also(inside, taken);
    });
  try {
    await write(ready);
  } catch (error) {
    if (error instanceof Overtaken || ready.length === 0) throw error;
    const sound: Ready[] = [];
    for (const one of ready) {
      try {
        await applyTold(context, connection, one.heard, options);
        sound.push(one);
      } catch (fault) {
        faults.push({ item: one.item, error: fault });
      }
    }
    if (sound.length === 0 && ready.length > 1) throw error;
    await write([]);
  }
  for (const fault of faults) await putAside(context, connection, resource, fault.item, page, fault.error);
  return taken;
};

/** Another worker has taken over: what this one was about to write is refused. */
export class Overtaken extends Error {}

/** Seen again just as we hold it: an older word that arrives late must not win over that. */
const noteSeen = async (
  { postgres }: Context,
  connection: Connection,
  resource: ResourceCode,
  page: Page,
  walkId: string | null,
): Promise<void> => {
  await postgres`
    update connections.record
    set observed_at = greatest(observed_at, ${page.observedAt}), walk_id = coalesce(${walkId}::uuid, walk_id)
    where connection_id = ${connection.id} and resource = ${resource} and outside_id = any(${page.items.map(item => item.id)}::text[])`;
};

/** Where people see it, with what it said and why it failed; replaying it translates it again. */
const putAside = async (
  context: Context,
  connection: Connection,
  resource: ResourceCode,
  item: Item,
  page: Page,
  error: unknown,
): Promise<void> => {
  const body = Buffer.from(JSON.stringify(item.payload));
  const message = faultOf(error);
  context.log.warn({ connection: connection.id, resource, id: item.id, err: error }, 'a record could not be taken over');
  await context.postgres`
    insert into connections.delivery (connection_id, topic, event_key, at, received_at, body, bytes, sha256, state, attempts, due_at, worked_at, error)
    values (${connection.id}, ${`poll/${resource}`}, ${`${item.id}@${hashOf(item.payload)}`}, ${page.observedAt}, ${context.clock.now()}, ${body}, ${body.length},
      ${createHash('sha256').update(body).digest('hex')}, 'failed', 1, ${context.clock.now()}, ${context.clock.now()}, ${message.slice(0, 500)})
    on conflict do nothing`;
};
