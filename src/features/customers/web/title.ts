import { say } from '../../../ui/index.ts';

/** What to call somebody: name, e-mail, what their shop calls them, else a number. */
export const titleOf = (person: {
  id: string;
  name: string | null;
  email: string | null;
  outside_id: string | null;
  known: boolean;
}): string =>
  person.name ??
  person.email ??
  say(person.known ? 'customers.title.number' : 'customers.title.visitor', { id: person.outside_id ?? person.id });
