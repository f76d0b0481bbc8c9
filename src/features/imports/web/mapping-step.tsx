import { Button, Collapse, Group, NativeSelect, NumberInput, Select, Switch, Text, TextInput } from '@mantine/core';
import { IconArrowRight, IconChevronDown } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { Name, notifyError, Panel, PercentText, Rows, type Say, useMutationOf, useTexts } from '../../../ui/index.ts';
import type { ImportAnswer, KindAnswer, ReasonAnswer } from '../contract.ts';
import classes from './imports.module.css';
import { KeepMapping } from './keep-mapping.tsx';
import { useKinds } from './kinds.ts';
import { Notice } from './notice.tsx';
import { ShopField } from './shop-field.tsx';
import { useEdit } from './use-edit.ts';

type Props = { one: ImportAnswer; onCounting: () => void };
type Edit = ReturnType<typeof useEdit>['edit'];

/** What we found in the file, and what its columns mean. */
export const MappingStep = ({ one, onCounting }: Props) => {
  const t = useTexts();
  const kinds = useKinds();
  const { edit, isSaving } = useEdit(one);
  const kind = kinds.find(one.kind);
  const count = useMutationOf('POST /api/imports/:id/dry-run', {
    invalidates: ['/api/imports'],
    onSuccess: onCounting,
    onError: error => notifyError(error),
  });
  if (!kind) return null;
  return (
    <Rows>
      {one.error && (
        <Notice tone="bad" role="alert">
          {one.error.detail}
        </Notice>
      )}
      {one.same_as && (
        <Notice tone="info" role="status">
          {t('imports.same_as')}
        </Notice>
      )}
      {one.saved_mapping ? (
        <Notice tone="info" role="status">
          {t('imports.mapping.taken', { name: one.saved_mapping.name })}
        </Notice>
      ) : (
        one.recognised && (
          <Notice tone="info" role="status">
            {t('imports.recognised', { kind: t(kind.label) })}
          </Notice>
        )
      )}
      <Panel title={t('imports.found.title')} description={t('imports.found.about')}>
        <div className={classes.grid}>
          <NativeSelect
            label={t('imports.kind')}
            description={t(kind.about)}
            value={one.kind}
            onChange={event => void edit({ kind: event.currentTarget.value })}
            data={kinds.choices}
          />
          <ShopField one={one} onChoose={shopId => void edit({ shop_id: shopId })} />
          {kind.money && !one.mapping.some(column => column.field === 'currency') && (
            <CurrencyField one={one} edit={edit} currencies={kinds.query.data?.currencies ?? []} />
          )}
          {usesTimes(kind, one) && <DateOrderField one={one} edit={edit} />}
          <OptionFields one={one} kind={kind} edit={edit} />
        </div>
        <Reading one={one} edit={edit} />
      </Panel>
      <Columns one={one} kind={kind} edit={edit} />
      <FirstRows one={one} />
      <KeepMapping key={one.saved_mapping?.id ?? ''} one={one} onUse={mappingId => void edit({ mapping_id: mappingId })} />
      <Problems
        one={one}
        fieldLabel={field => kinds.fieldLabel(one.kind, field)}
        openOption={problem => kind.options.find(option => option.code === problem.values?.option && !option.whenField)}
      />
      <div className={classes.foot}>
        <Text size="sm" c="dimmed" role="status">
          {isSaving ? t('imports.saving') : t('imports.nothing_written')}
        </Text>
        <Button
          size="md"
          rightSection={<IconArrowRight size={18} />}
          loading={count.isPending}
          disabled={isSaving || one.problems.length > 0}
          onClick={() => count.mutate({ params: { id: one.id } })}
        >
          {t('imports.count.start')}
        </Button>
      </div>
    </Rows>
  );
};

const usesTimes = (kind: KindAnswer, one: ImportAnswer): boolean =>
  one.mapping.some(column => kind.fields.find(field => field.code === column.field)?.type === 'time');

const common = ['EUR', 'GBP', 'USD', 'CHF', 'SEK', 'NOK', 'DKK', 'PLN', 'CZK', 'CAD', 'AUD'];

