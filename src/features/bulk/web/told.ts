import type { AnswerOf, Say } from '../../../ui/index.ts';

export type Change = AnswerOf<'GET /api/bulk-changes'>['data'][number];

/** "Add the tag “vip”": what a change does, in the reader's words. */
export const toldOf = (t: Say, change: Pick<Change, 'action' | 'argument' | 'told'>): string =>
  t(change.told, { argument: change.action === 'mark' ? t(`bulk.mark.${change.argument}`) : change.argument });
