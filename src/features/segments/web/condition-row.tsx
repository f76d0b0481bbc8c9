/** One condition: what it is about, then the fields of its kind. */
import { ActionIcon, Menu, Select, Tooltip } from '@mantine/core';
import { IconCopy, IconTrash } from '@tabler/icons-react';
import { useMemo } from 'react';
import { NumberText, useTexts } from '../../../ui/index.ts';
import type { Condition } from '../definition.ts';
import {
  Choose,
  Comparison,
  EventField,
  factSubject,
  NumberField,
  PropertyFilters,
  WindowField,
  Words,
} from './argument-fields.tsx';
import type { ConditionBlock } from './blocks.ts';
import classes from './segments.module.css';
import { kindKeyOf, operatorsFor, startOf, type Topic, topicOf, topicsOf, useVocabulary, type Vocabulary } from './vocabulary.ts';

type Draft = Record<string, unknown>;
type FormProps = { condition: Draft; onChange: (condition: Draft) => void; vocabulary: Vocabulary };

const without = (condition: Draft, ...keys: string[]): Draft =>
  Object.fromEntries(Object.entries(condition).filter(([key]) => !keys.includes(key)));
const measureTypes: Record<string, string> = {
  count: 'number',
  items: 'number',
  sales: 'money',
  average: 'money',
  discounted_share: 'percent',
  refund_share: 'percent',
};
const orderOperators = ['at_least', 'at_most', 'more_than', 'less_than', 'is'];

/** What can be added to a condition, and what it then starts with. */
const extras: Record<string, { key: string; start: unknown }[]> = {
  did: [
    { key: 'where', start: [{ property: '', is: '' }] },
    { key: 'shops', start: [] },
  ],
  orders: [
    { key: 'products', start: [] },
    { key: 'categories', start: [] },
    { key: 'shops', start: [] },
  ],
  bought: [
    { key: 'but_not', start: [] },
    { key: 'shops', start: [] },
  ],
};

export type RowProps = {
  block: ConditionBlock;
  onChange: (condition: Condition) => void;
  onRemove: () => void;
  onDuplicate: () => void;
  fault: string | null;
  /** How many this condition matches alone; null while unknown. */
  alone: number | null;
  /** Without it nobody would be left out: the one to loosen first. */
  loosen: boolean;
};

export const ConditionRow = ({ block, onChange, onRemove, onDuplicate, fault, alone, loosen }: RowProps) => {
  const t = useTexts();
  const vocabulary = useVocabulary().data;
  const topics = useMemo(() => (vocabulary ? topicsOf(vocabulary, t) : []), [vocabulary, t]);
  if (!vocabulary) return <div className={classes.condition} aria-busy="true" />;
  const condition = block.condition as Draft;
  const topic = topicOf(condition, vocabulary);
  const shown =
    topic !== null && !topics.some(one => one.value === topic)
      ? [...topics, { value: topic, label: topic.slice(topic.indexOf(':') + 1), group: t('segments.web.topic.other') }]
      : topics;
  const name = shown.find(one => one.value === topic)?.label ?? t('segments.web.condition');
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset does not lay out as a grid everywhere
    <div
      className={classes.condition}
      role="group"
      aria-label={name}
      data-fault={fault ? true : undefined}
      data-loosen={loosen || undefined}
    >
      <div className={classes.fields}>
        <Select
          size="sm"
          className={classes.topic}
          aria-label={t('segments.web.about')}
          placeholder={t('segments.web.about')}
          searchable
          allowDeselect={false}
          comboboxProps={{ withinPortal: true }}
          maxDropdownHeight={340}
          nothingFoundMessage={t('segments.web.nothing_found')}
          data={grouped(shown)}
          value={topic}
          data-topic
          onChange={next => next && onChange(startOf(next, vocabulary))}
        />
        {topic !== null && <Fields condition={condition} onChange={next => onChange(next)} vocabulary={vocabulary} />}
      </div>
      <div className={classes.rowEnd}>
        {alone !== null && (
          <Tooltip label={t('segments.web.alone_hint')}>
            <span className={classes.alone} data-zero={alone === 0 || undefined}>
              <NumberText value={alone} />
            </span>
          </Tooltip>
        )}
        <Tooltip label={t('segments.web.duplicate_row')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('segments.web.duplicate_named', { name })}
            onClick={onDuplicate}
          >
            <IconCopy size={16} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('segments.web.remove_row')}>
          <ActionIcon variant="subtle" color="gray" aria-label={t('segments.web.remove_named', { name })} onClick={onRemove}>
            <IconTrash size={17} />
          </ActionIcon>
        </Tooltip>
      </div>
      {fault && (
        <p className={classes.fault} role="alert">
          {fault}
        </p>
      )}
      {loosen && <p className={classes.hint}>{t('segments.web.loosen')}</p>}
    </div>
  );
};

const grouped = (topics: readonly Topic[]) => {
  const groups = new Map<string, { value: string; label: string }[]>();
  for (const { group, ...item } of topics) groups.set(group, [...(groups.get(group) ?? []), item]);
  return [...groups].map(([group, items]) => ({ group, items }));
};

