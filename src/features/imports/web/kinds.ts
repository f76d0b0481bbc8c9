import { useQueryOf, useTexts } from '../../../ui/index.ts';

/** Kinds of import with their fields and options, as the server describes them. */
export const useKinds = () => {
  const t = useTexts();
  const query = useQueryOf('GET /api/imports/kinds', undefined, { staleTime_ms: 600_000 });
  const find = (code: string) => query.data?.data.find(kind => kind.code === code);
  const choiceOf = (kind: { code: string; label: string }) => ({ value: kind.code, label: t(kind.label) });
  const all = query.data?.data ?? [];
  return {
    query,
    /** For a select: lists of any form, then the formats known by their own headers. */
    choices: [
      { group: t('imports.kinds.any'), items: all.filter(kind => !kind.format).map(choiceOf) },
      { group: t('imports.kinds.formats'), items: all.filter(kind => kind.format).map(choiceOf) },
    ],
    find,
    labelOf: (code: string): string => {
      const kind = find(code);
      return kind ? t(kind.label) : '';
    },
    /** Label of a field, or of a column's code when the field is not known. */
    fieldLabel: (kind: string, field: string | undefined): string => {
      const known = find(kind)?.fields.find(one => one.code === field);
      return known ? t(known.label) : (field ?? '');
    },
  };
};
