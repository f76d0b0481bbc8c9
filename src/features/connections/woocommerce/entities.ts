/** WordPress writes texts for HTML: "Ship Your Idea &ndash; Black". Pure. */
const named: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  times: '×',
  deg: '°',
  reg: '®',
  trade: '™',
  copy: '©',
  euro: '€',
  pound: '£',
};

/** Text as people read it: entities resolved, tags and doubled spaces gone. What is no entity stays as it is. */
export const plainText = (html: string): string =>
  html
    .replace(/<[^<>]*>/g, '')
    .replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/g, (whole, ten, sixteen, name) => {
      if (name) return named[name] ?? whole;
      const code = ten ? Number(ten) : Number.parseInt(sixteen, 16);
      return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
    })
    .replace(/\s+/g, ' ')
    .trim();
