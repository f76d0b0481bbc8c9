/** How long what was uploaded is kept. */
import { keptFor } from '../../platform/retention.ts';
import { fill } from '../../platform/slot.ts';
import { fileKept_days } from './store-file.ts';

export const importsRetention = fill(keptFor, {
  code: 'imports.files',
  label: 'imports.retention.files',
  about: 'imports.retention.files_about',
  days: async () => fileKept_days,
  link: null,
});
