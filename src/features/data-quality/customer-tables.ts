/** What a merge, an export and an erasure do with decisions about somebody's data. */
import type { CustomerTable } from '../../platform/feature.ts';

export const customerTables: readonly CustomerTable[] = [
  { table: 'data_quality.ignored', label: 'data-quality.export.ignored', merge: 'move', erase: 'delete' },
  { table: 'data_quality.fix_item', label: 'data-quality.export.fix_item', merge: 'move', erase: 'delete' },
];