const CurrencyField = ({ one, edit, currencies }: { one: ImportAnswer; edit: Edit; currencies: readonly string[] }) => {
  const t = useTexts();
  const missing = one.problems.some(problem => problem.code === 'currency_missing');
  const ordered = [...common, ...currencies.filter(code => !common.includes(code))];
  return (
    <Select
      label={t('imports.currency')}
      description={t('imports.currency.hint')}
      placeholder={t('imports.currency.choose')}
      searchable
      selectFirstOptionOnChange
      required
      data={ordered}
      value={one.settings.currency}
      error={missing ? t('imports.problem.currency_missing') : undefined}
      onChange={value => value && void edit({ settings: { currency: value } })}
    />
  );
};

const DateOrderField = ({ one, edit }: { one: ImportAnswer; edit: Edit }) => {
  const t = useTexts();
  const open = one.settings.date_order === null;
  return (
    <NativeSelect
      label={t('imports.dates')}
      description={t(one.dates_mixed ? 'imports.dates.mixed' : 'imports.dates.hint')}
      value={one.settings.date_order ?? ''}
      error={open ? t('imports.dates.choose') : undefined}
      onChange={event =>
        event.currentTarget.value !== '' && void edit({ settings: { date_order: event.currentTarget.value as 'ymd' } })
      }
      data={[
        ...(open ? [{ value: '', label: t('imports.dates.unknown') }] : []),
        ...(['ymd', 'dmy', 'mdy', 'epoch'] as const).map(value => ({ value, label: t(`imports.dates.${value}`) })),
      ]}
    />
  );
};

const OptionFields = ({ one, kind, edit }: { one: ImportAnswer; kind: KindAnswer; edit: Edit }) => {
  const t = useTexts();
  const mapped = new Set(one.mapping.map(column => column.field));
  const shown = kind.options.filter(option => !option.whenField || mapped.has(option.whenField));
  return shown.map(option => {
    const value = one.options[option.code] ?? option.default;
    const set = (next: string | boolean) => void edit({ options: { [option.code]: next } });
    const about = { label: t(option.label), description: option.hint ? t(option.hint) : undefined };
    if (option.type === 'yes_no')
      return (
        <Switch
          key={option.code}
          {...about}
          className={classes.switch}
          checked={value === true}
          onChange={event => set(event.currentTarget.checked)}
        />
      );
    if (option.type === 'text') return <SavedText key={option.code} {...about} value={String(value ?? '')} onSave={set} />;
    return (
      <NativeSelect
        key={option.code}
        {...about}
        value={String(value ?? '')}
        error={value === null ? t('imports.option.choose') : undefined}
        onChange={event => event.currentTarget.value !== '' && set(event.currentTarget.value)}
        data={[
          ...(value === null ? [{ value: '', label: t('imports.option.unanswered') }] : []),
          ...(option.choices ?? []).map(choice => ({ value: choice.value, label: t(choice.label) })),
        ]}
      />
    );
  });
};

/** Text that is saved when one leaves the field or presses Enter. */
const SavedText = ({
  value,
  onSave,
  ...about
}: {
  value: string;
  onSave: (value: string) => void;
  label: string;
  description?: string;
  error?: string;
  placeholder?: string;
}) => {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const save = () => typed !== value && onSave(typed);
  return (
    <TextInput
      {...about}
      value={typed}
      maxLength={80}
      onChange={event => setTyped(event.currentTarget.value)}
      onBlur={save}
      onKeyDown={event => event.key === 'Enter' && save()}
    />
  );
};

