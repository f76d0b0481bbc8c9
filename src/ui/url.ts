/**
 * State that lives in the URL: filters, sorts, tabs, the open record. A page names its parameters once, with defaults that are left
 * out of the address:
 *
 *   const [url, setUrl] = useUrl({ query: text(), sort: oneOf(['name', '-last'], 'name'), tag: many(), limit: number(50) });
 *   setUrl({ query: 'ana' });                       // replaces the history entry
 *   setUrl({ tab: 'orders' }, { push: true });      // the back button returns
 */
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { useCallback, useMemo, useRef } from 'react';

export type Search = Record<string, string | string[]>;
export type Param<T> = { read: (raw: string | string[] | undefined) => T; write: (value: T) => string | string[] | undefined };

const first = (raw: string | string[] | undefined) => (Array.isArray(raw) ? raw[0] : raw);

export const text = (fallback = ''): Param<string> => ({
  read: raw => first(raw) ?? fallback,
  write: value => (value === fallback ? undefined : value),
});
export const number = (fallback: number): Param<number> => ({
  read: raw => {
    const value = Number(first(raw) ?? Number.NaN);
    return Number.isFinite(value) ? value : fallback;
  },
  write: value => (value === fallback ? undefined : String(value)),
});
export const flag = (): Param<boolean> => ({ read: raw => first(raw) === '1', write: value => (value ? '1' : undefined) });
export const oneOf = <const T extends string>(choices: readonly T[], fallback: NoInfer<T>): Param<T> => ({
  read: raw => choices.find(choice => choice === first(raw)) ?? fallback,
  write: value => (value === fallback ? undefined : value),
});
export const many = (): Param<string[]> => ({
  read: raw => (raw === undefined ? [] : Array.isArray(raw) ? raw : [raw]),
  write: value => (value.length === 0 ? undefined : value),
});

/** "a=1&a=2&b=3" -> { a: ['1', '2'], b: '3' }: plain text only, so that addresses stay readable. */
export const parseSearch = (searchText: string): Search => {
  const search: Search = {};
  for (const [key, value] of new URLSearchParams(searchText)) {
    const before = search[key];
    search[key] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return search;
};

export const writeSearch = (search: Record<string, unknown>): string => {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== null && one !== '') out.append(key, String(one));
  }
  const written = out.toString();
  return written === '' ? '' : `?${written}`;
};

type Values<S> = { [K in keyof S]: S[K] extends Param<infer T> ? T : never };

/** Reads and writes the named parameters; others in the address stay as they are. */
// biome-ignore lint/suspicious/noExplicitAny: each parameter keeps its own type through Values<S>
export const useUrl = <S extends Record<string, Param<any>>>(
  shape: S,
): [Values<S>, (change: Partial<Values<S>>, how?: { push?: boolean }) => void] => {
  const search = useRouterState({ select: state => state.location.search as Search });
  const navigate = useNavigate();
  const known = useRef(shape);
  known.current = shape;
  const values = useMemo(
    () => Object.fromEntries(Object.entries(known.current).map(([key, param]) => [key, param.read(search[key])])) as Values<S>,
    [search],
  );
  const set = useCallback(
    (change: Partial<Values<S>>, how: { push?: boolean } = {}) => {
      const written: Record<string, unknown> = {};
      for (const [key, value] of Object.entries(change)) written[key] = known.current[key]?.write(value);
      void navigate({
        to: '.',
        search: ((before: Search) => ({ ...before, ...written })) as never,
        replace: !how.push,
        resetScroll: false,
      });
    },
    [navigate],
  );
  return [values, set];
};
