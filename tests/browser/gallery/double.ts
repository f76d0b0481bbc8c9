/** Answers the shell's own routes from memory, so that components can be looked at without a server. */
const me = {
  kind: 'staff',
  id: '01900000-0000-7000-8000-000000000001',
  name: 'Maya Okafor',
  email: 'maya@example.invalid',
  role: { id: null, code: 'owner', name: 'Owner' },
  verbs: ['*'],
  fields: ['contact', 'address', 'money', 'payment', 'conversation', 'behaviour', 'notes', 'secrets'],
  settings: {},
  session_id: null,
  organisation: { name: 'Lantern & Loom', home_currency: 'GBP', zone: 'Europe/London', as_of: null, proposed_as_of: null },
};
const job = (id: string, state: string, done: number, total: number | null, more: object = {}) => ({
  id,
  name: 'imports.run',
  state,
  done,
  total,
  note: null,
  result: null,
  error: null,
  created_at: new Date(Date.now() - 95_000).toISOString(),
  started_at: null,
  finished_at: null,
  seconds_left: null,
  ...more,
});
const jobs = [
  job('running', 'running', 212_400, 531_282, { seconds_left: 34 }),
  job('queued', 'queued', 0, null, { name: 'segments.refresh' }),
  job('done', 'done', 531_282, 531_282, {}),
  job('failed', 'failed', 10, 500, {
    name: 'exports.write',
    error: { code: 'exports.gone', detail: 'The segment was removed while the export ran. Choose another one.' },
  }),
];
const status = {
  version: '0.1.0',
  node: 'v24.21.0',
  now: new Date().toISOString(),
  uptime_seconds: 86_400 * 3 + 4210,
  memory_mb: 412,
  postgres: { ok: true, version: '18.4', size_mb: 1480, embedded: true },
  clickhouse: { ok: true, version: '26.3.1.1', size_mb: 96, embedded: true },
  queue: { queued: 2, running: 1, failed: 1, announcements: 14, dead: 0 },
  figures: [
    { code: 'lag', label: 'Events behind', value: 0.4, unit: 'seconds', state: 'good' },
    { code: 'rejected', label: 'Events rejected today', value: 12, unit: null, state: 'warning' },
    { code: 'copy', label: 'Copy to the scanning engine', value: 940, unit: 'seconds', state: 'bad' },
  ],
  sending_held: true,
};

const answers: Record<string, () => unknown> = {
  'GET /api/me': () => me,
  'GET /api/setup': () => ({ needed: false }),
  'GET /api/status': () => status,
  'GET /api/jobs': () => ({ data: jobs }),
};

export const installDouble = (): void => {
  const real = window.fetch;
  window.fetch = async (input, init) => {
    const url = new URL(String(input), location.origin);
    if (!url.pathname.startsWith('/api')) return real(input, init);
    const found = answers[`${init?.method ?? 'GET'} ${url.pathname}`];
    const one = url.pathname.match(/^\/api\/jobs\/(\w+)$/);
    const body = found ? found() : one ? jobs.find(entry => entry.id === one[1]) : undefined;
    return body === undefined
      ? new Response(JSON.stringify({ detail: 'There is nothing here.', code: 'double.nothing' }), {
          status: 404,
          headers: { 'content-type': 'application/problem+json' },
        })
      : Response.json(body);
  };
};