const Fields = ({ condition, onChange, vocabulary }: FormProps) => {
  const kind = kindKeyOf(condition, vocabulary) as string;
  const Form = forms[kind];
  if (!Form) return <code className={classes.code}>{JSON.stringify(condition)}</code>;
  return (
    <>
      <Form condition={condition} onChange={onChange} vocabulary={vocabulary} />
      <Extras kind={kind} condition={condition} onChange={onChange} vocabulary={vocabulary} />
    </>
  );
};

const FactForm = ({ condition, onChange, vocabulary }: FormProps) => {
  const t = useTexts();
  const fact = vocabulary.facts.find(one => one.code === condition.fact);
  if (!fact) return <code className={classes.code}>{JSON.stringify(condition)}</code>;
  return (
    <Comparison
      condition={condition}
      onChange={onChange}
      subject={factSubject(fact, t)}
      operators={operatorsFor(vocabulary, fact.type)}
      vocabulary={vocabulary}
    />
  );
};

const DidForm = ({ condition, onChange, vocabulary }: FormProps) => {
  const t = useTexts();
  const count = condition.count as Record<string, number> | undefined;
  const how = condition.which ? String(condition.which) : (Object.keys(count ?? {})[0] ?? 'once');
  const times = Object.values(count ?? {})[0] ?? 2;
  const choose = (next: string) => {
    const bare = without(condition, 'count', 'which');
    if (next === 'once') onChange(bare);
    else if (next === 'first' || next === 'last')
      onChange({
        ...(bare.within || bare.before || bare.since || bare.between ? bare : { ...bare, within: { days: 30 } }),
        which: next,
      });
    else onChange({ ...bare, count: { [next]: next === 'at_most' ? 1 : times } });
  };
  return (
    <>
      <EventField
        key={String(condition.did)}
        label={t('segments.argument.event')}
        value={String(condition.did)}
        vocabulary={vocabulary}
        onChange={did => onChange({ ...condition, did })}
      />
      <Choose
        label={t('segments.argument.count')}
        width_px={140}
        value={how}
        data={['once', 'at_least', 'at_most', 'exactly', 'first', 'last'].map(one => ({
          value: one,
          label: t(`segments.web.how.${one}`),
        }))}
        onChange={choose}
      />
      {count && (
        <NumberField
          label={t('segments.argument.count')}
          width_px={96}
          min={how === 'at_least' ? 1 : 0}
          suffix={` ${t('segments.web.times')}`}
          value={times}
          onChange={next => onChange({ ...condition, count: { [how]: next === '' ? 1 : next } })}
        />
      )}
      <WindowField
        condition={condition}
        onChange={onChange}
        units={vocabulary.span_units}
        always={condition.which !== undefined}
      />
    </>
  );
};

const OrdersForm = ({ condition, onChange, vocabulary }: FormProps) => {
  const measure = String(condition.orders);
  const type = measureTypes[measure];
  return (
    <>
      {type && (
        <Comparison
          condition={condition}
          onChange={onChange}
          subject={{ type, choices: null, choiceLabel: choice => choice }}
          operators={operatorsFor(vocabulary, type).filter(one => orderOperators.includes(one.code))}
          vocabulary={vocabulary}
        />
      )}
      <WindowField condition={condition} onChange={onChange} units={vocabulary.span_units} always={!type} />
    </>
  );
};

const BoughtForm = ({ condition, onChange, vocabulary }: FormProps) => {
  const t = useTexts();
  const bought = condition.bought as { any?: string[]; all?: string[] };
  const way = bought.all ? 'all' : 'any';
  const by = (condition.by as string) ?? 'product';
  const suggestions = by === 'category' ? vocabulary.categories : vocabulary.products.map(product => product.sku);
  return (
    <>
      <Choose
        label={t('segments.web.way')}
        width_px={92}
        value={way}
        data={['any', 'all'].map(one => ({ value: one, label: t(`segments.web.way.${one}`) }))}
        onChange={next => onChange({ ...condition, bought: { [next]: bought[way] ?? [] } })}
      />
      <Choose
        label={t('segments.argument.by')}
        width_px={126}
        value={by}
        data={['product', 'category'].map(one => ({ value: one, label: t(`segments.web.by.${one}`) }))}
        onChange={next => onChange(next === 'category' ? { ...condition, by: 'category' } : without(condition, 'by'))}
      />
      <Words
        label={t(by === 'category' ? 'segments.argument.categories' : 'segments.argument.bought')}
        suggestions={suggestions}
        value={bought[way] ?? []}
        onChange={list => onChange({ ...condition, bought: { [way]: list } })}
      />
      <WindowField condition={condition} onChange={onChange} units={vocabulary.span_units} />
    </>
  );
};

