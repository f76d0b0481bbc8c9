import { type Context, may, maySee } from '../../platform/context.ts';
import type { FieldGroup } from '../../platform/contract.ts';
import { Refusal } from '../../platform/errors.ts';
import { countDefinition, sumSales } from './ask-clickhouse.ts';
import { currentOnlyOf, groupsOf, sentenceOf } from './compile.ts';
import type { SegmentPreview } from './contract.ts';
import type { Definition } from './definition.ts';
import { inEnglish } from './english.ts';
import { type Loaded, loadVocabulary, momentFor } from './load-vocabulary.ts';
import { parseDefinition, refuseCycle } from './parse-definition.ts';
import { columnsToShow, readPeople } from './read-people.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Field groups that a definition reads and that the actor may not. */
export const hiddenGroups = (context: Context, definition: Definition, vocabulary: Vocabulary): FieldGroup[] =>
  [...groupsOf(definition, vocabulary)].filter(group => !maySee(context.actor, group));

export const refuseHidden = (context: Context, definition: Definition, vocabulary: Vocabulary): void => {
  const hidden = hiddenGroups(context, definition, vocabulary);
  if (hidden.length > 0) {
    throw new Refusal(
      'forbidden',
      'segments.group_missing',
      `This definition looks at ${hidden.join(' and ')}, which your role does not show. Leave those conditions out, or ask an owner.`,
      {
        values: { groups: hidden.join(', ') },
      },
    );
  }
};

export type PreviewInput = {
  definition: unknown;
  as_of?: string | null /** The saved segment it may become, so that a cycle is seen. */;
  id?: string;
};

/** Counts a definition, and shows what it does. Errors: refused (with the path of each fault), forbidden (a field group is missing). */
export const previewSegment = async (context: Context, input: PreviewInput): Promise<SegmentPreview> => {
  const started = performance.now();
  const loaded = await loadVocabulary(context);
  const { vocabulary } = loaded;
  const definition = parseDefinition(input.definition, vocabulary);
  refuseCycle(definition, input.id ?? '', vocabulary.segments.get(input.id ?? '')?.name ?? '…', vocabulary);
  refuseHidden(context, definition, vocabulary);
  const asOf = input.as_of ?? null;
  const moment = momentFor(context, loaded, asOf);
  const money = maySee(context.actor, 'money');
  const [counted, sales] = await Promise.all([
    countDefinition(context, definition, moment, vocabulary),
    money ? sumSales(context, definition, moment, vocabulary) : null,
  ]);
  const took_ms = Math.round(performance.now() - started);
  const phrase = sentenceOf(definition, vocabulary);
  return {
    count: counted.count,
    total: counted.total,
    share: counted.total === 0 ? 0 : counted.count / counted.total,
    // Numbers for whoever may count; people only for whoever may see customers.
    sample: may(context.actor, 'customers:read') ? await samplePeople(context, counted.sample, loaded, asOf) : [],
    phrase,
    sentence: inEnglish(phrase, vocabulary.currency),
    took_ms,
    conditions: counted.conditions,
    reachable: counted.reachable,
    sales: sales === null ? null : { amount_minor: sales, currency: vocabulary.currency },
    as_of: asOf,
    current_only: asOf === null ? [] : currentOnlyOf(definition, vocabulary),
  };
};

const samplePeople = (context: Context, ids: readonly number[], loaded: Loaded, asOf: string | null) =>
  readPeople(context, ids, columnsToShow(context, loaded, undefined), loaded, momentFor(context, loaded, asOf), asOf, null);
