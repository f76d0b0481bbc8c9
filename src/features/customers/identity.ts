/**
 * Who is who: the identity rules (decisions 1-5) as one pure function over what is known about the keys of a batch.
 * `identity.test.ts` holds the rules as a table.
 */
import { type Identifier, type IdentifierKind, keyOf, mostPeople, ownIdKinds, strongKinds } from './identifier.ts';

/** "browser": came with a public key, so it may be anybody's claim. */
export type Trust = 'secret' | 'browser';

/** One person as they are now (after merges). */
export type Person = {
  id: number;
  known: boolean;
  /** When they became known (else first seen), in ms: the older known customer wins a merge. */
  since_ms: number;
  /** Their ids per source: "user_id\u0001source" -> values. */
  ownIds: Map<string, Set<string>>;
  hasEmail: boolean;
  /** At least one identifier came from a trusted source. */
  trusted: boolean;
};

/** Whose an identifier is. `originId`: whom it was written for; the owner follows from merges. */
export type Link = {
  identifier: Identifier;
  originId: number;
  trust: Trust;
  shared: boolean;
  rivals: number[];
  since_ms: number;
};

export type World = {
  people: Map<number, Person>;
  links: Map<string, Link>;
  /** Origin -> owner, for origins that are part of somebody else. */
  owners: Map<number, number>;
  /** "low-high" of people whom staff keep apart. */
  apart: Set<string>;
};

/** One thing that happened, with normalised identifiers; `blocked`: one of them is on the block-list. */
export type Sighting = { identifiers: Identifier[]; trust: Trust; at_ms: number; blocked?: boolean };

export type PlannedMerge = { winnerId: number; loserId: number; reason: 'identifier' | 'login'; evidence: Identifier[] };
export type PlannedSuggestion = { lowId: number; highId: number; reason: string; evidence: Identifier };

/** What has to be written. New people carry negative ids until the database gives them real ones. */
export type Plan = {
  /** Per sighting: the origin to write with, or null when nothing says who it is. */
  origins: (number | null)[];
  created: { id: number; known: boolean; at_ms: number }[];
  newLinks: Set<string>;
  changedLinks: Set<string>;
  becameKnown: Map<number, number>;
  merges: PlannedMerge[];
  suggestions: Map<string, PlannedSuggestion>;
};

export const pairKey = (a: number, b: number): string => `${Math.min(a, b)}-${Math.max(a, b)}`;
const sourceKey = (identifier: Identifier): string => `${identifier.kind}\u0001${identifier.source}`;
const isStrong = (identifier: Identifier): boolean => strongKinds.has(identifier.kind);
const strength: Record<IdentifierKind, number> = {
  user_id: 0,
  shop_customer_id: 0,
  email: 1,
  anonymous_id: 2,
  push_endpoint: 3,
  phone: 4,
};

/** Applies the sightings in order of time; changes `world` as it goes. */
export const decide = (world: World, sightings: readonly Sighting[]): Plan => {
  const plan: Plan = {
    origins: Array(sightings.length).fill(null),
    created: [],
    newLinks: new Set(),
    changedLinks: new Set(),
    becameKnown: new Map(),
    merges: [],
    suggestions: new Map(),
  };
  const order = sightings.map((_, index) => index).sort((a, b) => sightings[a].at_ms - sightings[b].at_ms || a - b);
  for (const index of order) plan.origins[index] = new Decision(world, plan, sightings[index]).originId();
  return plan;
};

/** One sighting. Reads top to bottom: who was meant, join what may be joined, keep the keys, say whose it is. */
class Decision {
  private readonly world: World;
  private readonly plan: Plan;
  private readonly sighting: Sighting;
  private readonly keys: Identifier[];

  constructor(world: World, plan: Plan, sighting: Sighting) {
    this.world = world;
    this.plan = plan;
    this.sighting = sighting;
    this.keys = [...new Map(sighting.identifiers.map(one => [keyOf(one), one])).values()].sort(
      (a, b) => strength[a.kind] - strength[b.kind],
    );
  }

  originId(): number | null {
    if (this.sighting.blocked) return null;
    const usable = this.keys.filter(key => !this.link(key)?.shared);
    if (usable.length === 0) return this.deviceOf(this.keys);
    const target = this.personByStrongKeys(usable) ?? this.personByWeakKeys(usable) ?? this.newPerson(usable.some(isStrong));
    const origin = this.originIn(target, usable);
    this.keepKeys(target, origin, usable);
    return origin;
  }

  // ---- who was meant ---------------------------------------------------------------------------------------------

  private personByStrongKeys(keys: Identifier[]): number | null {
    const hits = keys.filter(key => isStrong(key) && this.link(key) && !this.contradicts(key, keys));
    const first = hits[0];
    if (!first) return null;
    let target = this.ownerOf(this.trustedFirst(hits));
    for (const key of hits) {
      const other = this.ownerOf(key);
      if (other === target) continue;
      if (this.takesOver(key)) this.move(key, target);
      else if (this.mayJoin(target, other)) target = this.merge(target, other, 'identifier', hits);
      else this.suggest(target, other, key);
    }
    return target;
  }

