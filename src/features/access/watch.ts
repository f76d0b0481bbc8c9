/**
 * Notices break-ins from the answers that leave: bursts of refusals, and reading far more than usual. Counts in memory, per process and
 * ten minutes; the database is asked and written only when a limit is crossed, and once per ten minutes and reader for the habit.
 */
import type { Watch, Watched } from '../../platform/app.ts';
import { type Context, systemActor } from '../../platform/context.ts';
import type { Feature } from '../../platform/feature.ts';
import { networkOf } from './network.ts';
import { type Limits, readPolicy, usualLimits } from './policy.ts';
import { type AlertKind, type AlertSubject, raiseAlert } from './raise-alert.ts';

const window_ms = 600_000;
/** Above the floor every request is judged; the limits are read again this seldom. */
const limitsKept_ms = 10_000;
const mostUnproved = 3;
/** How many readers are kept in mind at once; beyond, the oldest are forgotten. */
const mostReaders = 10_000;

type Tally = {
  from: number;
  refusals: number;
  wrongLogins: number;
  unproved: number;
  people: Set<string>;
  lists: number;
  told: Set<AlertKind>;
  usual?: { people: number; lists: number };
};

/** Routes that answer a page of a list. */
const isList = (route: Watched['route']): boolean =>
  route.method === 'GET' && route.query !== undefined && 'shape' in route.query && 'cursor' in (route.query.shape as object);
const personIn = ({ route, request }: Watched): string | null => {
  const params = request.params as { id?: string; customer?: string };
  if (route.path.startsWith('/api/customers/:id')) return params.id ?? null;
  return params.customer ?? null;
};

const subjectOf = ({ actor, address }: Watched): AlertSubject => {
  if (actor.kind === 'staff')
    return { kind: 'staff', id: actor.viewedBy?.id ?? actor.id!, name: actor.viewedBy?.name ?? actor.name };
  if (actor.kind === 'api-key') return { kind: 'api-key', id: actor.id!, name: actor.name };
  const network = networkOf(address);
  return { kind: 'network', id: network, name: network };
};

/** `context` is the root one: what is noticed is written outside the request that showed it. `settled` waits for what is being written. */
export const createWatch = (context: Context, features: readonly Feature[]): Watch & { settled: () => Promise<void> } => {
  const tallies = new Map<string, Tally>();
  const lists = new Set(features.flatMap(feature => Object.values(feature.contract)).filter(isList));
  const inside: Context = { ...context, actor: systemActor };
  let writing: Promise<unknown> = Promise.resolve();
  let limits = { at: Number.NEGATIVE_INFINITY, now: usualLimits };
  const limitsNow = async (): Promise<Limits> => {
    const at = context.clock.now().getTime();
    if (at - limits.at > limitsKept_ms) limits = { at, now: (await readPolicy(inside)).limits };
    return limits.now;
  };
  const later = (work: () => Promise<void>): void => {
    writing = writing.then(work).catch(error => context.log.error({ err: error }, 'an alert could not be written'));
  };

  const tallyOf = (key: string, now: number): Tally => {
    const known = tallies.get(key);
    if (known && now - known.from < window_ms) return known;
    if (known) later(() => keepHabit(inside, key, known));
    const fresh: Tally = { from: now, refusals: 0, wrongLogins: 0, unproved: 0, people: new Set(), lists: 0, told: new Set() };
    tallies.delete(key);
    if (tallies.size >= mostReaders) tallies.delete(tallies.keys().next().value!);
    tallies.set(key, fresh);
    return fresh;
  };

  const watch = (watched: Watched): void => {
    const { status, route, code } = watched;
    const subject = subjectOf(watched);
    const tally = tallyOf(`${subject.kind}/${subject.id}`, context.clock.now().getTime());
    // Asked to prove who one is, and so far without: once is a habit of the admin, often is somebody who cannot.
    if (code === 'access.proof_needed') tally.unproved += 1;
    else if (status === 401 && route.path.startsWith('/api/login')) tally.wrongLogins += 1;
    else if (status === 401 || status === 403 || status === 404) tally.refusals += 1;
    else if (status < 300 && route.method === 'GET') {
      const person = personIn(watched);
      if (person) tally.people.add(person);
      if (lists.has(route)) tally.lists += 1;
    }
    // Far below every limit there is nothing to ask the database.
    const most = Math.max(tally.refusals, tally.wrongLogins, tally.people.size, tally.lists);
    if (most >= 5 || tally.unproved >= mostUnproved)
      later(async () => judge(inside, await limitsNow(), { subject, tally, address: watched.address }));
  };
  return Object.assign(watch, { settled: async () => void (await writing) });
};

type Suspect = { subject: AlertSubject; tally: Tally; address: string };

const judge = async (context: Context, limits: Limits, { subject, tally, address }: Suspect): Promise<void> => {
  const tell = async (kind: AlertKind, evidence: Record<string, string | number>): Promise<void> => {
    if (tally.told.has(kind)) return;
    tally.told.add(kind);
    await raiseAlert(context, { kind, subject, evidence: { ...evidence, network: networkOf(address) } });
  };
  if (tally.refusals > limits.refusals) await tell('many_refusals', { refusals: tally.refusals, limit: limits.refusals });
  if (tally.wrongLogins > limits.refusals)
    await tell('many_wrong_logins', { refusals: tally.wrongLogins, limit: limits.refusals });
  if (tally.unproved >= mostUnproved) await tell('export_stopped', { times: tally.unproved });
  const people = tally.people.size;
  if (tally.told.has('bulk_read') || subject.kind === 'network') return;
  if (people <= limits.customer_pages && tally.lists <= limits.list_pages) return;
  tally.usual ??= await usualOf(context, `${subject.kind}/${subject.id}`);
  const { usual } = tally;
  if (people > Math.max(limits.customer_pages, 2 * usual.people))
    await tell('bulk_read', { customers: people, limit: limits.customer_pages, usual: usual.people });
  else if (tally.lists > Math.max(limits.list_pages, 2 * usual.lists))
    await tell('bulk_read', { pages: tally.lists, limit: limits.list_pages, usual: usual.lists });
};

/** The busiest ten minutes of each of the last 30 days before today, at the most. */
const usualOf = async ({ postgres, clock }: Context, subject: string): Promise<{ people: number; lists: number }> => {
  const [row] = await postgres<{ people: number; lists: number }[]>`
    select coalesce(max(customer_pages), 0) as people, coalesce(max(list_pages), 0) as lists from access.habit
    where subject = ${subject} and day < ${clock.now()}::timestamptz::date and day >= ${clock.now()}::timestamptz::date - 30`;
  return row;
};

/** A window in which somebody was told on is no habit. */
const keepHabit = async ({ postgres }: Context, subject: string, tally: Tally): Promise<void> => {
  if (tally.told.size > 0 || (tally.people.size < 5 && tally.lists < 5)) return;
  await postgres`
    insert into access.habit (subject, day, customer_pages, list_pages)
    values (${subject}, ${new Date(tally.from)}::timestamptz::date, ${tally.people.size}, ${tally.lists})
    on conflict (subject, day) do update
    set customer_pages = greatest(habit.customer_pages, excluded.customer_pages), list_pages = greatest(habit.list_pages, excluded.list_pages)`;
};
