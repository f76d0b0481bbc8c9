/**
 * The one way to talk to the server. Names, parameters and answers are inferred from every feature's `contract.ts`, which is
 * imported as a type only: a feature's `web/index.tsx` adds its routes to `ApiRoutes` by declaration merging.
 */
import type { Client } from '../platform/contract.ts';
import type { Problem } from '../platform/errors.ts';
import type { contract as system } from '../platform/system/contract.ts';
import { connection } from './connection.ts';
import { proof } from './proof.ts';

/** "GET /api/customers/:id" -> { params, query, body, answer }. The ground floor's own routes; features add theirs. */
export interface ApiRoutes extends Client<typeof system> {}

export type RouteName = keyof ApiRoutes & string;
export type GetRoute = Extract<RouteName, `GET ${string}`>;
export type ChangeRoute = Exclude<RouteName, GetRoute>;
export type AnswerOf<K extends RouteName> = ApiRoutes[K] extends { answer: infer A } ? A : never;

type Part<K extends RouteName, P extends string> = ApiRoutes[K] extends Record<P, infer V> ? V : undefined;
type Given<P extends string, V> = [V] extends [undefined]
  ? unknown
  : Record<never, never> extends V
    ? { [_ in P]?: V }
    : { [_ in P]: V };
/** A value that may be anything may also be left out (zod's preprocess and coerce take `unknown`). */
type Loose<T> = T extends object
  ? { [P in keyof T as undefined extends T[P] ? never : P]: T[P] } & {
      [P in keyof T as undefined extends T[P] ? P : never]?: T[P];
    }
  : T;
/** What a route needs: only the parts it declares, optional where all of a part is optional. */
export type InputOf<K extends RouteName> = Given<'params', Part<K, 'params'>> &
  Given<'query', Loose<Part<K, 'query'>>> &
  Given<'body', Part<K, 'body'>>;
type AnyInput = { params?: Record<string, unknown>; query?: Record<string, unknown>; body?: unknown };
type Arguments<K extends RouteName> =
  Record<never, never> extends InputOf<K>
    ? [input?: InputOf<K>, options?: CallOptions]
    : [input: InputOf<K>, options?: CallOptions];

export type CallOptions = {
  signal?: AbortSignal;
  /** Same key, same effect: given when a person may press twice. Made by itself otherwise. */
  idempotencyKey?: string;
};

/** An answer that is a no. `message` is the server's plain sentence; `errors` name the faulty fields. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly values: Record<string, string | number>;
  readonly errors: readonly { path: string; reason: string }[];
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, problem: Partial<Problem>, retryAfterSeconds?: number) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code ?? `http.${status}`;
    this.values = problem.values ?? {};
    this.errors = problem.errors ?? [];
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const fillPath = (path: string, params: Record<string, unknown>) =>
  path.replace(/:([a-zA-Z_]+)/g, (_, name: string) => encodeURIComponent(String(params[name])));

/** Leaves out undefined and empty values; arrays become repeated keys. */
export const queryText = (query: Record<string, unknown> | undefined): string => {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== '') search.append(key, String(one));
    }
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
};

/** The address behind a GET route, for `<a href download>` and images. */
export const addressOf = <K extends GetRoute>(route: K, ...[input]: Arguments<K>): string => {
  const { params = {}, query } = (input ?? {}) as AnyInput;
  return fillPath(route.slice(4), params) + queryText(query);
};

/** Fetches a file and hands it to the reader, so that a refusal is an answer on the page and not a broken download. */
export const saveFile = async (address: string, fileName: string): Promise<void> => {
  const content = (await call('GET', address)) as Blob | object;
  const blob = content instanceof Blob ? content : new Blob([JSON.stringify(content, null, 2)], { type: 'application/json' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};

const readAnswer = async (response: Response): Promise<unknown> => {
  const type = response.headers.get('content-type') ?? '';
  if (!response.ok) {
    const problem = type.includes('json') ? ((await response.json().catch(() => ({}))) as Partial<Problem>) : {};
    const wait = Number(response.headers.get('retry-after'));
    throw new ApiError(response.status, problem, Number.isFinite(wait) && wait > 0 ? wait : undefined);
  }
  if (response.status === 204) return undefined;
  return type.includes('json') ? response.json() : response.blob();
};

/**
 * Calls a path as it stands. A lost connection is no error here: the call waits until the server is back and is sent again,
 * with the same Idempotency-Key, so nothing typed is lost and nothing happens twice.
 */
export const call = async (method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<unknown> => {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET')
    headers['idempotency-key'] = options.idempotencyKey ?? crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  for (;;) {
    let response: Response;
    try {
      response = await fetch(path, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: 'same-origin',
        signal: options.signal,
      });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      await connection.lost(options.signal);
      continue;
    }
    connection.seen();
    try {
      return await readAnswer(response);
    } catch (error) {
      // Asked once more who one is: after the answer the same call goes out again.
      const again = error instanceof ApiError && error.code === 'access.proof_needed' && (await proof.ask(error.message));
      if (!again) throw error;
    }
  }
};

/** `await api('GET /api/customers/:id', { params: { id } })`; throws `ApiError`. */
export const api = async <K extends RouteName>(route: K, ...[input, options]: Arguments<K>): Promise<AnswerOf<K>> => {
  const space = route.indexOf(' ');
  const { params = {}, query, body } = (input ?? {}) as AnyInput;
  return (await call(
    route.slice(0, space),
    fillPath(route.slice(space + 1), params) + queryText(query),
    body,
    options,
  )) as AnswerOf<K>;
};

/** Sends a file as multipart form data; `onProgress` gets the share sent, 0..1. */
export const upload = <K extends ChangeRoute>(
  route: K,
  input: { params?: Record<string, unknown>; form: FormData; onProgress?: (share: number) => void; signal?: AbortSignal },
): Promise<AnswerOf<K>> =>
  new Promise((resolve, reject) => {
    const space = route.indexOf(' ');
    // fetch cannot report how much of a body was sent; XMLHttpRequest can.
    const request = new XMLHttpRequest();
    request.open(route.slice(0, space), fillPath(route.slice(space + 1), input.params ?? {}));
    request.setRequestHeader('accept', 'application/json');
    request.responseType = 'json';
    request.upload.onprogress = event => event.lengthComputable && input.onProgress?.(event.loaded / event.total);
    request.onload = () =>
      request.status < 400
        ? resolve(request.response as AnswerOf<K>)
        : reject(new ApiError(request.status, (request.response ?? {}) as Partial<Problem>));
    request.onerror = () =>
      reject(
        new ApiError(0, { code: 'ui.upload_interrupted', detail: 'The connection broke while sending the file. Send it again.' }),
      );
    request.onabort = () => reject(new DOMException('The upload was stopped.', 'AbortError'));
    input.signal?.addEventListener('abort', () => request.abort());
    request.send(input.form);
  });
