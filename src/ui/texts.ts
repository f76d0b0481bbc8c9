/**
 * Every sentence by key, English first. A feature gives one file per language; the reader's language falls back to English.
 * `?lng=pseudo` shows every text that went through here in ⟦brackets⟧, so that a sentence written into the code stands out.
 */
import i18next from 'i18next';
import { useMemo, useSyncExternalStore } from 'react';
import type { TextsModule } from './screens.ts';

export type Values = Record<string, string | number>;
export type Say = (key: string, values?: Values) => string;

const instance = i18next.createInstance();
let version = 0;
const listeners = new Set<() => void>();

const changed = (): void => {
  version += 1;
  for (const listener of listeners) listener();
};

const pseudo = new URLSearchParams(location.search).get('lng') === 'pseudo';

export const openTexts = async (modules: readonly TextsModule[], language = 'en'): Promise<void> => {
  await instance.init({
    lng: language,
    fallbackLng: 'en',
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    resources: { en: { translation: Object.assign({}, ...modules.map(module => module.en)) } },
    postProcess: pseudo ? ['brackets'] : [],
  });
  changed();
};

/** More is on its way: until then a text that is not there yet is left empty rather than shown by its key. */
let expecting = false;
export const expectTexts = (all: Promise<unknown>): void => {
  expecting = true;
  void all.finally(() => {
    expecting = false;
    changed();
  });
};

/** Sentences that arrive later: those of the pages. */
export const addTexts = (module: TextsModule, language = 'en'): void => {
  instance.addResourceBundle(language, 'translation', module[language] ?? module.en);
  changed();
};

instance.use({ type: 'postProcessor', name: 'brackets', process: (value: string) => `⟦${value}⟧` });

/** The text of a key; the key itself where it is missing, so that a gap is seen. */
export const say: Say = (key, values = {}) => (expecting && !instance.exists(key, values) ? '' : instance.t(key, values));
export const hasText = (key: string): boolean => instance.exists(key);

/** `const t = useTexts(); t('customers.list.title')` */
export const useTexts = (): Say => {
  const now = useSyncExternalStore(
    listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => version,
  );
  return useMemo<Say>(() => (key, values) => say(key, values), [now]);
};

/** The reader's locale for numbers and dates. */
export const readerLocale = (): string => navigator.language || 'en';
