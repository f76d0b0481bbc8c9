/**
 * Another language is one more file: every sentence goes through its key, keeps its values and its plural, and nothing else is needed. The
 * pseudo-language marks each text, so a sentence that bypasses its key would show itself by the missing marks.
 */
import { describe, expect, it } from 'vitest';
import { features } from '../src/features.ts';
import { openTexts } from '../src/platform/texts.ts';
import { en as ui } from '../src/ui/texts/en.ts';

const english: Record<string, string> = Object.assign({}, ...features.map(feature => feature.texts), ui);
const marked = (text: string): string => `⟦${text.replace(/[aeiou](?![^{]*\}\})/g, vowel => `${vowel}\u0301`)}⟧`;
const pseudo = Object.fromEntries(Object.entries(english).map(([key, text]) => [key, marked(text)]));
const placeholders = (text: string): string[] => [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(match => match[1]).toSorted();

describe('a language is one more file', () => {
  const { text } = openTexts({ en: english, pseudo }, 'pseudo');

  it('says every sentence in it, with its values in place', () => {
    expect(Object.keys(english).length).toBeGreaterThan(1000);
    for (const key of Object.keys(english)) {
      const values = Object.fromEntries(placeholders(english[key]!).map(name => [name, name === 'count' ? 2 : `<${name}>`]));
      const said = text(key, values);
      expect(said, key).toMatch(/^⟦[\s\S]*⟧$/);
      expect(said, key).not.toContain('{{');
    }
  });

  it('falls back to English where a translation has a gap', () => {
    const { text: say } = openTexts({ en: english, pseudo: {} }, 'pseudo');
    expect(say('orders.list.title')).toBe(english['orders.list.title']);
  });

  it('has both forms of every plural, with the same values apart from the number itself', () => {
    const plurals = Object.keys(english).filter(key => key.endsWith('_other') && english[key]!.includes('{{'));
    expect(plurals.length).toBeGreaterThan(20);
    for (const key of plurals) {
      const one = english[`${key.slice(0, -6)}_one`];
      expect(one, `${key} has no _one`).toBeDefined();
      const allowed = new Set([...placeholders(english[key]!), 'count']);
      expect(
        placeholders(one!).filter(name => !allowed.has(name)),
        key,
      ).toEqual([]);
    }
  });
});
