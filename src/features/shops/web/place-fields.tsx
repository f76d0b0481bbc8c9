import { Select } from '@mantine/core';
import { useMemo } from 'react';

type Props = { label: string; description?: string; value: string; onChange: (value: string) => void; error?: string };

/** One of the world's currencies, found by code or name. */
export const CurrencyField = ({ value, onChange, ...rest }: Props) => {
  const choices = useMemo(() => {
    const names = new Intl.DisplayNames(undefined, { type: 'currency' });
    return Intl.supportedValuesOf('currency').map(code => ({ value: code, label: `${code} · ${names.of(code) ?? code}` }));
  }, []);
  return (
    <Select
      {...rest}
      searchable
      limit={60}
      allowDeselect={false}
      data={choices}
      value={value}
      onChange={next => next && onChange(next)}
    />
  );
};

export const ZoneField = ({ value, onChange, ...rest }: Props) => {
  const choices = useMemo(() => [...new Set([value, ...Intl.supportedValuesOf('timeZone'), 'UTC'])].filter(Boolean), [value]);
  return (
    <Select
      {...rest}
      searchable
      limit={60}
      allowDeselect={false}
      data={choices}
      value={value}
      onChange={next => next && onChange(next)}
    />
  );
};
