/** Counts distinct texts in 16 to 32 bytes each, for dry runs over files of any length. Pure. */

/** 52-bit hash of a text: two 32-bit FNV-1a passes. Two of a million texts share one with probability 1 in 9,000. */
export const hashOf = (text: string): number => {
  let a = 2166136261;
  let b = 84696351;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 16777619);
    b = Math.imul(b ^ code, 1540483477) ^ (b >>> 15);
  }
  return (a >>> 0) * 2 ** 20 + ((b >>> 0) & 0xfffff) + 1;
};

export type Tally = {
  /** True when the text is new. */
  add: (text: string) => boolean;
  size: () => number;
};

export const openTally = (): Tally => {
  let slots = new Float64Array(1 << 12);
  let size = 0;
  const place = (table: Float64Array, hash: number): number => {
    let at = (hash % 4294967291) & (table.length - 1);
    while (table[at] !== 0 && table[at] !== hash) at = (at + 1) & (table.length - 1);
    return at;
  };
  const grow = () => {
    const bigger = new Float64Array(slots.length * 2);
    for (const hash of slots) if (hash !== 0) bigger[place(bigger, hash)] = hash;
    slots = bigger;
  };
  return {
    add: text => {
      const hash = hashOf(text);
      const at = place(slots, hash);
      if (slots[at] === hash) return false;
      slots[at] = hash;
      size++;
      if (size * 2 > slots.length) grow();
      return true;
    },
    size: () => size,
  };
};
