/** What a reader can use as column, sort and filter: what the admin draws its lists from. */
import { type Context, maySee } from '../../platform/context.ts';
import { isShopLimited } from '../../platform/shop-limit.ts';
import { listFacts } from './facts.ts';
import { tagsInUse } from './own-filters.ts';
import { type ListFilter, listFilters, timelineEntries } from './slots.ts';

export const describeFacts = async (context: Context) => {
  const sees = (one: { group: Parameters<typeof maySee>[1] }) => maySee(context.actor, one.group);
  const [all, tags, filters] = await Promise.all([
    listFacts(context),
    tagsInUse(context),
    Promise.all(
      context.slots
        .all(listFilters)
        .filter(filter => sees(filter) && !(filter.acrossShops && isShopLimited(context.actor)))
        .map(filter => describeFilter(context, filter)),
    ),
  ]);
  return {
    facts: all.filter(sees).map(fact => ({
      code: fact.code,
      label: fact.label,
      label_text: fact.labelText ?? null,
      type: fact.type,
      unit: fact.unit ?? null,
      choices: fact.choices ? [...fact.choices] : null,
      choice_labels: fact.choiceLabels ?? null,
      group: fact.group,
      as_of: fact.asOf,
    })),
    filters,
    timeline_kinds: context.slots
      .all(timelineEntries)
      .filter(sees)
      .map(source => ({ kind: source.kind, label: source.label })),
    tags,
  };
};

const describeFilter = async (context: Context, filter: ListFilter) => {
  const { values } = filter;
  const choices =
    values.kind === 'choice'
      ? [...values.choices]
      : values.kind === 'text'
        ? ((await values.suggest?.(context)) ?? [])
        : ['yes', 'no'];
  return {
    name: filter.name,
    label: filter.label,
    kind: values.kind,
    choices,
    choice_labels: values.kind === 'choice' ? (values.choiceLabels ?? null) : null,
  };
};
