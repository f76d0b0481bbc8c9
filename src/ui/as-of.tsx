/** Looking as of a past day: a parameter of the address, else the organisation's setting. A banner says so wherever it applies. */
import { useSession } from './session.ts';
import { text, useUrl } from './url.ts';

/** `as_of` to hand to reads: undefined = today. "today" in the address overrules the organisation's setting. */
export const useAsOf = (): string | undefined => {
  const [url] = useUrl({ as_of: text() });
  const fallback = useSession()?.organisation?.as_of ?? undefined;
  if (url.as_of === 'today') return undefined;
  return url.as_of || fallback;
};

/** Changes the day looked from; null = today. */
export const useSetAsOf = (): ((day: string | null) => void) => {
  const [, setUrl] = useUrl({ as_of: text() });
  const fallback = useSession()?.organisation?.as_of ?? null;
  return day => setUrl({ as_of: day === fallback ? '' : (day ?? 'today') }, { push: true });
};
