/** What of this feature is about a customer: their scores, which can always be worked out again. */
import type { Context } from '../../platform/context.ts';
import type { CustomerTable } from '../../platform/feature.ts';

const remove = async ({ postgres }: Context, ids: readonly number[]): Promise<void> => {
  await postgres`delete from predictions.score where customer_id = any(${ids as number[]}::bigint[])`;
};

export const customerTables: readonly CustomerTable[] = [
  {
    table: 'predictions.score',
    label: 'predictions.table.score',
    merge: {
      // Both are touched by the merge and by its undo, and so scored again; a sum of two scores would be no score.
      merge: async (context, { loserId }) => remove(context, [loserId]),
      undo: async () => {},
    },
    export: async ({ postgres }, ids) => postgres`
      select as_of, lapse, expected_purchase_days, expected_sales_minor, value_at_risk_minor, slipping, purchase_days, usual_gap_days, days_since, first_day, last_day, sales_minor, scored_at
      from predictions.score where customer_id = any(${ids as number[]}::bigint[]) order by as_of`,
    erase: remove,
  },
];