/** How the file is read: found by itself, open to change. */
const Reading = ({ one, edit }: { one: ImportAnswer; edit: Edit }) => {
  const t = useTexts();
  const kinds = useKinds();
  const { settings, sure } = one;
  const [open, setOpen] = useState(!sure.delimiter || one.columns.length < 2);
  const set = (change: Partial<ImportAnswer['settings']>) => void edit({ settings: change });
  const unsure = (name: string) => (sure[name] ? undefined : t('imports.unsure'));
  return (
    <>
      <Group gap="xs" mt="md" justify="space-between">
        <Text size="sm">{readingSentence(t, one)}</Text>
        <Button
          variant="subtle"
          size="compact-md"
          aria-expanded={open}
          rightSection={<IconChevronDown size={16} className={classes.chevron} data-open={open || undefined} aria-hidden />}
          onClick={() => setOpen(!open)}
        >
          {t('imports.reading.change')}
        </Button>
      </Group>
      <Collapse expanded={open}>
        <div className={classes.grid}>
          <NativeSelect
            label={t('imports.reading.delimiter')}
            description={unsure('delimiter')}
            value={settings.delimiter}
            onChange={event => set({ delimiter: event.currentTarget.value })}
            data={[',', ';', '\t', '|'].map(value => ({
              value,
              label: t(`imports.delimiter.${value === '\t' ? 'tab' : value}`),
            }))}
          />
          <NativeSelect
            label={t('imports.reading.encoding')}
            value={settings.encoding}
            onChange={event => set({ encoding: event.currentTarget.value })}
            data={(kinds.query.data?.encodings ?? [settings.encoding]).map(value => ({ value, label: value.toUpperCase() }))}
          />
          <NativeSelect
            label={t('imports.reading.decimal')}
            description={unsure('decimal')}
            value={settings.decimal}
            onChange={event => set({ decimal: event.currentTarget.value as '.' })}
            data={[
              { value: '.', label: t('imports.decimal.point') },
              { value: ',', label: t('imports.decimal.comma') },
            ]}
          />
          <Select
            label={t('imports.reading.zone')}
            description={t('imports.reading.zone.hint')}
            searchable
            selectFirstOptionOnChange
            allowDeselect={false}
            data={[...(kinds.query.data?.zones ?? [settings.zone])]}
            value={settings.zone}
            onChange={value => value && set({ zone: value })}
          />
          <NumberInput
            label={t('imports.reading.skip')}
            description={t('imports.reading.skip.hint')}
            value={settings.skip_rows}
            min={0}
            max={100}
            allowDecimal={false}
            clampBehavior="strict"
            onChange={value => typeof value === 'number' && value !== settings.skip_rows && set({ skip_rows: value })}
          />
          <Switch
            className={classes.switch}
            label={t('imports.reading.header')}
            description={unsure('header')}
            checked={settings.header}
            onChange={event => set({ header: event.currentTarget.checked })}
          />
        </div>
      </Collapse>
    </>
  );
};

const readingSentence = (t: Say, one: ImportAnswer): string =>
  t('imports.reading.sentence', {
    packed: one.settings.compression === 'gzip' ? t('imports.reading.gzip') : '',
    encoding: one.settings.encoding.toUpperCase(),
    delimiter: t(`imports.delimiter.${one.settings.delimiter === '\t' ? 'tab' : one.settings.delimiter}`),
    header: t(one.settings.header ? 'imports.reading.with_header' : 'imports.reading.without_header'),
    zone: one.settings.zone,
  });

