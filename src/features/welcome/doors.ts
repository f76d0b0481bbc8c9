/** /w/<token or form>: GET shows the page and changes nothing, POST takes the answers. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { dayIn } from '../../platform/time.ts';
import { normaliseEmail } from '../customers/index.ts';
import { organisationOf } from '../shops/index.ts';
import { answerForm, knownOf } from './answer-form.ts';
import { type Form, readForm, topCategories } from './form.ts';
import { chooseLanguage } from './languages.ts';
import { countSending, findLink, type OwnLink } from './links.ts';
import { type PageInput, writePage } from './page.ts';
import { readAnswers, toAsk } from './questions.ts';

const publicActor: Context['actor'] = {
  kind: 'public',
  id: null,
  name: 'welcome form',
  verbs: new Set(),
  fields: new Set(),
  shopIds: null,
};
/** Four short answers and an address. */
const largest_bytes = 8_192;

export const addDoors = async (app: FastifyInstance, context: Context): Promise<void> => {
  const outside: Context = { ...context, actor: publicActor };
  // In a scope of its own: nowhere else is a form sent as a browser does without scripts.
  await app.register(async scope => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: largest_bytes },
      (_request, body, done) =>
        done(null, new Map([...new URLSearchParams(body as string)].map(([name, value]) => [name, value.slice(0, 500)]))),
    );
    scope.get('/w/:key', async (request, reply) => show(outside, request, reply));
    scope.post('/w/:key', { bodyLimit: largest_bytes }, async (request, reply) => take(outside, request, reply));
  });
};

type Query = { lang?: string; embed?: string; preview?: string };
const one = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const keyOf = (request: FastifyRequest): string => (request.params as { key: string }).key;

type Opened = { page: PageInput; form: Form; link: OwnLink | null };

const open = async (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<Opened> => {
  const key = keyOf(request);
  const query = request.query as Query;
  const form = await readForm(context);
  const link = await findLink(context, key);
  const open = key === form.id;
  const preview = open && query.preview !== undefined;
  const [customer] = link ? await context.postgres`select language from customers.customer where id = ${link.customerId}` : [];
  const { name } = await organisationOf(context);
  const language = chooseLanguage(
    one(query.lang),
    request.headers['accept-language'],
    (customer?.language as string | null) ?? null,
  );
  const known = link && !link.ended ? await knownOf(context, link.customerId) : new Set<string>();
  const questions = toAsk(
    form.secondQuestion,
    known,
    form.secondQuestion === 'category_interest' ? await topCategories(context) : [],
  );
  const state =
    !link && !open
      ? 'not_found'
      : preview
        ? 'asking'
        : !form.active || (open && !form.openToAll)
          ? 'closed'
          : link?.ended
            ? 'ended'
            : questions.length === 0
              ? 'known'
              : 'asking';
  return {
    form,
    link,
    page: {
      key,
      organisation: name,
      language,
      why: form.why[language] ?? null,
      questions,
      asksEmail: open,
      state,
      faults: new Set(),
      sent: new Map(),
      embedded: query.embed !== undefined,
      preview,
      nonce: reply.cspNonce.style,
    },
  };
};

const send = (reply: FastifyReply, { page, form }: Pick<Opened, 'page' | 'form'>, status = 200) => {
  // Only the open form may stand in other pages, and only in those that staff named; the preview in our own.
  const frames = page.asksEmail ? [page.preview ? "'self'" : '', ...form.sites].filter(Boolean).join(' ') : '';
  if (frames !== '') {
    const policy = String(reply.getHeader('content-security-policy') ?? '');
    reply
      .header('content-security-policy', policy.replace("frame-ancestors 'none'", `frame-ancestors ${frames}`))
      .removeHeader('x-frame-options');
  }
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .type('text/html; charset=utf-8')
    .send(writePage(page));
};

const statusOf = (state: PageInput['state']): number =>
  ({ not_found: 404, ended: 410, closed: 410, too_many: 429 })[state as 'ended'] ?? 200;

const show = async (context: Context, request: FastifyRequest, reply: FastifyReply) => {
  const opened = await open(context, request, reply);
  return send(reply, opened, statusOf(opened.page.state));
};

const take = async (context: Context, request: FastifyRequest, reply: FastifyReply) => {
  const opened = await open(context, request, reply);
  const { page, form, link } = opened;
  if (page.state !== 'asking' || page.preview) return send(reply, opened, statusOf(page.state));
  const sent = request.body instanceof Map ? (request.body as Map<string, string>) : new Map<string, string>();
  try {
    await countSending(context, request.ip);
  } catch (error) {
    if (!(error instanceof Refusal) || error.kind !== 'too_many') throw error;
    reply.header('retry-after', String(error.retryAfterSeconds));
    return send(reply, { form, page: { ...page, state: 'too_many' } }, 429);
  }
  const today = dayIn((await organisationOf(context)).zone, context.clock.now());
  const { answers, faults } = readAnswers(sent, page.questions, today);
  if (Object.keys(answers).length === 0) for (const question of page.questions.slice(0, 1)) faults.add(question.code);
  if (page.asksEmail && normaliseEmail(sent.get('email') ?? '') === null) faults.add('email');
  // A robot fills every field, also the one that nobody sees: it is thanked and forgotten.
  const robot = (sent.get('website') ?? '') !== '';
  if (faults.size === 0 && !robot) {
    const outcome = await answerForm(context, { form, link, email: sent.get('email') ?? '', answers, language: page.language });
    if (outcome === 'bad_email') faults.add('email');
  }
  if (faults.size > 0) return send(reply, { form, page: { ...page, faults, sent } }, 422);
  return send(reply, { form, page: { ...page, state: 'thanks' } });
};
