/** Everything that is kept about one person, gathered from every registered table: as data, and as a page to read. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { customerTableSlot, textSlot } from '../../platform/feature.ts';
import { openTexts } from '../../platform/texts.ts';
import { guardExport } from '../access/index.ts';
import { personColumns } from './customer-tables.ts';
import { originsOf } from './owners.ts';

export type PersonExport = {
  format: 'regulars.person.1';
  customer_id: string;
  made_at: string;
  /** `labels`: what each column is called, in words. */
  sections: { table: string; title: string; labels: Record<string, string>; rows: Record<string, unknown>[] }[];
};

/** `customerId` is an owner; the parts that were merged into it are included. Sections without rows are left out. */
export const exportCustomer = async (context: Context, customerId: number): Promise<PersonExport> => {
  await guardExport(context, { kind: 'customers.person', rows: 1 });
  const origins = (await originsOf(context, [customerId])).get(customerId)!;
  const say = wordsOf(context);
  const sections: PersonExport['sections'] = [];
  for (const table of context.slots.all(customerTableSlot)) {
    if (table.export === null) continue;
    const rows = table.export ? await table.export(context, origins) : await allColumns(context, table.table, origins);
    if (rows.length === 0) continue;
    const columns = [...new Set(rows.flatMap(row => Object.keys(row)))];
    sections.push({
      table: table.table,
      title: say.title(table.label),
      labels: Object.fromEntries(columns.map(name => [name, say.column(table.label, name)])),
      rows: rows.map(row => ({ ...row })),
    });
  }
  await audit(context, 'customers.exported', {
    subject: { kind: 'customer', id: String(customerId) },
    sections: sections.length,
  });
  return { format: 'regulars.person.1', customer_id: String(customerId), made_at: context.clock.now().toISOString(), sections };
};

const allColumns = async (context: Context, table: string, origins: number[]): Promise<Record<string, unknown>[]> => {
  const sql = context.postgres;
  const found = new Map<string, Record<string, unknown>>();
  for (const column of await personColumns(context, table)) {
    for (const row of await sql`select * from ${sql(table)} where ${sql(column)} = any(${origins}::bigint[])`)
      found.set(JSON.stringify(row), row);
  }
  return [...found.values()];
};

/**
 * Headings are the tables' own labels. A column is called by "<label>.<column>", else by the word all features share
 * ("customers.column.<column>"), else by its name without underscores.
 */
const wordsOf = (context: Context) => {
  const all = Object.assign({}, ...context.slots.all(textSlot).map(one => one.texts)) as Record<string, string>;
  const { text, has } = openTexts({ en: all });
  return {
    title: (label: string): string => (has(label) ? text(label) : humanised(label.split('.').at(-1) ?? label)),
    column: (label: string, name: string): string => {
      const key = [`${label}.${name}`, `customers.column.${name}`].find(has);
      return key ? text(key) : humanised(name);
    },
  };
};

const humanised = (name: string): string => {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
const shown = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString().replace('T', ' ').slice(0, 19);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/** One page without scripts or addresses to load: opens in any browser, prints as it stands. */
export const readablePage = (person: PersonExport): string => {
  const sections = person.sections.map(({ title, labels, rows }) => {
    const columns = [...new Set(rows.flatMap(row => Object.keys(row)))].filter(name => rows.some(row => shown(row[name]) !== ''));
    const head = columns.map(name => `<th scope="col">${escapeHtml(labels[name] ?? name)}</th>`).join('');
    const body = rows
      .map(row => `<tr>${columns.map(name => `<td>${escapeHtml(shown(row[name]))}</td>`).join('')}</tr>`)
      .join('\n');
    return `<section><h2>${escapeHtml(title)} <small>${rows.length}</small></h2><div><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div></section>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Customer ${person.customer_id}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1a1d26; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.1rem; margin-top: 2rem; } small { color: #5c6370; font-weight: 400; } div { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; } th, td { text-align: start; vertical-align: top; padding: .35rem .7rem; border-bottom: 1px solid #dfe2ea; overflow-wrap: anywhere; } th { color: #5c6370; }
</style></head><body>
<h1>What we keep about customer ${person.customer_id}</h1>
<p>Made on ${escapeHtml(person.made_at.replace('T', ' ').slice(0, 16))} UTC. The same as data: ask for the JSON file.</p>
${sections.join('\n')}
</body></html>
`;
};