const TagForm = ({ condition, onChange, vocabulary }: FormProps) => {
  const t = useTexts();
  return (
    <Words
      label={t('segments.argument.tag')}
      suggestions={vocabulary.tags}
      value={condition.tag as string[]}
      onChange={tag => onChange({ tag })}
    />
  );
};
const IdentifierForm = ({ condition, onChange }: FormProps) => {
  const t = useTexts();
  return (
    <Words
      label={t('segments.argument.identifier')}
      suggestions={['email', 'phone', 'user_id', 'shop_customer_id', 'anonymous_id', 'push_endpoint']}
      value={condition.identifier as string[]}
      onChange={identifier => onChange({ identifier })}
    />
  );
};
const ConsentForm = ({ condition, onChange }: FormProps) => {
  const t = useTexts();
  return (
    <>
      <Choose
        label={t('segments.argument.channel')}
        value={condition.consent as string}
        data={['email', 'sms'].map(one => ({ value: one, label: t(`segments.channel.${one}`) }))}
        onChange={consent => onChange({ ...condition, consent })}
      />
      <Choose
        label={t('segments.argument.state')}
        width_px={170}
        value={(condition.state as string) ?? 'subscribed'}
        data={['subscribed', 'unsubscribed', 'suppressed'].map(one => ({ value: one, label: t(`segments.web.state.${one}`) }))}
        onChange={state => onChange(state === 'subscribed' ? without(condition, 'state') : { ...condition, state })}
      />
    </>
  );
};
const InSegmentForm = ({ condition, onChange, vocabulary }: FormProps) => {
  const t = useTexts();
  return (
    <Choose
      label={t('segments.argument.segment')}
      placeholder={t('segments.argument.segment')}
      width_px={260}
      value={(condition.in_segment as string) || null}
      data={vocabulary.segments.map(one => ({ value: one.id, label: one.name }))}
      onChange={in_segment => onChange({ in_segment })}
    />
  );
};
const ShareForm = ({ condition, onChange }: FormProps) => {
  const t = useTexts();
  const share = condition.share as { percent: number; salt: string };
  return (
    <>
      <NumberField
        label={t('segments.argument.percent')}
        decimals={2}
        min={0.01}
        max={100}
        suffix=" %"
        value={share.percent}
        onChange={percent => onChange({ share: { ...share, percent: percent === '' ? 10 : percent } })}
      />
      <Words
        label={t('segments.argument.salt')}
        suggestions={[]}
        value={[share.salt]}
        onChange={list => onChange({ share: { ...share, salt: list.at(-1) ?? 'regulars' } })}
      />
    </>
  );
};

const forms: Record<string, (props: FormProps) => React.ReactNode> = {
  fact: FactForm,
  did: DidForm,
  orders: OrdersForm,
  bought: BoughtForm,
  tag: TagForm,
  identifier: IdentifierForm,
  consent: ConsentForm,
  in_segment: InSegmentForm,
  share: ShareForm,
};

/** What was added, and a small menu of what could be. */
const Extras = ({ kind, condition, onChange, vocabulary }: FormProps & { kind: string }) => {
  const t = useTexts();
  const offered = (extras[kind] ?? []).filter(one => one.key !== 'shops' || vocabulary.shops.length > 1);
  const open = offered.filter(one => !(one.key in condition) && !(one.key === 'where' && !condition.did));
  const listField = (key: 'products' | 'categories' | 'but_not', suggestions: readonly string[]) =>
    key in condition && (
      <span className={classes.extra}>
        <span className={classes.word}>{t(`segments.web.extra.${key}`)}</span>
        <Words
          label={t(`segments.argument.${key}`)}
          suggestions={suggestions}
          value={condition[key] as string[]}
          onChange={list => onChange(list.length === 0 ? without(condition, key) : { ...condition, [key]: list })}
        />
      </span>
    );
  const skus = vocabulary.products.map(product => product.sku);
  return (
    <>
      {'where' in condition && (
        <PropertyFilters
          event={String(condition.did)}
          value={condition.where as Draft[]}
          vocabulary={vocabulary}
          onChange={list => onChange(list.length === 0 ? without(condition, 'where') : { ...condition, where: list })}
        />
      )}
      {listField('products', skus)}
      {listField('categories', vocabulary.categories)}
      {listField('but_not', condition.by === 'category' ? vocabulary.categories : skus)}
      {'shops' in condition && (
        <span className={classes.extra}>
          <span className={classes.word}>{t('segments.web.extra.shops')}</span>
          <Choose
            label={t('segments.argument.shops')}
            width_px={180}
            value={(condition.shops as string[])[0] ?? null}
            data={vocabulary.shops.map(one => ({ value: one.id, label: one.name }))}
            onChange={id => onChange({ ...condition, shops: [id] })}
          />
        </span>
      )}
      {open.length > 0 && (
        <Menu position="bottom-start">
          <Menu.Target>
            <button type="button" className={classes.addExtra}>
              {t('segments.web.add_extra')}
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            {open.map(one => (
              <Menu.Item key={one.key} onClick={() => onChange({ ...condition, [one.key]: one.start })}>
                {t(`segments.web.extra.${one.key}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
};
