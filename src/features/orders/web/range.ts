/** The day so many days before `day` (default today), YYYY-MM-DD. */
export const daysBefore = (day: string | undefined, days: number): string => {
  const from = day === undefined ? Date.now() : Date.parse(`${day}T12:00:00Z`);
  return new Date(from - days * 86_400_000).toISOString().slice(0, 10);
};

export type CartRange = { from: string; to: string | undefined; shop: string | undefined };
