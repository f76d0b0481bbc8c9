/**
 * Announcements: "something happened" for whoever cares. A row per reaction in the announcing transaction; each reaction runs in the
 * transaction that deletes its row, so what it writes here happens once.
 */
import type { Announce, Context, Sql } from './context.ts';
import { Refusal } from './errors.ts';
import { reactionSlot } from './feature.ts';
import { inTransaction, withSql } from './postgres.ts';
import type { Slots } from './slot.ts';

/** An announcement that leads to more than this many others in a row is a loop (decisions 18). */
const mostDepth = 8;
const mostAttempts = 12;
const portion = 50;

export const announceOver = (sql: Sql, slots: Slots, depth: number): Announce => {
  return async (name, payload) => {
    const reactions = slots.all(reactionSlot).filter(reaction => reaction.on === name);
    if (reactions.length === 0) return;
    if (depth >= mostDepth) {
      throw new Refusal(
        'refused',
        'platform.announcement_loop',
        `"${name}" was set off by ${depth} announcements in a row. Break the loop between the rules that start each other.`,
      );
    }
    await sql`
      insert into platform.delivery (announcement, reaction, payload, depth)
      select ${name}, reaction, ${sql.json(payload as never)}, ${depth + 1}
      from unnest(${reactions.map(reactionSlot.key)}::text[]) as reaction`;
    await sql`select pg_notify('regulars_work', 'outbox')`;
  };
};

/** For an erasure: what is still to be told of these customers is told to nobody. */
export const forgetAnnouncementsAbout = async ({ postgres }: Context, customerIds: readonly number[]): Promise<void> => {
  await postgres`delete from platform.delivery where payload ->> 'customer_id' = any(${customerIds.map(String)}::text[])`;
};

/** Delivers one portion; says whether there was work. Rows are locked, never read past (decisions 18). */
export const deliverAnnouncements = async (context: Context): Promise<boolean> => {
  const due = await context.postgres`
    select id from platform.delivery where not dead and due_at <= ${context.clock.now()} order by due_at, id limit ${portion}`;
  for (const { id } of due) await deliverOne(context, id as string);
  return due.length === portion;
};

const deliverOne = async (context: Context, id: string): Promise<void> => {
  try {
    await inTransaction(context, async inside => {
      const [row] = await inside.postgres`
        delete from platform.delivery
        where id = (select id from platform.delivery where id = ${id} and not dead for update skip locked)
        returning reaction, payload, depth`;
      if (!row) return;
      const reaction = inside.slots.get(reactionSlot, row.reaction as string);
      if (!reaction) return;
      const deeper = withSql({ ...inside, causationDepth: row.depth as number }, inside.postgres);
      await reaction.run(deeper, row.payload as Record<string, unknown>);
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    context.log.warn({ id, error: message }, 'a reaction failed and will be tried again');
    await context.postgres`
      update platform.delivery
      set attempts = attempts + 1, last_error = ${message.slice(0, 500)}, dead = attempts + 1 >= ${mostAttempts},
        due_at = ${context.clock.now()}::timestamptz + least(3600, power(2, attempts)) * interval '1 second'
      where id = ${id}`;
  }
};
