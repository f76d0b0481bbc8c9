import type { Reaction } from '../../platform/feature.ts';
import { requestTraining } from './request-training.ts';

export const reactions: readonly Reaction[] = [
  {
    // What an import brought is a new past to learn from.
    on: 'imports.finished',
    run: async (context, payload) => {
      if (payload.kind === 'orders' || payload.kind === 'order_lines') await requestTraining(context, null);
    },
  },
  {
    on: 'shops.organisation_changed',
    run: async (context, payload) => {
      const changed = payload.changed as readonly string[];
      if (changed.includes('defaultAsOf') || changed.includes('zone')) await requestTraining(context, null);
    },
  },
];
