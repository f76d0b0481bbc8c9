import { type Context, may } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';

export const shareVerb = 'views:share';
/** Enough for anybody; more would not fit a menu. */
const most = 100;

type Row = {
  id: string;
  staff_id: string;
  made_by: string;
  name: string;
  page: string;
  query: string;
  hidden: string[] | null;
  shared: boolean;
  made_at: Date;
};
export type ViewInput = { name: string; page: string; query: string; hidden: string[] | null; shared: boolean };
export type ViewChange = Partial<Omit<ViewInput, 'page'>>;

const answerOf = (context: Context, { staff_id, ...row }: Row) => ({
  ...row,
  made_at: row.made_at.toISOString(),
  may_change: staff_id === context.actor.id || (row.shared && may(context.actor, shareVerb)),
});

/** Keys have no lists of their own to look at: they see what is shared. */
const ownId = (context: Context): string | null => (context.actor.kind === 'staff' ? context.actor.id : null);

export const listViews = async (context: Context, page: string | undefined) => {
  const rows = (await context.postgres`
    select * from views.view where (shared or staff_id = ${ownId(context)}) ${page === undefined ? context.postgres`` : context.postgres`and page = ${page}`}
    order by lower(name), id limit ${most * 5}`) as unknown as Row[];
  return { data: rows.map(row => answerOf(context, row)) };
};

const refuseSharing = (context: Context): void => {
  if (!may(context.actor, shareVerb))
    throw new Refusal('forbidden', 'views.no_sharing', 'Your role does not share views. Save it for yourself, or ask an owner.');
};

const nameTaken = (name: string): Refusal =>
  new Refusal('conflict', 'views.name_taken', `You already have a view called “${name}” here. Choose another name.`, {
    values: { name },
    faults: [{ path: 'name', reason: 'This name is taken.' }],
  });

export const makeView = (context: Context, input: ViewInput) =>
  inTransaction(context, async inside => {
    const staffId = ownId(inside);
    if (staffId === null)
      throw new Refusal('forbidden', 'views.staff_only', 'A saved view belongs to a person. Sign in as one to save it.');
    if (input.shared) refuseSharing(inside);
    const [{ count }] = await inside.postgres`select count(*)::int as count from views.view where staff_id = ${staffId}`;
    if ((count as number) >= most)
      throw new Refusal('refused', 'views.too_many', `You have ${most} saved views. Delete one you no longer use.`, {
        values: { most },
      });
    const [row] = (await inside.postgres`
      insert into views.view (staff_id, made_by, name, page, query, hidden, shared, made_at)
      values (${staffId}, ${inside.actor.name}, ${input.name}, ${input.page}, ${input.query}, ${input.hidden}, ${input.shared}, ${inside.clock.now()})
      on conflict do nothing returning *`) as unknown as Row[];
    if (!row) throw nameTaken(input.name);
    return answerOf(inside, row);
  });

/** Of somebody else and not shared: not there. */
const findForChange = async (context: Context, id: string): Promise<Row> => {
  const [row] = (await context.postgres`
    select * from views.view where id = ${id} and (shared or staff_id = ${ownId(context)}) for update`) as unknown as Row[];
  if (!row) throw notFound('view');
  if (!answerOf(context, row).may_change)
    throw new Refusal(
      'forbidden',
      'views.not_yours',
      `${row.made_by} shared this view. Save a copy of your own under another name.`,
      { values: { name: row.made_by } },
    );
  return row;
};

export const changeView = (context: Context, id: string, change: ViewChange) =>
  inTransaction(context, async inside => {
    const before = await findForChange(inside, id);
    const after = { ...before, ...change };
    if (after.shared && !before.shared) refuseSharing(inside);
    const [taken] = await inside.postgres`
      select from views.view where staff_id = ${before.staff_id} and page = ${before.page} and lower(name) = lower(${after.name}) and id <> ${id}`;
    if (taken) throw nameTaken(after.name);
    await inside.postgres`
      update views.view set name = ${after.name}, query = ${after.query}, hidden = ${after.hidden}, shared = ${after.shared} where id = ${id}`;
    return answerOf(inside, after);
  });

export const deleteView = (context: Context, id: string): Promise<void> =>
  inTransaction(context, async inside => {
    await findForChange(inside, id);
    await inside.postgres`delete from views.view where id = ${id}`;
  });
