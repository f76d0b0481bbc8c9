import { audit } from '../../platform/audit.ts';
import { type Context, may } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { startJob } from '../../platform/queue.ts';
import { refuseShopLimited } from '../../platform/shop-limit.ts';
import { readConditions } from '../customers/index.ts';
import { type BulkAction, bulkActions } from './action.ts';
import { runJob, undoJob } from './jobs.ts';
import { isUndoable, showChange } from './show-changes.ts';

type List = { query: string; filter: string[]; anonymous: '0' | '1'; not_shoppers: '0' | '1' };
export type StartInput = { action: string; argument: string; customers?: string[]; list?: List };

/** Notes whom it is about, with the rights of whoever asks, and starts the work. */
export const startChange = (context: Context, input: StartInput) =>
  inTransaction(context, async inside => {
    refuseShopLimited(inside.actor);
    const action = findAction(inside, input.action);
    const argument = checkArgument(action, input.argument);
    const [{ id }] = await inside.postgres`
      insert into bulk.change (action, argument, chosen, customers, by_id, by_whom, at)
      values (${action.code}, ${argument}, ${input.list ? 'matches' : 'ticked'}, 0, ${inside.actor.id}, ${inside.actor.name}, ${inside.clock.now()})
      returning id`;
    const customers = await noteCustomers(inside, id as string, input);
    if (customers === 0)
      throw new Refusal('refused', 'bulk.nobody', 'No customer is meant. Tick some, or change the filters of the list.');
    if (customers > action.most)
      throw new Refusal(
        'refused',
        'bulk.too_many',
        `This is meant for at most ${action.most} customers, and these are ${customers}. Narrow the list down.`,
        { values: { most: action.most, customers } },
      );
    await inside.postgres`update bulk.change set customers = ${customers} where id = ${id}`;
    await audit(inside, 'bulk.started', {
      subject: { kind: 'bulk-change', id: id as string },
      action: action.code,
      customers,
      filters: input.list?.filter.map(one => one.split(':')[0]) ?? [],
    });
    await startJob(inside, runJob, { change_id: id }, { key: id as string });
    return showChange(inside, id as string);
  });

const findAction = (context: Context, code: string): BulkAction => {
  const action = context.slots.get(bulkActions, code);
  if (!action)
    throw new Refusal('malformed', 'bulk.unknown_action', 'There is no such action. GET /api/bulk-actions lists them.', {
      faults: [{ path: 'action', reason: 'Not one of the actions.' }],
    });
  if (!may(context.actor, action.needs))
    throw new Refusal('forbidden', 'bulk.action_forbidden', 'Your role does not include this action. Ask an owner for it.');
  return action;
};

const checkArgument = ({ argument }: BulkAction, given: string): string => {
  if (argument === null) return '';
  const text = given.replaceAll('\u0000', '').trim();
  const fits = argument.kind === 'choice' ? argument.choices.includes(text) : text !== '' && text.length <= argument.most_letters;
  if (!fits)
    throw new Refusal('malformed', 'bulk.argument', 'Say what is to be put on these customers.', {
      faults: [{ path: 'argument', reason: argument.kind === 'choice' ? 'Pick one of the choices.' : 'Type something shorter.' }],
    });
  return text;
};

const noteCustomers = async (context: Context, id: string, input: StartInput): Promise<number> => {
  const { postgres } = context;
  if (input.list) {
    const { where } = await readConditions(context, input.list);
    const noted = await postgres`
      insert into bulk.item (change_id, origin_id, customer_id) select ${id}, c.id, c.id from customers.customer c where ${where}`;
    return noted.count;
  }
  const asked = [...new Set(input.customers ?? [])].map(Number);
  const noted = await postgres`
    insert into bulk.item (change_id, origin_id, customer_id)
    select distinct on (c.id) ${id}::uuid, c.id, c.id from unnest(${asked}::bigint[]) as asked(id) join customers.customer c on c.id = customers.owner_of(asked.id)
    where c.erased_at is null`;
  return noted.count;
};

export const undoChange = (context: Context, id: string) =>
  inTransaction(context, async inside => {
    refuseShopLimited(inside.actor);
    const [row] = await inside.postgres`select action, state, at from bulk.change where id = ${id} for update`;
    if (!row) throw notFound('bulk-change');
    findAction(inside, row.action as string);
    if (row.state !== 'done')
      throw new Refusal(
        'conflict',
        'bulk.not_done',
        row.state === 'running'
          ? 'It is still being done. Undo it when it is through.'
          : 'It is undone already. Do it again from the list if you need it.',
      );
    if (!isUndoable(inside, row.at as Date))
      throw new Refusal(
        'conflict',
        'bulk.too_old',
        'It was done too long ago to be undone. Make the opposite change from the list.',
      );
    await inside.postgres`update bulk.change set state = 'undoing', undone_by = ${inside.actor.name} where id = ${id}`;
    await audit(inside, 'bulk.undone', { subject: { kind: 'bulk-change', id } });
    await startJob(inside, undoJob, { change_id: id }, { key: id });
    return showChange(inside, id);
  });
