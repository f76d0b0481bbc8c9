/** The days that "later" offers, as YYYY-MM-DD counted from the organisation's today. */

const dayAfter = (zone: string | undefined, days: number): string => {
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    new Date(),
  );
  const at = new Date(`${today}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
};

export const laterDays = (zone: string | undefined): { label: string; day: string }[] => [
  { label: 'desk.today.tomorrow', day: dayAfter(zone, 1) },
  { label: 'desk.today.in_a_week', day: dayAfter(zone, 7) },
  { label: 'desk.today.in_a_month', day: dayAfter(zone, 30) },
];
