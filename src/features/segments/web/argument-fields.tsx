/** The fields of a condition, one per type of argument. Each gets a value and tells the new one; labels are for screen readers where the row explains itself. */
import {
  ActionIcon,
  Autocomplete,
  MultiSelect,
  NumberInput,
  SegmentedControl,
  Select,
  TagsInput,
  TextInput,
} from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTexts } from '../../../ui/index.ts';
import classes from './segments.module.css';
import type { Fact, Operator, Vocabulary } from './vocabulary.ts';
import { factLabel, operatorsFor } from './vocabulary.ts';

type FieldProps<T> = { value: T; onChange: (value: T) => void; label: string };

const comboboxProps = { withinPortal: true } as const;

export const NumberField = ({
  value,
  onChange,
  label,
  suffix,
  min,
  max,
  decimals = 0,
  width_px = 110,
}: FieldProps<number | ''> & { suffix?: string; min?: number; max?: number; decimals?: number; width_px?: number }) => (
  <NumberInput
    size="sm"
    w={width_px}
    aria-label={label}
    value={value}
    min={min}
    max={max}
    suffix={suffix}
    decimalScale={decimals}
    thousandSeparator=","
    onChange={next => onChange(typeof next === 'number' ? next : '')}
  />
);

const digitsOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
const symbolOf = (currency: string): string =>
  new Intl.NumberFormat(undefined, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
    .formatToParts(0)
    .find(part => part.type === 'currency')?.value ?? currency;

/** Money is typed in whole units and kept in minor ones. */
export const MoneyField = ({
  value,
  onChange,
  label,
  currency,
}: FieldProps<{ amount_minor: number } | ''> & { currency: string }) => {
  const scale = 10 ** digitsOf(currency);
  return (
    <NumberInput
      size="sm"
      w={140}
      aria-label={label}
      value={value === '' ? '' : value.amount_minor / scale}
      prefix={`${symbolOf(currency)} `}
      thousandSeparator=","
      decimalScale={digitsOf(currency)}
      onChange={next => onChange(typeof next === 'number' ? { amount_minor: Math.round(next * scale) } : '')}
    />
  );
};

export const DayField = ({ value, onChange, label }: FieldProps<string>) => (
  <TextInput
    size="sm"
    w={150}
    type="date"
    aria-label={label}
    value={value}
    min="1900-01-01"
    max="2199-12-31"
    onChange={event => onChange(event.currentTarget.value)}
  />
);

type Span = Record<string, number>;
export const SpanField = ({ value, onChange, label, units }: FieldProps<Span> & { units: readonly string[] }) => {
  const t = useTexts();
  const [unit, count] = Object.entries(value)[0] ?? ['days', 30];
  return (
    <span className={classes.joined}>
      <NumberField
        label={label}
        value={count}
        min={1}
        max={36_500}
        width_px={84}
        onChange={next => onChange({ [unit]: next === '' ? 1 : next })}
      />
      <Select
        size="sm"
        w={104}
        aria-label={t('segments.web.unit')}
        allowDeselect={false}
        comboboxProps={comboboxProps}
        data={units.map(one => ({ value: one, label: t(`segments.web.unit.${one}`) }))}
        value={unit}
        onChange={next => next && onChange({ [next]: count })}
      />
    </span>
  );
};

export const Choose = ({
  value,
  onChange,
  label,
  data,
  width_px = 150,
  placeholder,
}: { value: string | null; onChange: (value: string) => void; label: string } & {
  data: readonly { value: string; label: string }[];
  width_px?: number;
  placeholder?: string;
}) => (
  <Select
    size="sm"
    w={width_px}
    aria-label={label}
    placeholder={placeholder}
    allowDeselect={false}
    searchable={data.length > 8}
    comboboxProps={comboboxProps}
    data={[...data]}
    value={value}
    onChange={next => next && onChange(next)}
  />
);

export const Words = ({
  value,
  onChange,
  label,
  suggestions,
  placeholder,
}: FieldProps<string[]> & { suggestions: readonly string[]; placeholder?: string }) => (
  <TagsInput
    size="sm"
    className={classes.grow}
    aria-label={label}
    placeholder={value.length === 0 ? (placeholder ?? label) : undefined}
    data={[...suggestions]}
    limit={20}
    value={value}
    onChange={onChange}
    comboboxProps={comboboxProps}
    splitChars={[',', ';']}
  />
);

// ---- when -------------------------------------------------------------------------------------------------------

const windowKeys = ['within', 'before', 'since', 'between'] as const;
type Windowed = Record<string, unknown>;
type WindowKind = 'ever' | 'within' | 'longer_ago' | 'since' | 'before' | 'between';

const windowKindOf = (condition: Windowed): WindowKind => {
  if (typeof condition.before === 'object' && condition.before) return 'longer_ago';
  return windowKeys.find(key => condition[key] !== undefined) ?? 'ever';
};
const todayText = (): string => new Date().toISOString().slice(0, 10);

/** In the last ..., longer ago, since, before, between; or ever. */
export const WindowField = ({
  condition,
  onChange,
  units,
  always,
}: {
  condition: Windowed;
  onChange: (condition: Windowed) => void;
  units: readonly string[] /** Some condition needs one. */;
  always?: boolean;
}) => {
  const t = useTexts();
  const kind = windowKindOf(condition);
  const label = t('segments.argument.window');
  const bare = Object.fromEntries(Object.entries(condition).filter(([key]) => !windowKeys.includes(key as 'within')));
  const start: Record<WindowKind, Windowed> = {
    ever: {},
    within: { within: { days: 90 } },
    longer_ago: { before: { days: 90 } },
    since: { since: todayText() },
    before: { before: todayText() },
    between: { between: [todayText(), todayText()] },
  };
  const kinds: WindowKind[] = ['ever', 'within', 'longer_ago', 'since', 'before', 'between'];
  return (
    <>
      <Choose
        label={label}
        width_px={150}
        value={kind}
        data={kinds.filter(one => one !== 'ever' || !always).map(one => ({ value: one, label: t(`segments.web.window.${one}`) }))}
        onChange={next => onChange({ ...bare, ...start[next as WindowKind] })}
      />
      {kind === 'within' && (
        <SpanField
          label={label}
          units={units}
          value={condition.within as Span}
          onChange={within => onChange({ ...bare, within })}
        />
      )}
      {kind === 'longer_ago' && (
        <SpanField
          label={label}
          units={units}
          value={condition.before as Span}
          onChange={before => onChange({ ...bare, before })}
        />
      )}
      {kind === 'since' && (
        <DayField label={label} value={condition.since as string} onChange={since => onChange({ ...bare, since })} />
      )}
      {kind === 'before' && (
        <DayField label={label} value={condition.before as string} onChange={before => onChange({ ...bare, before })} />
      )}
      {kind === 'between' && (
        <DayPair value={condition.between as [string, string]} onChange={between => onChange({ ...bare, between })} />
      )}
    </>
  );
};

const DayPair = ({ value, onChange }: { value: [string, string]; onChange: (value: [string, string]) => void }) => {
  const t = useTexts();
  return (
    <>
      <DayField label={t('segments.web.first_day')} value={value[0]} onChange={day => onChange([day, value[1]])} />
      <DayField label={t('segments.web.last_day')} value={value[1]} onChange={day => onChange([value[0], day])} />
    </>
  );
};

// ---- how it compares --------------------------------------------------------------------------------------------

type Subject = { type: string; choices: string[] | null; choiceLabel: (choice: string) => string };

const startValue = (operator: Operator, subject: Subject, before: unknown): unknown => {
  const sameList = Array.isArray(before) && operator.form === 'many';
  if (sameList) return before;
  switch (operator.form) {
    case 'many':
      return typeof before === 'string' && before !== '' ? [before] : [];
    case 'span':
      return { days: 30 };
    case 'days_count':
      return { days: 7 };
    case 'stretch':
      return { next: 7 };
    case 'yes':
      return true;
    case 'two':
      return subject.type === 'date'
        ? [todayText(), todayText()]
        : subject.type === 'money'
          ? [{ amount_minor: 0 }, { amount_minor: 10_000 }]
          : [0, 10];
    default:
      if (subject.type === 'date') return typeof before === 'string' ? before : todayText();
      if (subject.type === 'boolean') return true;
      if (subject.type === 'money')
        return typeof before === 'object' && before && 'amount_minor' in before ? before : { amount_minor: 10_000 };
      if (subject.type === 'choice') return typeof before === 'string' ? before : (subject.choices?.[0] ?? '');
      if (subject.type === 'text') return Array.isArray(before) ? (before[0] ?? '') : typeof before === 'string' ? before : '';
      return typeof before === 'number' ? before : 1;
  }
};

type ComparisonProps = {
  condition: Windowed;
  onChange: (condition: Windowed) => void;
  subject: Subject;
  operators: readonly Operator[];
  vocabulary: Vocabulary;
  suggestions?: readonly string[];
};

/** Operator and value of { at_least: 3 } inside a condition. */
export const Comparison = ({ condition, onChange, subject, operators, vocabulary, suggestions = [] }: ComparisonProps) => {
  const t = useTexts();
  const operator = operators.find(one => one.code in condition) ?? (operators[0] as Operator);
  const value = condition[operator.code];
  const bare = Object.fromEntries(Object.entries(condition).filter(([key]) => !operators.some(one => one.code === key)));
  const set = (next: unknown) => onChange({ ...bare, [operator.code]: next });
  return (
    <>
      {subject.type !== 'boolean' && (
        <Choose
          label={t('segments.argument.operator')}
          width_px={148}
          value={operator.code}
          data={operators.map(one => ({ value: one.code, label: t(one.label) }))}
          onChange={code => {
            const next = operators.find(one => one.code === code) as Operator;
            onChange({ ...bare, [code]: startValue(next, subject, value) });
          }}
        />
      )}
      <ComparisonValue
        operator={operator}
        subject={subject}
        value={value}
        onChange={set}
        vocabulary={vocabulary}
        suggestions={suggestions}
      />
    </>
  );
};

const suffixOf = (type: string): string | undefined => (type === 'percent' ? ' %' : undefined);

const ComparisonValue = ({
  operator,
  subject,
  value,
  onChange,
  vocabulary,
  suggestions,
}: {
  operator: Operator;
  subject: Subject;
  value: unknown;
  onChange: (value: unknown) => void;
  vocabulary: Vocabulary;
  suggestions: readonly string[];
}) => {
  const t = useTexts();
  const label = t('segments.web.value');
  const choices = subject.choices?.map(choice => ({ value: choice, label: subject.choiceLabel(choice) }));
  const one = (at: unknown, tell: (next: unknown) => void, name = label) => {
    if (subject.type === 'money')
      return (
        <MoneyField label={name} currency={vocabulary.currency} value={(at as { amount_minor: number }) ?? ''} onChange={tell} />
      );
    if (subject.type === 'date') return <DayField label={name} value={String(at)} onChange={tell} />;
    if (subject.type === 'choice' && choices) return <Choose label={name} value={at as string} data={choices} onChange={tell} />;
    if (subject.type === 'text')
      return (
        <Autocomplete
          size="sm"
          w={190}
          aria-label={name}
          placeholder={name}
          value={String(at ?? '')}
          data={[...suggestions]}
          onChange={tell}
          comboboxProps={comboboxProps}
        />
      );
    return <NumberField label={name} decimals={4} suffix={suffixOf(subject.type)} value={(at as number) ?? ''} onChange={tell} />;
  };
  if (subject.type === 'boolean' || operator.form === 'yes') {
    return (
      <SegmentedControl
        size="sm"
        aria-label={label}
        value={value === false ? 'no' : 'yes'}
        data={[
          { value: 'yes', label: t('segments.web.yes') },
          { value: 'no', label: t('segments.web.no') },
        ]}
        onChange={next => onChange(next === 'yes')}
      />
    );
  }
  switch (operator.form) {
    case 'many':
      if (choices)
        return (
          <MultiSelect
            size="sm"
            className={classes.grow}
            aria-label={label}
            data={choices}
            value={(value as string[]) ?? []}
            onChange={onChange}
            comboboxProps={comboboxProps}
            placeholder={(value as string[])?.length ? undefined : label}
          />
        );
      return <Words label={label} suggestions={suggestions} value={(value as string[]) ?? []} onChange={onChange} />;
    case 'two': {
      const [low, high] = value as [unknown, unknown];
      return (
        <>
          {one(low, next => onChange([next, high]), t('segments.web.from'))}
          {one(high, next => onChange([low, next]), t('segments.web.to'))}
        </>
      );
    }
    case 'span':
      return (
        <SpanField
          label={label}
          units={vocabulary.span_units.filter(unit => unit !== 'hours')}
          value={value as Span}
          onChange={onChange}
        />
      );
    case 'days_count':
      return <SpanField label={label} units={['days']} value={value as Span} onChange={onChange} />;
    case 'stretch': {
      const [way, count] = Object.entries(value as Span)[0] as [string, number];
      return (
        <>
          <Choose
            label={t('segments.argument.window')}
            width_px={140}
            value={way}
            data={['next', 'last'].map(one => ({ value: one, label: t(`segments.web.stretch.${one}`) }))}
            onChange={next => onChange({ [next]: count })}
          />
          <NumberField
            label={label}
            value={count}
            min={0}
            max={365}
            suffix={` ${t('segments.web.unit.days')}`}
            onChange={next => onChange({ [way]: next === '' ? 0 : next })}
          />
        </>
      );
    }
    default:
      return one(value, onChange);
  }
};

// ---- an event's details -----------------------------------------------------------------------------------------

type Filter = Record<string, unknown>;

/** Filters on the properties of an event: as the dictionary knows them, or typed in. */
export const PropertyFilters = ({
  event,
  value,
  onChange,
  vocabulary,
}: {
  event: string;
  value: Filter[];
  onChange: (value: Filter[]) => void;
  vocabulary: Vocabulary;
}) => {
  const t = useTexts();
  const known = vocabulary.events.find(one => one.name === event)?.properties ?? [];
  const set = (i: number, filter: Filter | null) =>
    onChange(value.flatMap((one, at) => (at === i ? (filter ? [filter] : []) : [one])));
  return (
    <>
      {value.map((filter, i) => (
        <div key={i} className={classes.filter}>
          <span className={classes.word}>{t(i === 0 ? 'segments.web.where' : 'segments.sentence.and')}</span>
          <Autocomplete
            size="sm"
            w={150}
            aria-label={t('segments.web.property')}
            placeholder={t('segments.web.property')}
            value={String(filter.property)}
            data={known.map(one => one.name)}
            onChange={property =>
              set(i, {
                ...(known.find(one => one.name === property)?.type === 'number' ? { at_least: 1 } : { is: '' }),
                property,
              })
            }
            comboboxProps={comboboxProps}
          />
          <Comparison
            condition={filter}
            onChange={next => set(i, next)}
            subject={{
              type: typeOf(filter, known.find(one => one.name === filter.property)?.type),
              choices: null,
              choiceLabel: choice => choice,
            }}
            operators={operatorsFor(vocabulary, typeOf(filter, known.find(one => one.name === filter.property)?.type))}
            vocabulary={vocabulary}
            suggestions={known.find(one => one.name === filter.property)?.samples}
          />
          <ActionIcon variant="subtle" color="gray" aria-label={t('segments.web.remove_filter')} onClick={() => set(i, null)}>
            <IconX size={16} />
          </ActionIcon>
        </div>
      ))}
    </>
  );
};

const typeOf = (filter: Filter, known: string | undefined): string => {
  const value = Object.entries(filter).find(([key]) => key !== 'property')?.[1];
  const sample = Array.isArray(value) ? value[0] : value;
  return known === 'number' || typeof sample === 'number' ? 'number' : 'text';
};

export const EventField = ({ value, onChange, vocabulary, label }: FieldProps<string> & { vocabulary: Vocabulary }) => {
  const [typed, setTyped] = useState(value);
  return (
    <Autocomplete
      size="sm"
      w={200}
      aria-label={label}
      placeholder={label}
      value={typed}
      data={vocabulary.events.map(event => event.name)}
      onChange={next => {
        setTyped(next);
        if (vocabulary.events.some(event => event.name === next)) onChange(next);
      }}
      onBlur={() => typed !== value && onChange(typed)}
      comboboxProps={comboboxProps}
    />
  );
};

export const factSubject = (fact: Fact, text: (key: string) => string): Subject => ({
  type: fact.type,
  choices: fact.choices,
  choiceLabel: choice => (fact.choice_labels ? text(`${fact.choice_labels}${choice}`) : choice),
});
export { factLabel };
