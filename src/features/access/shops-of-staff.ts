/** A role may be limited to shops, and one person more narrowly than their role. Pure. */

/** What both allow; null = all shops. */
export const withinBoth = (one: readonly string[] | null, other: readonly string[] | null): string[] | null => {
  if (one === null) return other && [...other];
  return other === null ? [...one] : one.filter(shop => other.includes(shop));
};

/** Whether `wanted` stays within `own`. */
export const isWithin = (wanted: readonly string[] | null, own: readonly string[] | null): boolean =>
  own === null || (wanted?.every(shop => own.includes(shop)) ?? false);