  /** A trusted sighting trusts links that a trusted source made before it trusts a browser's claim. */
  private trustedFirst(hits: Identifier[]): Identifier {
    if (this.sighting.trust === 'browser') return hits[0];
    return hits.find(key => !this.takesOver(key)) ?? hits[0];
  }

  /** A browser's claim on a trusted person's profile gives way to a trusted source, it never joins two people. */
  private takesOver(key: Identifier): boolean {
    const link = this.link(key)!;
    return this.sighting.trust === 'secret' && link.trust === 'browser' && this.person(this.ownerOf(key)).trusted;
  }

  private mayJoin(a: number, b: number): boolean {
    if (this.world.apart.has(pairKey(a, b))) return false;
    const [one, two] = [this.person(a), this.person(b)];
    if (!one.known || !two.known) return true;
    return this.sighting.trust === 'secret' && !sameSourceDiffers(one, two);
  }

  /** The e-mail's owner has another id from the very source that speaks: two people who share an address. */
  private contradicts(key: Identifier, keys: Identifier[]): boolean {
    if (key.kind !== 'email') return false;
    const owner = this.person(this.ownerOf(key));
    const other = keys.find(one => ownIdKinds.has(one.kind) && differs(owner, one));
    return other !== undefined;
  }

  private personByWeakKeys(keys: Identifier[]): number | null {
    const strong = keys.filter(isStrong);
    const hits = keys.filter(key => !isStrong(key) && this.link(key) && this.mayBeFoundBy(key, strong));
    if (hits.length === 0) return null;
    let target = this.ownerOf(hits[0]);
    for (const key of hits) {
      const other = this.ownerOf(key);
      if (other === target) continue;
      const bothKnown = this.person(target).known && this.person(other).known;
      if (bothKnown || !this.mayJoin(target, other)) this.suggest(target, other, key);
      else target = this.merge(target, other, 'login', [key]);
    }
    return target;
  }

  /** New strong keys go to the person a weak one finds, unless that person already has others of the kind. */
  private mayBeFoundBy(weak: Identifier, strong: Identifier[]): boolean {
    const owner = this.person(this.ownerOf(weak));
    if (strong.length === 0 || !owner.known) return true;
    if (weak.kind === 'phone' && this.sighting.trust === 'browser') return false;
    return !strong.some(key => (key.kind === 'email' ? owner.hasEmail : differs(owner, key)));
  }

  /** Only identifiers that many people share: a shared device keeps a person of its own, anything else is nobody. */
  private deviceOf(keys: Identifier[]): number | null {
    const device = keys.find(key => key.kind === 'anonymous_id' || key.kind === 'push_endpoint');
    return device ? this.link(device)!.originId : null;
  }

  // ---- what is kept ----------------------------------------------------------------------------------------------

  private keepKeys(target: number, origin: number, keys: Identifier[]): void {
    const identified = keys.some(isStrong);
    // First, so that an anonymous visitor who is met below joins this person and not the other way round.
    if (identified) this.know(target, origin);
    for (const key of this.keys) {
      const link = this.link(key);
      if (!link) this.add(key, origin);
      else if (link.shared) continue;
      else if (this.ownerOf(key) === target) this.trust(key, link);
      else if (identified) this.meetOther(target, key);
    }
  }

  /** A key of the sighting is somebody else's. */
  private meetOther(target: number, key: Identifier): void {
    const other = this.ownerOf(key);
    const link = this.link(key)!;
    if (!this.person(other).known && this.mayJoin(target, other)) {
      this.merge(target, other, 'login', [key]);
      return;
    }
    this.suggest(target, other, key);
    const follows = key.kind === 'anonymous_id' || key.kind === 'push_endpoint';
    // A public key may not wear out somebody's address by sending it with many made-up people.
    if (follows || this.sighting.trust === 'secret') this.countRival(key, target);
    if (link.shared) return;
    if (follows && this.sighting.at_ms >= link.since_ms) this.move(key, target);
  }

  private countRival(key: Identifier, rival: number): void {
    const link = this.link(key)!;
    if (link.rivals.includes(rival)) return;
    link.rivals.push(rival);
    this.changed(key);
    if (new Set([this.ownerOf(key), ...link.rivals]).size <= mostPeople) return;
    link.shared = true;
    // A kiosk or family tablet: what happens on it without a login is nobody's, but one visitor's.
    if (!isStrong(key) && key.kind !== 'phone') link.originId = this.create(false);
  }

  private add(key: Identifier, origin: number): void {
    this.world.links.set(keyOf(key), {
      identifier: key,
      originId: origin,
      trust: this.sighting.trust,
      shared: false,
      rivals: [],
      since_ms: this.sighting.at_ms,
    });
    this.plan.newLinks.add(keyOf(key));
    this.enrich(this.person(this.root(origin)), key);
  }

