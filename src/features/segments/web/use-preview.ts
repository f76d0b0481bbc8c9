import { useEffect, useState } from 'react';
import { type AnswerOf, ApiError, api, useAsOf } from '../../../ui/index.ts';
import { canonicalJson, type Definition } from '../definition.ts';

export type Preview = AnswerOf<'POST /api/segments/preview'>;
export type PreviewState = { data: Preview | null; error: Error | null; isBusy: boolean };

/** A pause in typing before asking. */
const pause_ms = 180;

/** Counts the definition as it is edited; the last answer stays until the next is there. */
export const usePreview = (definition: Definition, id: string | undefined): PreviewState => {
  const as_of = useAsOf();
  const [state, setState] = useState<PreviewState>({ data: null, error: null, isBusy: true });
  const key = canonicalJson(definition);
  useEffect(() => {
    const abort = new AbortController();
    setState(before => ({ ...before, isBusy: true }));
    const timer = setTimeout(async () => {
      try {
        const data = await api(
          'POST /api/segments/preview',
          { body: { definition: JSON.parse(key), as_of: as_of ?? null, id } },
          { signal: abort.signal },
        );
        if (!abort.signal.aborted) setState({ data, error: null, isBusy: false });
      } catch (error) {
        if (!abort.signal.aborted)
          setState(before => ({
            data: error instanceof ApiError && error.status === 422 ? before.data : null,
            error: error as Error,
            isBusy: false,
          }));
      }
    }, pause_ms);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key, as_of, id]);
  return state;
};
