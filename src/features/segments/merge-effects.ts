/** Which segments somebody enters and leaves because two people become one. */
import type { MergeEffectSource } from '../customers/index.ts';
import { compileClosure, joinNeeds, needsOf } from './compile.ts';
import { loadPeople } from './load-people.ts';
import { checkSegments, loadVocabulary, momentFor } from './load-vocabulary.ts';

export const segmentEffects: MergeEffectSource = {
  name: 'segments',
  group: null,
  read: async ({ before, after }, { winnerId, loserId }) => {
    const loaded = await loadVocabulary(before);
    const rows = await before.postgres`
      select segment_id, customer_id from segments.membership where customer_id = any(${[winnerId, loserId]}::bigint[])`;
    const was = (id: number) => new Set(rows.filter(row => row.customer_id === id).map(row => row.segment_id as string));
    const [winner, loser] = [was(winnerId), was(loserId)];
    const segments = checkSegments(
      loaded,
      loaded.segments.filter(segment => !segment.archived && segment.members !== null),
    ).filter(segment => segment.broken === null);
    const moment = momentFor(before, loaded, null);
    const needs = joinNeeds(segments.map(segment => needsOf(segment.definition, loaded.vocabulary)));
    const [person] = await loadPeople(after, [winnerId], needs, loaded.facts, moment);
    const shared = new Map();
    return segments.flatMap(segment => {
      const member = person !== undefined && compileClosure(segment.definition, moment, loaded.vocabulary, shared)(person);
      const values = { name: segment.name };
      if (member && !winner.has(segment.id))
        return [
          { title: loser.has(segment.id) ? 'segments.merge.stays' : 'segments.merge.enters', values, tone: 'neutral' as const },
        ];
      if (!member && (winner.has(segment.id) || loser.has(segment.id)))
        return [
          { title: winner.has(segment.id) ? 'segments.merge.leaves' : 'segments.merge.gone', values, tone: 'neutral' as const },
        ];
      return [];
    });
  },
};
