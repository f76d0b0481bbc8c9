/** What the form may ask, and what each answer becomes. Pure. */

export const concerns = ['price', 'advice', 'experience', 'brand'] as const;
export const heardFrom = ['search', 'social', 'friend', 'advert', 'shop', 'other'] as const;
export const channels = ['email', 'sms', 'phone', 'post'] as const;
export const secondQuestions = ['birthday', 'category_interest', 'heard_from', 'preferred_channel'] as const;
export type SecondQuestion = (typeof secondQuestions)[number];

/** A question and what may be answered; `choices` null: a day. */
export type Question = { code: 'main_concern' | SecondQuestion; choices: readonly string[] | null };

/** Enough to recognise oneself in, few enough to read. */
export const mostCategories = 8;

export const questionOf = (code: SecondQuestion, categories: readonly string[]): Question | null => {
  if (code === 'birthday') return { code, choices: null };
  if (code === 'heard_from') return { code, choices: heardFrom };
  if (code === 'preferred_channel') return { code, choices: channels };
  return categories.length === 0 ? null : { code, choices: categories.slice(0, mostCategories) };
};

/** At most two, and never what is known already. */
export const toAsk = (second: SecondQuestion | null, known: ReadonlySet<string>, categories: readonly string[]): Question[] => {
  const asked: Question[] = known.has('main_concern') ? [] : [{ code: 'main_concern', choices: concerns }];
  const more = second === null || known.has(second) ? null : questionOf(second, categories);
  return more ? [...asked, more] : asked;
};

export type Read = { answers: Record<string, string>; faults: Set<string> };

/** Reads what was sent; a question may be left open, but not answered with something else. */
export const readAnswers = (sent: ReadonlyMap<string, string>, questions: readonly Question[], today: string): Read => {
  const answers: Record<string, string> = {};
  const faults = new Set<string>();
  for (const { code, choices } of questions) {
    const value = sent.get(code)?.trim() ?? '';
    if (value === '') continue;
    if (choices ? choices.includes(value) : isBirthday(value, today)) answers[code] = value;
    else faults.add(code);
  }
  return { answers, faults };
};

const isBirthday = (text: string, today: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text) && text >= '1900-01-01' && text < today;
};