/** One line per column: its name, how it looks, what it means. */
const Columns = ({ one, kind, edit }: { one: ImportAnswer; kind: KindAnswer; edit: Edit }) => {
  const t = useTexts();
  const byColumn = new Map(one.mapping.map(mapped => [mapped.column, mapped]));
  const taken = new Set(one.mapping.map(mapped => mapped.field));
  const set = (column: number, field: string, name?: string) => {
    const others = one.mapping.filter(
      mapped => mapped.column !== column && (mapped.field !== field || kind.fields.find(known => known.code === field)?.many),
    );
    void edit({ mapping: field === '' ? others : [...others, { column, field, ...(name ? { name } : {}) }] });
  };
  const needed = (field: KindAnswer['fields'][number]) => (field.required ? ` *` : '');
  return (
    <Panel title={t('imports.columns.title')} description={t('imports.columns.about')} flush>
      <div className={classes.columns}>
        <div className={classes.columnsHead} aria-hidden="true">
          <span>{t('imports.columns.in_file')}</span>
          <span>{t('imports.columns.samples')}</span>
          <span>{t('imports.columns.means')}</span>
        </div>
        <ul className={classes.list} aria-label={t('imports.columns.title')}>
          {one.columns.map(column => {
            const mapped = byColumn.get(column.index);
            return (
              <li key={column.index} className={classes.column} data-used={mapped ? true : undefined}>
                <div className={classes.columnName}>
                  <Name>{column.name}</Name>
                  {column.filled < 0.995 && (
                    <Text size="xs" c="dimmed">
                      <PercentText share={column.filled} /> {t('imports.columns.filled')}
                    </Text>
                  )}
                </div>
                <div className={classes.samples}>
                  {column.samples.slice(0, 3).map(sample => (
                    <bdi key={sample} className={classes.sample}>
                      {sample}
                    </bdi>
                  ))}
                </div>
                <div className={classes.meaning}>
                  <NativeSelect
                    aria-label={t('imports.columns.means_of', { column: column.name })}
                    value={mapped?.field ?? ''}
                    onChange={event =>
                      set(
                        column.index,
                        event.currentTarget.value,
                        isNamed(kind, event.currentTarget.value) ? column.name.toLowerCase() : undefined,
                      )
                    }
                    data={[
                      { value: '', label: t('imports.columns.not_imported') },
                      ...kind.fields.map(field => ({
                        value: field.code,
                        label: `${t(field.label)}${needed(field)}${taken.has(field.code) && !field.many && mapped?.field !== field.code ? ` (${t('imports.columns.moves')})` : ''}`,
                      })),
                    ]}
                  />
                  {mapped && isNamed(kind, mapped.field) && (
                    <SavedText
                      label={t(mapped.field === 'attribute' ? 'imports.columns.attribute_name' : 'imports.columns.property_name')}
                      value={mapped.name ?? ''}
                      onSave={name => set(column.index, mapped.field, String(name))}
                    />
                  )}
                </div>
              </li>
            );
          })}
        </ul>
      </div>
    </Panel>
  );
};

/** Attributes and properties carry a name of their own. */
const isNamed = (kind: KindAnswer, field: string): boolean => kind.fields.find(known => known.code === field)?.type === 'custom';

const FirstRows = ({ one }: { one: ImportAnswer }) => {
  const t = useTexts();
  if (one.rows.length === 0) return null;
  return (
    <Panel title={t('imports.rows.title')} flush>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section className={classes.scroll} tabIndex={0} aria-label={t('imports.rows.title')}>
        <table className={classes.table}>
          <thead>
            <tr>
              {one.columns.map(column => (
                <th key={column.index} scope="col">
                  <bdi>{column.name}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {one.rows.slice(0, 8).map((row, index) => (
              <tr key={index}>
                {one.columns.map(column => (
                  <td key={column.index}>
                    <bdi>{row[column.index] ?? ''}</bdi>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Panel>
  );
};

type ProblemWords = {
  fieldLabel: (field: string | undefined) => string;
  /** The option a problem is about, where no field of the file brings it up. */
  openOption: (problem: ReasonAnswer) => KindAnswer['options'][number] | undefined;
};

/** A problem as a sentence in the words of the form. */
const sentence = (t: Say, problem: ReasonAnswer, { fieldLabel, openOption }: ProblemWords): string => {
  const option = problem.code === 'option_unanswered' ? openOption(problem) : undefined;
  if (option) return t('imports.problem.option_open', { option: t(option.label) });
  const key = problem.code === 'one_of_missing' ? `one_of_missing.${problem.values?.group}` : problem.code;
  return t(`imports.problem.${key}`, { ...problem.values, field: fieldLabel(problem.field) });
};

const Problems = ({ one, ...words }: { one: ImportAnswer } & ProblemWords) => {
  const t = useTexts();
  return (
    <div aria-live="polite">
      {one.problems.length > 0 && (
        <Notice tone="warn" title={t('imports.problems', { count: one.problems.length })}>
          <ul className={classes.problems}>
            {one.problems.map(problem => (
              <li key={`${problem.code} ${problem.field}`}>{sentence(t, problem, words)}</li>
            ))}
          </ul>
        </Notice>
      )}
    </div>
  );
};
