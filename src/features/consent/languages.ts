/** Languages of the public pages: one file each. Staff screens are a matter of their own. */
import { openTexts, type Texts } from '../../platform/texts.ts';
import { de } from './texts/de.ts';
import { en } from './texts/en.ts';
import { page } from './texts/page.ts';

/** Language -> its own name and its texts; another language is one more file and one more line. */
const resources: Record<string, { name: string; texts: Record<string, string> }> = {
  en: { name: 'English', texts: { ...en, ...page } },
  de: { name: 'Deutsch', texts: de },
};
export const pageLanguages: readonly { code: string; name: string }[] = Object.entries(resources).map(([code, { name }]) => ({
  code,
  name,
}));
const opened = new Map<string, Texts>(
  Object.keys(resources).map(code => [
    code,
    openTexts(Object.fromEntries(Object.entries(resources).map(([one, { texts }]) => [one, texts])), code),
  ]),
);
export const textsIn = (language: string): Texts => opened.get(language) ?? opened.get('en')!;

/**
 * The language to speak: the one asked for, else the best of the browser's list (RFC 9110, 12.5.4: quality, then order), else the
 * person's own, else English.
 */
export const chooseLanguage = (asked: unknown, acceptLanguage: string | undefined, own: string | null = null): string => {
  const known = (code: string): string | undefined => {
    const base = code.trim().toLowerCase().split('-')[0];
    return opened.has(base) ? base : undefined;
  };
  if (typeof asked === 'string' && known(asked)) return known(asked)!;
  const wanted = (acceptLanguage ?? '')
    .slice(0, 300)
    .split(',')
    .map(part => {
      const [code, ...options] = part.split(';');
      const quality = Number(/q=([\d.]+)/.exec(options.join(';'))?.[1] ?? 1);
      return { code: code.trim(), quality: Number.isFinite(quality) ? quality : 0 };
    })
    .filter(one => one.quality > 0)
    .sort((a, b) => b.quality - a.quality);
  for (const { code } of wanted) if (known(code)) return known(code)!;
  return (own && known(own)) || 'en';
};
