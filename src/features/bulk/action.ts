/** What can be done to many customers at once: one file each, which describes itself. */
import type { Context } from '../../platform/context.ts';
import { defineSlot } from '../../platform/slot.ts';

/** How long a change can be undone; then its list of people goes. */
export const undoable_days = 30;

/** Customer -> what was there before, as text (null: nothing); only those who were really changed. */
export type Changed = Map<number, string | null>;

export type BulkAction = {
  code: string;
  /** Text keys: what the button says ("Add a tag"); what is told of it ("added the tag {{argument}}"). */
  label: string;
  told: string;
  /** Record verb a reader must hold, beside customers:write. */
  needs: string;
  /** The one thing it asks for, drawn by the admin; null: nothing. */
  argument:
    | { kind: 'text'; label: string; most_letters: number; suggest?: 'tags' }
    /** `choiceLabels`: prefix of the choices' text keys. */
    | { kind: 'choice'; label: string; choices: readonly string[]; choiceLabels: string }
    | null;
  /** The largest number of customers it makes sense for. */
  most: number;
  /** Does it for these owners, in the caller's transaction. Must be harmless to do twice. */
  run: (context: Context, customerIds: readonly number[], argument: string) => Promise<Changed>;
  /** Puts back what `run` changed where it is still as `run` left it. Returns whom it put back. */
  undo: (context: Context, changed: Changed, argument: string) => Promise<number[]>;
};
export const bulkActions = defineSlot<BulkAction>('bulk.actions', action => action.code);
