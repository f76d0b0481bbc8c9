/** Time zones and currencies as every engine knows them. Knows no Node and no browser. */

/** The zone's IANA name in the spelling that PostgreSQL and ClickHouse share, or null ("europe/london" becomes "Europe/London"). */
export const zoneNamed = (name: string): string | null => {
  if (!/^[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*$/.test(name)) return null;
  try {
    const known = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    return known.toLowerCase() === name.toLowerCase() ? known : name;
  } catch {
    return null;
  }
};

/** The ISO 4217 code in capitals, or null when there is no such currency. */
export const currencyNamed = (code: string): string | null => {
  const capitals = code.toUpperCase();
  return Intl.supportedValuesOf('currency').includes(capitals) ? capitals : null;
};
