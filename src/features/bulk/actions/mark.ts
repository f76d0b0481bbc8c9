import { markNotShoppers } from '../../customers/index.ts';
import type { BulkAction } from '../action.ts';

const shopper = 'shopper';

/** Wholesale, staff and test customers leave lists, models and figures unless asked for. */
export const markAs: BulkAction = {
  code: 'mark',
  label: 'bulk.action.mark',
  told: 'bulk.told.mark',
  needs: 'customers:write',
  argument: {
    kind: 'choice',
    label: 'bulk.mark',
    choices: ['wholesale', 'staff', 'test', shopper],
    choiceLabels: 'bulk.mark.',
  },
  most: 1_000_000,
  run: (context, ids, mark) => markNotShoppers(context, new Map(ids.map(id => [id, mark === shopper ? null : mark])), undefined),
  undo: async (context, changed, mark) => [...(await markNotShoppers(context, changed, mark === shopper ? null : mark)).keys()],
};
