/** Countries written as words instead of their two letters, which no condition on a country finds. */
import { countryOf } from '../../imports/index.ts';
import { counts, peopleRule, sqlOf } from '../rule.ts';

const languages = ['en', 'de', 'fr', 'es', 'it', 'nl'];
const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(65 + i));
let known: [word: string, code: string][] | null = null;

/** Names of countries in the languages shops write them in, without accents. */
const words = (): [string, string][] => {
  known ??= [
    ...new Map(
      languages.flatMap(language => {
        const names = new Intl.DisplayNames([language], { type: 'region', fallback: 'none' });
        return letters.flatMap(first =>
          letters.flatMap((second): [string, string][] => {
            const name = names.of(first + second);
            const code = name ? countryOf(name) : null;
            return name && code ? [[name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase(), code]] : [];
          }),
        );
      }),
    ),
  ];
  return known;
};
const others: [string, string][] = ['uk', 'usa', 'england', 'scotland', 'wales', 'great britain', 'holland'].flatMap(word => {
  const code = countryOf(word);
  return code ? [[word, code] as [string, string]] : [];
});

export const countryWords = peopleRule(
  'country_words',
  2,
  context => {
    const all = [...words(), ...others];
    return sqlOf(context)`
      select c.id::text as subject, c.id as customer_id, coalesce(c.name, c.email) as label, c.country as value, k.code as proposal
      from customers.customer c
      left join unnest(${all.map(one => one[0])}::text[], ${all.map(one => one[1])}::text[]) as k(word, code) on k.word = customers.fold(btrim(c.country))
      where ${counts(context)} and c.country is not null and c.country !~ '^[A-Z]{2}$'`;
  },
  {
    mends: 'country',
    of: context =>
      sqlOf(context)`select count(*)::int as n from customers.customer c where ${counts(context)} and c.country is not null`,
  },
);
