/**
 * Every sentence people read, by key. The admin app and the server use the same i18next rules: {{name}} and key_one / key_other.
 */
import i18next from 'i18next';

export type Texts = { text: (key: string, values?: Record<string, string | number>) => string; has: (key: string) => boolean };

/** `resources`: one flat record of keys per language; English is the fallback. */
export const openTexts = (resources: Record<string, Record<string, string>>, language = 'en'): Texts => {
  const instance = i18next.createInstance();
  void instance.init({
    lng: language,
    fallbackLng: 'en',
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    resources: Object.fromEntries(Object.entries(resources).map(([name, translation]) => [name, { translation }])),
    initAsync: false,
  });
  return { text: (key, values = {}) => instance.t(key, values), has: key => instance.exists(key) };
};
