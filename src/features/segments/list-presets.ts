import type { Context } from '../../platform/context.ts';
import { loadVocabulary } from './load-vocabulary.ts';
import { findRefused } from './parse-definition.ts';
import { presets } from './presets.ts';

/** Names and reasons are text keys. */
export const listPresets = async (context: Context) => {
  const { vocabulary } = await loadVocabulary(context);
  return {
    data: presets.map(({ code, definition }) => ({
      code,
      name: `segments.preset.${code}.name`,
      why: `segments.preset.${code}.why`,
      definition,
      available: findRefused(definition, vocabulary, () => null) === null,
    })),
  };
};
