import { type Context, may } from '../../platform/context.ts';
import { notFound } from '../../platform/errors.ts';
import { isShopLimited } from '../../platform/shop-limit.ts';
import { bulkActions, undoable_days } from './action.ts';

type Row = {
  id: string;
  action: string;
  argument: string;
  state: 'running' | 'done' | 'undoing' | 'undone';
  customers: number;
  changed: number;
  by_whom: string;
  at: Date;
  undone_by: string | null;
  open: number;
};

/** While it runs, those that still wait (to be done, or to be put back) are counted. */
const openItems = (context: Context) => context.postgres`
  case when state = 'running' then (select count(*)::int from bulk.item i where i.change_id = c.id and i.state = 'waiting')
    when state = 'undoing' then (select count(*)::int from bulk.item i where i.change_id = c.id and i.state = 'changed') else 0 end as open`;

/** Its people are still noted. */
export const isUndoable = (context: Context, at: Date): boolean =>
  context.clock.now().getTime() - at.getTime() < undoable_days * 86_400_000;

const answerOf = (context: Context, { open, ...row }: Row) => {
  const action = context.slots.get(bulkActions, row.action);
  return {
    ...row,
    told: action?.told ?? 'bulk.told.gone',
    worked: (row.state === 'undoing' ? row.changed : row.customers) - open,
    at: row.at.toISOString(),
    may_undo:
      row.state === 'done' &&
      row.changed > 0 &&
      isUndoable(context, row.at) &&
      action !== undefined &&
      may(context.actor, action.needs) &&
      !isShopLimited(context.actor),
  };
};

export const showChange = async (context: Context, id: string) => {
  const [row] = await context.postgres`
    select id, action, argument, state, customers, changed, by_whom, at, undone_by, ${openItems(context)} from bulk.change c where id = ${id}`;
  if (!row) throw notFound('bulk-change');
  return answerOf(context, row as unknown as Row);
};

export const listChanges = async (context: Context, { limit, cursor }: { limit: number; cursor?: string }) => {
  const rows = (await context.postgres`
    select id, action, argument, state, customers, changed, by_whom, at, undone_by, ${openItems(context)} from bulk.change c
    where customers > 0 ${cursor === undefined ? context.postgres`` : context.postgres`and id < ${cursor}::uuid`}
    order by id desc limit ${limit + 1}`) as unknown as Row[];
  const shown = rows.slice(0, limit);
  return { data: shown.map(row => answerOf(context, row)), next_cursor: rows.length > limit ? (shown.at(-1) as Row).id : null };
};

/** What an admin draws its buttons from; only what the reader may do. */
export const listActions = (context: Context) => ({
  data: context.slots
    .all(bulkActions)
    .filter(action => may(context.actor, action.needs))
    .map(({ code, label, most, argument }) => ({
      code,
      label,
      most,
      argument:
        argument === null
          ? null
          : argument.kind === 'text'
            ? { kind: argument.kind, label: argument.label, most_letters: argument.most_letters, suggest: argument.suggest }
            : {
                kind: argument.kind,
                label: argument.label,
                choices: [...argument.choices],
                choice_labels: argument.choiceLabels,
              },
    })),
});
