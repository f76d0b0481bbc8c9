/** Mistyped domains of large mail providers: "gmial.com" is gmail.com. Pure. */

/** Providers whose names are typed often enough to be mistyped, with the domains they really have. */
const providers: Record<string, readonly string[]> = {
  gmail: ['com'],
  googlemail: ['com'],
  hotmail: ['com', 'co.uk', 'de', 'fr', 'it', 'es'],
  outlook: ['com', 'de', 'fr', 'es', 'it'],
  yahoo: ['com', 'co.uk', 'de', 'fr', 'it', 'es'],
  icloud: ['com'],
};

/** One slip of the finger away from a provider, but real. */
const real = new Set(['mail', 'gmx', 'ymail', 'email', 'hotmai', 'cloud', 'iclou', 'googlmail', 'outlok', 'yaho']);
/** Of those, names that nobody gives to a mail server: still slips. */
const slipsAfterAll = new Set(['hotmai', 'iclou', 'googlmail', 'outlok', 'yaho']);

/** Endings nobody can have registered, and what was meant. */
const endings: Record<string, string> = {
  con: 'com',
  cmo: 'com',
  ocm: 'com',
  comm: 'com',
  coom: 'com',
  vom: 'com',
  xom: 'com',
  'co.uk.com': 'co.uk',
  'co.ku': 'co.uk',
  'co.u': 'co.uk',
};

/** Every name with a letter left out, doubled, or swapped with its neighbour. */
const slipsOf = (name: string): string[] => {
  const slips = new Set<string>();
  for (let i = 0; i < name.length; i++) {
    if (i > 0) slips.add(name.slice(0, i) + name.slice(i + 1));
    slips.add(name.slice(0, i) + name[i] + name.slice(i));
    if (i + 1 < name.length) slips.add(name.slice(0, i) + name[i + 1] + name[i] + name.slice(i + 2));
  }
  slips.delete(name);
  return [...slips].filter(slip => !real.has(slip) || slipsAfterAll.has(slip));
};

const build = (): Map<string, string> => {
  const typos = new Map<string, string>();
  for (const [name, ends] of Object.entries(providers)) {
    for (const end of ends) for (const slip of slipsOf(name)) typos.set(`${slip}.${end}`, `${name}.${end}`);
    for (const [wrong, end] of Object.entries(endings)) if (ends.includes(end)) typos.set(`${name}.${wrong}`, `${name}.${end}`);
  }
  for (const one of ['web.de', 'gmx.de', 't-online.de', 'aol.com', 'live.com', 'me.com', 'orange.fr', 'libero.it']) {
    const [name, end] = one.split('.') as [string, string];
    if (end === 'com') for (const wrong of ['con', 'cmo', 'ocm', 'comm']) typos.set(`${name}.${wrong}`, one);
    typos.set(`${name}.${end}${end.at(-1)}`, one);
  }
  // Real domains, whatever they look like.
  for (const known of ['gmail.co', 'hotmail.co', 'outlook.co', 'yahoo.co', 'me.comm']) typos.delete(known);
  return typos;
};

const typos = build();

/** Mistyped domain -> the one that was meant. */
export const mailTypos = (): ReadonlyMap<string, string> => typos;

/** The address with its domain put right; null when nothing is wrong with it. */
export const correctedEmail = (email: string): string | null => {
  const at = email.lastIndexOf('@');
  const meant = typos.get(email.slice(at + 1).toLowerCase());
  return at > 0 && meant ? `${email.slice(0, at)}@${meant}` : null;
};
