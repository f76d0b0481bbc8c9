/** Filters of a list. Their state is the page's URL (`useUrl`); what is on is seen at a glance and taken off with one press. */
import { Badge, Button, CloseButton, Combobox, Group, Input, TextInput, useCombobox } from '@mantine/core';
import { IconChevronDown, IconSearch } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTexts } from '../texts.ts';
import classes from './filters.module.css';
import { useShortcuts } from './shortcuts.tsx';

type SearchFieldProps = { value: string; onChange: (value: string) => void; label: string; placeholder?: string };
/** Type to filter; "/" puts the cursor here. Tells the page after a short pause in typing. */
export const SearchField = ({ value, onChange, label, placeholder }: SearchFieldProps) => {
  const t = useTexts();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(value);
  const sent = useRef(value);
  const tell = useRef(onChange);
  tell.current = onChange;
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setTyped(value);
    }
  }, [value]);
  useEffect(() => {
    if (typed === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = typed;
      tell.current(typed);
    }, 180);
    return () => clearTimeout(timer);
  }, [typed]);
  useShortcuts([{ keys: '/', title: label, run: () => input.current?.focus() }]);
  return (
    <TextInput
      ref={input}
      type="search"
      aria-label={label}
      placeholder={placeholder ?? label}
      value={typed}
      onChange={event => setTyped(event.currentTarget.value)}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        typed ? <CloseButton size="sm" aria-label={t('ui.filter.clear_search')} onClick={() => setTyped('')} /> : null
      }
      className={classes.search}
    />
  );
};

export type FacetOption = { value: string; label: string; count?: ReactNode };
type FacetProps = {
  label: string;
  options: readonly FacetOption[];
  selected: readonly string[];
  onChange: (selected: string[]) => void;
  single?: boolean;
};
/** One facet: press, tick, see the list change at once. */
export const Facet = ({ label, options, selected, onChange, single }: FacetProps) => {
  const t = useTexts();
  const [search, setSearch] = useState('');
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setSearch('');
    },
  });
  const choose = (value: string) => {
    if (single) {
      onChange(selected.includes(value) ? [] : [value]);
      combobox.closeDropdown();
    } else onChange(selected.includes(value) ? selected.filter(one => one !== value) : [...selected, value]);
  };
  const shown = options.filter(option => option.label.toLowerCase().includes(search.trim().toLowerCase()));
  const only = selected.length === 1 ? options.find(option => option.value === selected[0])?.label : undefined;
  return (
    <Combobox store={combobox} onOptionSubmit={choose} position="bottom-start" width={260} shadow="md" withinPortal>
      <Combobox.Target targetType="button" withAriaAttributes={false}>
        <Button
          variant={selected.length > 0 ? 'light' : 'default'}
          rightSection={<IconChevronDown size={15} aria-hidden />}
          onClick={() => combobox.toggleDropdown()}
          aria-haspopup="listbox"
          aria-expanded={combobox.dropdownOpened}
          className={classes.facet}
        >
          {only ? `${label}: ${only}` : label}
          {selected.length > 1 && (
            <Badge size="sm" ml={6} variant="filled">
              {selected.length}
            </Badge>
          )}
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        {options.length > 7 && (
          <Combobox.Search
            value={search}
            onChange={event => setSearch(event.currentTarget.value)}
            placeholder={t('ui.filter.find')}
            aria-label={t('ui.filter.find')}
          />
        )}
        <Combobox.Options aria-label={label} mah={300} className={classes.options}>
          {shown.map(option => (
            <Combobox.Option
              key={option.value}
              value={option.value}
              active={selected.includes(option.value)}
              aria-selected={selected.includes(option.value)}
            >
              <Group justify="space-between" wrap="nowrap" gap="sm">
                <span>
                  <span className={classes.tick} data-on={selected.includes(option.value) || undefined} aria-hidden="true" />
                  <bdi>{option.label}</bdi>
                </span>
                {option.count !== undefined && <span className={classes.count}>{option.count}</span>}
              </Group>
            </Combobox.Option>
          ))}
          {shown.length === 0 && <Combobox.Empty>{t('ui.filter.none')}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
};

/** Search and facets in one line; "clear" appears when any is on. */
export const FilterBar = ({
  children,
  active,
  onClear,
  end,
}: {
  children: ReactNode;
  active?: boolean;
  onClear?: () => void;
  end?: ReactNode;
}) => {
  const t = useTexts();
  return (
    <div className={classes.bar}>
      {children}
      {active && onClear && (
        <Button variant="subtle" color="gray" onClick={onClear}>
          {t('ui.filter.clear')}
        </Button>
      )}
      {end && <div className={classes.end}>{end}</div>}
    </div>
  );
};

/** A label above controls that bring no label of their own. */
export const Labelled = ({ label, children }: { label: string; children: ReactNode }) => (
  <Input.Wrapper label={label} labelElement="div" size="sm">
    {children}
  </Input.Wrapper>
);