  private enrich(person: Person, key: Identifier): void {
    if (this.sighting.trust === 'secret') person.trusted = true;
    if (key.kind === 'email') person.hasEmail = true;
    if (!ownIdKinds.has(key.kind)) return;
    const values = person.ownIds.get(sourceKey(key)) ?? new Set();
    person.ownIds.set(sourceKey(key), values.add(key.value));
  }

  private trust(key: Identifier, link: Link): void {
    if (this.sighting.trust !== 'secret' || link.trust === 'secret') return;
    link.trust = 'secret';
    this.person(this.ownerOf(key)).trusted = true;
    this.changed(key);
  }

  private move(key: Identifier, target: number): void {
    const link = this.link(key)!;
    const before = this.person(this.ownerOf(key));
    before.ownIds.get(sourceKey(key))?.delete(key.value);
    // Remember who had it, so that a device that keeps changing hands is noticed as shared.
    link.rivals = [...new Set([...link.rivals, before.id])].filter(id => id !== target);
    link.originId = target;
    link.trust = this.sighting.trust;
    link.since_ms = this.sighting.at_ms;
    this.enrich(this.person(target), key);
    this.changed(key);
  }

  private know(target: number, origin: number): void {
    for (const id of new Set([target, origin])) {
      const person = this.world.people.get(id);
      if (id !== target && !person)
        this.plan.becameKnown.set(id, Math.min(this.plan.becameKnown.get(id) ?? this.sighting.at_ms, this.sighting.at_ms));
      if (!person || person.known) continue;
      person.known = true;
      person.since_ms = this.sighting.at_ms;
      this.plan.becameKnown.set(id, this.sighting.at_ms);
    }
  }

  private newPerson(known: boolean): number {
    return this.create(known);
  }

  private create(known: boolean): number {
    const id = -(this.plan.created.length + 1);
    this.plan.created.push({ id, known, at_ms: this.sighting.at_ms });
    this.world.people.set(id, { id, known, since_ms: this.sighting.at_ms, ownIds: new Map(), hasEmail: false, trusted: false });
    return id;
  }

  private merge(a: number, b: number, reason: PlannedMerge['reason'], evidence: Identifier[]): number {
    const [winner, loser] = winnerOf(this.person(a), this.person(b));
    this.plan.merges.push({ winnerId: winner.id, loserId: loser.id, reason, evidence });
    for (const [origin, owner] of this.world.owners) if (owner === loser.id) this.world.owners.set(origin, winner.id);
    this.world.owners.set(loser.id, winner.id);
    winner.hasEmail ||= loser.hasEmail;
    winner.trusted ||= loser.trusted;
    for (const [key, values] of loser.ownIds) winner.ownIds.set(key, new Set([...(winner.ownIds.get(key) ?? []), ...values]));
    return winner.id;
  }

  private suggest(a: number, b: number, evidence: Identifier): void {
    const key = pairKey(a, b);
    if (a === b || this.world.apart.has(key) || this.plan.suggestions.has(key)) return;
    this.plan.suggestions.set(key, { lowId: a, highId: b, reason: `same_${evidence.kind}`, evidence });
  }

  // ---- small readings --------------------------------------------------------------------------------------------

  private link(key: Identifier): Link | undefined {
    return this.world.links.get(keyOf(key));
  }
  private root(origin: number): number {
    return this.world.owners.get(origin) ?? origin;
  }
  private ownerOf(key: Identifier): number {
    return this.root(this.link(key)!.originId);
  }
  private person(id: number): Person {
    return this.world.people.get(id)!;
  }
  /** Whom it was written for: the origin of the strongest key that belongs to the person. */
  private originIn(target: number, keys: Identifier[]): number {
    const key = keys.find(one => this.link(one) && this.ownerOf(one) === target);
    return key ? this.link(key)!.originId : target;
  }
  private changed(key: Identifier): void {
    if (!this.plan.newLinks.has(keyOf(key))) this.plan.changedLinks.add(keyOf(key));
  }
}

/** Known beats anonymous, the older known one wins, then the smaller id. New people (negative ids) are the youngest. */
export const winnerOf = (a: Person, b: Person): [winner: Person, loser: Person] => {
  const rank = (person: Person) => [person.known ? 0 : 1, person.since_ms, person.id < 0 ? 2 ** 40 - person.id : person.id];
  const [left, right] = [rank(a), rank(b)];
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return left[i] < right[i] ? [a, b] : [b, a];
  return [a, b];
};

const differs = (person: Person, key: Identifier): boolean => {
  const values = person.ownIds.get(sourceKey(key));
  return values !== undefined && values.size > 0 && !values.has(key.value);
};

const sameSourceDiffers = (a: Person, b: Person): boolean => {
  for (const [key, values] of a.ownIds) {
    const others = b.ownIds.get(key);
    if (others && others.size > 0 && values.size > 0 && ![...values].some(value => others.has(value))) return true;
  }
  return false;
};
