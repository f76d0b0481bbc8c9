/** The form of this installation: what staff decided about it. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal, stale } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { type Language, languages } from './languages.ts';
import { mostCategories, type SecondQuestion } from './questions.ts';

export type Form = {
  id: string;
  active: boolean;
  openToAll: boolean;
  secondQuestion: SecondQuestion | null;
  why: Partial<Record<Language, string>>;
  sites: string[];
  version: number;
};

export const readForm = async (context: Context): Promise<Form> => {
  const [row] = await context.postgres`
    select id, active, open_to_all as "openToAll", second_question as "secondQuestion", why, sites, version from welcome.form`;
  return row as unknown as Form;
};

/** The one row there is; made at the first start. */
export const makeForm = async (context: Context): Promise<void> => {
  await context.postgres`insert into welcome.form (changed_at) values (${context.clock.now()}) on conflict do nothing`;
};

export type FormChange = Partial<Omit<Form, 'id'>> & { version: number };

export const changeForm = (context: Context, change: FormChange): Promise<Form> =>
  inTransaction(context, async inside => {
    const sql = inside.postgres;
    await sql`select id from welcome.form for update`;
    const before = await readForm(inside);
    if (before.version !== change.version) throw stale('form');
    const next = { ...before, ...change, sites: change.sites ? change.sites.map(readSite) : before.sites };
    const why = Object.fromEntries(
      languages.flatMap(language => (next.why[language]?.trim() ? [[language, next.why[language]?.trim()]] : [])),
    );
    await sql`
      update welcome.form set active = ${next.active}, open_to_all = ${next.openToAll}, second_question = ${next.secondQuestion}, why = ${sql.json(why as never)},
        sites = ${next.sites}::text[], version = version + 1, changed_at = ${inside.clock.now()}, changed_by = ${inside.actor.name}`;
    await audit(inside, 'welcome.form_changed', { fields: Object.keys(change).filter(name => name !== 'version') });
    return readForm(inside);
  });

/** The origin of a web page, as a content security policy names it. */
const readSite = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : URL.canParse(`https://${text}`) ? new URL(`https://${text}`) : null;
  if (url && ['http:', 'https:'].includes(url.protocol) && url.hostname !== '') return url.origin;
  throw new Refusal(
    'refused',
    'welcome.bad_site',
    `“${text.slice(0, 100)}” is not a web address. Write it like https://your-shop.com.`,
    {
      faults: [{ path: 'sites', reason: 'Write an address like https://your-shop.com.' }],
    },
  );
};

/** The categories most sold under, for the question which of them somebody likes. */
export const topCategories = async (context: Context): Promise<string[]> =>
  (
    await context.postgres`
      select category from products.product where category is not null and length(category) <= 60 group by category order by count(*) desc, category limit ${mostCategories}`
  ).map(row => row.category as string);
