import { type Context, maySee } from '../../platform/context.ts';
import { readDictionary } from '../tracking/index.ts';
import { conditionKinds } from './conditions.ts';
import { loadVocabulary } from './load-vocabulary.ts';
import { spanUnits } from './moment.ts';
import { operators } from './operator.ts';

/** Names that forms suggest; a shop with more of them types on. */
const mostSuggested = 500;

/** What forms are drawn from: kinds of condition, operators, and the facts, events, products and segments of this installation. */
export const describeVocabulary = async (context: Context) => {
  const loaded = await loadVocabulary(context);
  const sql = context.postgres;
  const behaviour = maySee(context.actor, 'behaviour');
  const [events, tags, products, categories] = await Promise.all([
    behaviour ? readDictionary(context, { limit: 200 }) : [],
    sql`select tag, count(*) as people from customers.tag group by tag order by people desc, tag limit ${mostSuggested}`,
    sql`select sku, name from products.variant order by last_seen_at desc, sku limit ${mostSuggested}`,
    sql`select category from products.variant where category is not null group by category order by count(*) desc, category limit ${mostSuggested}`,
  ]);
  return {
    conditions: conditionKinds.map(kind => ({
      key: kind.key,
      label: kind.label,
      hint: kind.hint,
      arguments: kind.arguments.map(argument => ({
        ...argument,
        hint: argument.hint ?? null,
        choices: argument.choices ? [...argument.choices] : null,
      })),
    })),
    operators: [...operators.values()].map(one => ({
      code: one.code,
      label: `segments.operator.${one.code}.label`,
      types: [...one.types],
      form: one.form,
    })),
    facts: [...loaded.facts.values()]
      .filter(fact => maySee(context.actor, fact.group))
      .map(fact => ({
        code: fact.code,
        label: fact.label,
        label_text: fact.labelText ?? null,
        type: fact.type,
        unit: fact.unit ?? null,
        choices: fact.choices ? [...fact.choices] : null,
        choice_labels: fact.choiceLabels ?? null,
        as_of: fact.asOf,
      })),
    events: events
      .filter(event => !event.name.startsWith('Segment '))
      .map(event => ({
        name: event.name,
        count: event.count,
        properties: event.properties
          .slice(0, 50)
          .map(property => ({ name: property.path, type: property.type as string, samples: property.samples.slice(0, 10) })),
      })),
    segments: loaded.segments.filter(segment => !segment.archived).map(segment => ({ id: segment.id, name: segment.name })),
    shops: [...loaded.vocabulary.shops].map(([id, name]) => ({ id, name })),
    tags: tags.map(row => row.tag as string),
    products: products.map(row => ({ sku: row.sku as string, name: row.name as string | null })),
    categories: categories.map(row => row.category as string),
    currency: loaded.vocabulary.currency,
    zone: loaded.zone,
    span_units: [...spanUnits],
  };
};
