/**
 * The table of expected noes. A `Refusal` becomes an RFC 9457 problem document at the door;
 * anything else that is thrown is a bug: logged, counted and answered with 500.
 */
export const refusalKinds = {
  malformed: { status: 400, title: 'The request could not be read' },
  unauthenticated: { status: 401, title: 'Sign in first' },
  forbidden: { status: 403, title: 'You may not do this' },
  not_found: { status: 404, title: 'There is nothing here' },
  conflict: { status: 409, title: 'Somebody changed this in the meantime' },
  too_large: { status: 413, title: 'The request is too large' },
  unsupported_type: { status: 415, title: 'This kind of content is not accepted here' },
  refused: { status: 422, title: 'A rule refuses this' },
  too_many: { status: 429, title: 'Too many attempts' },
  unavailable: { status: 503, title: 'Not ready yet' },
} as const;

export type RefusalKind = keyof typeof refusalKinds;

/** One fault inside a request: `path` in dotted form ("definition.all.0.did"), `reason` a plain sentence. */
export type Fault = { path: string; reason: string };

export class Refusal extends Error {
  readonly kind: RefusalKind;
  /** Stable machine word, "<feature>.<what>", e.g. "customers.merge_self". Texts may translate it. */
  readonly code: string;
  readonly values: Record<string, string | number>;
  readonly faults: Fault[];
  readonly retryAfterSeconds: number | undefined;

  /** `detail` is a plain English sentence that says what to do next. */
  constructor(
    kind: RefusalKind,
    code: string,
    detail: string,
    more: { values?: Record<string, string | number>; faults?: Fault[]; retryAfterSeconds?: number } = {},
  ) {
    super(detail);
    this.name = 'Refusal';
    this.kind = kind;
    this.code = code;
    this.values = more.values ?? {};
    this.faults = more.faults ?? [];
    this.retryAfterSeconds = more.retryAfterSeconds;
  }

  get status(): number {
    return refusalKinds[this.kind].status;
  }

  toProblem(): Problem {
    return {
      type: `urn:regulars:${this.code}`,
      title: refusalKinds[this.kind].title,
      status: this.status,
      detail: this.message,
      code: this.code,
      values: this.values,
      errors: this.faults,
    };
  }
}

/** RFC 9457 problem document. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  values: Record<string, string | number>;
  errors: Fault[];
};

/** Short forms for the two most frequent noes. */
export const notFound = (what: string) =>
  new Refusal(
    'not_found',
    `${what}.not_found`,
    `This ${what} does not exist, or you may not see it. Go back to the list and pick another.`,
  );
export const stale = (what: string) =>
  new Refusal('conflict', `${what}.stale`, `This ${what} was changed by somebody else. Load it again, then make your change.`);
