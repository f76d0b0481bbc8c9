/**
 * React Query over the typed client. A query's key is [route, input], so `invalidates: ['/api/customers']` refreshes every read whose
 * path begins so.
 */
import {
  keepPreviousData,
  MutationCache,
  QueryCache,
  QueryClient,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { type AnswerOf, ApiError, api, type CallOptions, type ChangeRoute, type GetRoute, type InputOf } from './api.ts';

/** Shape-blind call: the hooks above it have already checked the input against the route. */
const callRoute = api as unknown as (route: string, input: unknown, options: CallOptions) => Promise<unknown>;

const retry = (failures: number, error: Error): boolean =>
  error instanceof ApiError && (error.status === 429 || error.status >= 500) && failures < 3;
const retryDelay = (failures: number, error: Error): number =>
  error instanceof ApiError && error.retryAfterSeconds ? error.retryAfterSeconds * 1000 : 500 * 2 ** failures;

/** `onSignedOut` is told when any answer says that the login has ended. */
export const createQueryClient = (onSignedOut: () => void): QueryClient => {
  const watch = (error: Error) => {
    if (error instanceof ApiError && error.status === 401) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError: watch }),
    mutationCache: new MutationCache({ onError: watch }),
    defaultOptions: {
      // "always": the browser's idea of being online says nothing about a server on this machine.
      queries: { networkMode: 'always', staleTime: 10_000, retry, retryDelay, refetchOnWindowFocus: true },
      mutations: { networkMode: 'always', retry: false },
    },
  });
};

type QueryArguments<K extends GetRoute, T> =
  Record<never, never> extends InputOf<K>
    ? [input?: InputOf<K>, options?: QueryOptions<K, T>]
    : [input: InputOf<K>, options?: QueryOptions<K, T>];
export type QueryOptions<K extends GetRoute, T = AnswerOf<K>> = {
  enabled?: boolean;
  /** Keeps the last answer on screen while a changed input loads (filters, typing). */
  keep?: boolean;
  staleTime_ms?: number;
  refetchEvery_ms?: number | false;
  select?: (answer: AnswerOf<K>) => T;
};

/** `const customer = useQueryOf('GET /api/customers/:id', { params: { id } })` */
export const useQueryOf = <K extends GetRoute, T = AnswerOf<K>>(
  route: K,
  ...[input, options = {}]: QueryArguments<K, T>
): UseQueryResult<T, Error> =>
  useQuery({
    queryKey: [route, input ?? {}],
    queryFn: ({ signal }) => callRoute(route, input, { signal }) as Promise<AnswerOf<K>>,
    enabled: options.enabled ?? true,
    staleTime: options.staleTime_ms ?? 10_000,
    refetchInterval: options.refetchEvery_ms ?? false,
    placeholderData: options.keep ? (keepPreviousData as never) : undefined,
    select: options.select,
  }) as UseQueryResult<T, Error>;

type ListAnswer = { data: unknown[]; next_cursor: string | null; total?: number };
type ListRoute = { [K in GetRoute]: AnswerOf<K> extends ListAnswer ? K : never }[GetRoute];
type RowOf<K extends GetRoute> = AnswerOf<K> extends { data: (infer R)[] } ? R : never;

export type List<R> = {
  rows: R[];
  /** Count of all matches, where the route gives one. */
  total: number | undefined;
  isLoading: boolean;
  /** Rows of the last question are still shown while the new ones load. */
  isStale: boolean;
  error: Error | null;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  reload: () => void;
};

/** A list read page by page through its cursor: `useListOf('GET /api/customers', { query: { query, sort } })`. */
export const useListOf = <K extends ListRoute>(
  route: K,
  input: Omit<InputOf<K>, 'cursor'>,
  options: { enabled?: boolean } = {},
): List<RowOf<K>> => {
  const given = input as { query?: Record<string, unknown> };
  const list = useInfiniteQuery({
    queryKey: [route, input, 'list'],
    queryFn: ({ signal, pageParam }) =>
      callRoute(
        route,
        { ...given, query: { ...given.query, cursor: pageParam ?? undefined } },
        { signal },
      ) as Promise<ListAnswer>,
    initialPageParam: null as string | null,
    getNextPageParam: last => last.next_cursor,
    placeholderData: keepPreviousData,
    enabled: options.enabled ?? true,
  });
  return {
    rows: (list.data?.pages.flatMap(one => one.data) ?? []) as RowOf<K>[],
    total: list.data?.pages[0]?.total,
    isLoading: list.isPending && list.fetchStatus !== 'idle',
    isStale: list.isPlaceholderData,
    error: list.data ? null : list.error,
    hasMore: list.hasNextPage,
    isLoadingMore: list.isFetchingNextPage,
    loadMore: () => void list.fetchNextPage(),
    reload: () => void list.refetch(),
  };
};

/** A change that is shown at once and taken back when the server refuses it. */
export type Optimistic<I> = { [G in GetRoute]: { route: G; update: (answer: AnswerOf<G>, input: I) => AnswerOf<G> } }[GetRoute];

export type MutationOptions<K extends ChangeRoute> = {
  /** Paths whose reads are asked again afterwards, e.g. ['/api/customers']. */
  invalidates?: readonly string[];
  optimistic?: readonly Optimistic<InputOf<K>>[];
  onSuccess?: (answer: AnswerOf<K>, input: InputOf<K>) => void;
  onError?: (error: Error, input: InputOf<K>) => void;
};

const startsWith = (path: string) => (query: { queryKey: readonly unknown[] }) =>
  String(query.queryKey[0]).startsWith(`GET ${path}`);

/** `const save = useMutationOf('PATCH /api/customers/:id', { invalidates: ['/api/customers'] }); save.mutate({ params, body })` */
export const useMutationOf = <K extends ChangeRoute>(route: K, options: MutationOptions<K> = {}) => {
  const client = useQueryClient();
  return useMutation<AnswerOf<K>, Error, InputOf<K>, { before: [readonly unknown[], unknown][] }>({
    mutationFn: input => callRoute(route, input, {}) as Promise<AnswerOf<K>>,
    onMutate: async input => {
      const before: [readonly unknown[], unknown][] = [];
      for (const one of options.optimistic ?? []) {
        const exact = { predicate: (query: { queryKey: readonly unknown[] }) => query.queryKey[0] === one.route };
        await client.cancelQueries(exact);
        for (const [key, answer] of client.getQueriesData(exact)) {
          if (answer === undefined) continue;
          before.push([key, answer]);
          const update = one.update as (answer: unknown, input: InputOf<K>) => unknown;
          const pages = (answer as { pages?: unknown[] }).pages;
          client.setQueryData(
            key,
            pages ? { ...(answer as object), pages: pages.map(page => update(page, input)) } : update(answer, input),
          );
        }
      }
      return { before };
    },
    onSuccess: (answer, input) => options.onSuccess?.(answer, input),
    onError: (error, input, kept) => {
      for (const [key, answer] of kept?.before ?? []) client.setQueryData(key, answer);
      options.onError?.(error, input);
    },
    onSettled: () =>
      Promise.all((options.invalidates ?? []).map(path => client.invalidateQueries({ predicate: startsWith(path) }))),
  });
};

/** Asks reads again: `const refresh = useRefresh(); refresh('/api/segments')`. */
export const useRefresh = (): ((path: string) => Promise<void>) => {
  const client = useQueryClient();
  return path => client.invalidateQueries({ predicate: startsWith(path) });
};
