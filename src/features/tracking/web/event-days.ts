/** Counts of the last `most` days up to today (UTC), oldest first; days without any are 0. */
export const lastDays = (days: readonly { day: string; count: number }[], most: number): number[] => {
  const byDay = new Map(days.map(one => [one.day, one.count]));
  return Array.from({ length: most }, (_, back) => {
    const day = new Date(Date.now() - (most - 1 - back) * 86_400_000).toISOString().slice(0, 10);
    return byDay.get(day) ?? 0;
  });
};
