/** Which columns of a list are hidden, per browser; a saved view reads and sets them too. */
import { useSyncExternalStore } from 'react';

const keyOf = (table: string): string => `regulars.columns.${table}`;
const listeners = new Set<() => void>();

/** Null: never chosen, so the list's own default holds. */
export const hiddenColumns = (table: string): string[] | null => {
  const stored = localStorage.getItem(keyOf(table));
  return stored === null ? null : stored.split(' ').filter(name => name !== '');
};

export const setHiddenColumns = (table: string, hidden: readonly string[] | null): void => {
  if (hidden === null) localStorage.removeItem(keyOf(table));
  else localStorage.setItem(keyOf(table), hidden.join(' '));
  for (const listener of listeners) listener();
};

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The stored text, so that the answer stays the same value until it changes. */
export const useHiddenColumns = (table: string): readonly string[] | null => {
  const stored = useSyncExternalStore(subscribe, () => localStorage.getItem(keyOf(table)));
  return stored === null ? null : stored.split(' ').filter(name => name !== '');
};
