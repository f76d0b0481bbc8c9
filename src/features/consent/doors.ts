/** The public doors: /p/<token> preferences, /p without one, /p/confirm/<token>, /u/<token> to unsubscribe. GET and HEAD never change anything. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Actor, Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { countAttempt } from './attempts.ts';
import { findConfirmation, takeConfirmation } from './confirmations.ts';
import type { Channel } from './consent.ts';
import { chooseLanguage, textsIn } from './languages.ts';
import { askForLink, isMailAddress } from './link-requests.ts';
import { type FoundLink, findLink } from './links.ts';
import { pageCss } from './page-css.ts';
import { choiceName, entryForm, escapeHtml, inkOn, isChannel, preferencePage, pressForm, smallPage } from './page-html.ts';
import { lookOf, wordedPage } from './page-words.ts';
import {
  changeOf,
  networkOf,
  noteReason,
  personBehind,
  type Said,
  saveChoices,
  setPause,
  stopEverything,
  stopOne,
  undoChange,
} from './preferences.ts';
import { recordConsents } from './record-consents.ts';
import { type PersonRequestKind, personRequests } from './slots.ts';
import { defaultBrand, purposesOf } from './topics.ts';

type Query = Record<string, unknown>;
type Form = URLSearchParams;

/** Who acts behind a link: the person, who has no name here. */
const customerActor: Actor = { kind: 'public', id: null, name: 'Customer', verbs: new Set(), fields: new Set(), shopIds: null };

const uuidShape = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/;
const nobody = '00000000-0000-0000-0000-000000000000';
const largestForm_bytes = 50_000;

export const openPublicDoors = async (app: FastifyInstance, house: Context): Promise<void> => {
  const context: Context = { ...house, actor: customerActor };
  await app.register(async pages => {
    pages.removeAllContentTypeParsers();
    pages.addContentTypeParser('*', { parseAs: 'string', bodyLimit: largestForm_bytes }, (_request, body, done) =>
      done(null, body),
    );
    pages.addHook('onRequest', async (_request, reply) => {
      reply
        .header('cache-control', 'no-store')
        .header('x-robots-tag', 'noindex, nofollow')
        .header('referrer-policy', 'no-referrer')
        .header(
          'content-security-policy',
          "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        );
    });
    pages.get('/p/page.css', async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=3600').type('text/css').send(pageCss),
    );
    pages.get<{ Params: { file: string } }>('/p/look/:file', async (request, reply) => {
      const brandId = request.params.file.replace(/\.css$/, '');
      const tried = queryOf(request).try;
      const colour =
        typeof tried === 'string' && /^#[\da-f]{6}$/.test(tried)
          ? tried
          : (await lookOf(context, uuidShape.test(brandId) ? brandId : nobody)).colour;
      const css = `:root { --brand: ${colour}; --on-brand: ${inkOn(colour)}; }`;
      return reply.header('cache-control', 'public, max-age=300').type('text/css').send(css);
    });
    pages.get('/p', (request, reply) => showEntry(context, request, reply));
    pages.post('/p', (request, reply) => takeEntry(context, request, reply));
    pages.get<{ Params: { token: string } }>('/p/confirm/:token', (request, reply) =>
      showConfirm(context, request, reply, request.params.token),
    );
    pages.post<{ Params: { token: string } }>('/p/confirm/:token', (request, reply) =>
      takeConfirm(context, request, reply, request.params.token),
    );
    pages.get<{ Params: { token: string } }>('/p/:token', (request, reply) =>
      showPreferences(context, request, reply, request.params.token),
    );
    pages.post<{ Params: { token: string } }>('/p/:token', (request, reply) =>
      takePreferences(context, request, reply, request.params.token),
    );
    pages.get<{ Params: { token: string } }>('/u/:token', (request, reply) =>
      showStop(context, request, reply, request.params.token),
    );
    pages.post<{ Params: { token: string } }>('/u/:token', (request, reply) =>
      takeStop(context, request, reply, request.params.token),
    );
  });
};

const html = (reply: FastifyReply, page: string, status = 200): FastifyReply =>
  reply.code(status).type('text/html; charset=utf-8').send(page);
const queryOf = (request: FastifyRequest): Query => request.query as Query;
const languageOf = (request: FastifyRequest, own: string | null = null): string =>
  chooseLanguage(queryOf(request).lang, request.headers['accept-language'], own);
const formOf = (request: FastifyRequest): Form =>
  new URLSearchParams(typeof request.body === 'string' ? request.body.replaceAll('%00', '') : '');
const saidBy = (request: FastifyRequest, language: string, page: Said['page'], version?: string): Said => ({
  language,
  version,
  network: networkOf(request.ip),
  browser: String(request.headers['user-agent'] ?? '').replaceAll('\0', ''),
  page,
});

/** Forged, revoked, of an erased person: all the same page, with the way to a new link. */
const deadLink = async (context: Context, request: FastifyRequest, reply: FastifyReply, status = 404): Promise<FastifyReply> => {
  const language = languageOf(request);
  const { text } = textsIn(language);
  const look = await lookOf(context, (await defaultBrand(context)).id);
  const inner = `<h2>${escapeHtml(text('consent.page.entry_title'))}</h2>${entryForm(text, language)}`;
  return html(
    reply,
    smallPage({ path: '/p', language, look }, text('consent.page.dead_title'), [text('consent.page.dead_text')], inner),
    status,
  );
};

// ---- preferences ----------------------------------------------------------------------------------------------------------

const askable = (context: Context): ('access' | 'erasure')[] =>
  context.slots.all(personRequests).length > 0 ? ['access', 'erasure'] : [];

const showPreferences = async (
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
): Promise<FastifyReply> => {
  const link = await findLink(context, token);
  if (!link || link.expired) return deadLink(context, request, reply);
  const query = queryOf(request);
  const own = await ownLanguage(context, link);
  const language = languageOf(request, own);
  const worded = await wordedPage(context, link.brandId, language);
  const person = await personBehind(context, link, worded.words);
  const changeId = typeof query.done === 'string' && uuidShape.test(query.done) ? query.done : null;
  const notices = ['undone', 'asked_access', 'asked_erasure', 'thanks', 'too_late'] as const;
  return html(
    reply,
    preferencePage({
      path: `/p/${token}`,
      worded,
      person,
      day: at => new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(at),
      change: changeId ? await changeOf(context, link, changeId) : null,
      notice: notices.find(one => one === query.notice) ?? null,
      requests: askable(context),
      asking: query.ask === 'erasure' && askable(context).length > 0 ? 'erasure' : null,
      gpc: request.headers['sec-gpc'] === '1',
    }),
  );
};

const ownLanguage = async (context: Context, link: FoundLink): Promise<string | null> => {
  const [row] = await context.postgres`select language from customers.customer where id = ${link.customerId}`;
  return (row?.language as string | null) ?? null;
};

const takePreferences = async (
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
): Promise<FastifyReply> => {
  const link = await findLink(context, token);
  if (!link || link.expired) return deadLink(context, request, reply);
  const form = formOf(request);
  const language = languageOf(request, await ownLanguage(context, link));
  const said = saidBy(request, language, '/p', form.get('version') ?? undefined);
  const back = (more: string) => reply.code(303).header('location', `/p/${token}?lang=${language}${more}`).send();
  const done = (change: string | null) => back(change ? `&done=${change}` : '');
  const changeId = uuidShape.test(form.get('change') ?? '') ? form.get('change')! : null;
  switch (form.get('do')) {
    case 'save': {
      const { words } = await wordedPage(context, link.brandId, language);
      const answer = { shown: form.getAll('shown'), ticked: form.getAll('on') };
      return done(await saveChoices(context, link, said, words, answer));
    }
    case 'stop': {
      const purposes = (await purposesOf(context)).filter(purpose => purpose.basis !== 'contract').map(purpose => purpose.code);
      return done(await stopEverything(context, link, said, purposes));
    }
    case 'pause':
      return done(await setPause(context, link, said, { days: form.get('days') === '90' ? 90 : 30, gapDays: null }));
    case 'gap':
      return done(await setPause(context, link, said, { days: null, gapDays: form.get('days') === '30' ? 30 : 7 }));
    case 'resume':
      return done(await setPause(context, link, said, { days: null, gapDays: null }));
    case 'undo':
      return back(changeId && (await undoChange(context, link, said, changeId)) ? '&notice=undone' : '&notice=too_late');
    case 'reason':
      if (changeId) await noteReason(context, link, changeId, form.get('reason') ?? '', form.get('words') ?? '');
      return back('&notice=thanks');
    case 'ask':
      return back(`&notice=asked_${await ask(context, link, form.get('kind') === 'erasure' ? 'erasure' : 'access')}`);
    default:
      return back('');
  }
};

/** The link came from their mailbox, so it is them (as far as a mailbox tells). */
const ask = async (context: Context, link: FoundLink, kind: PersonRequestKind): Promise<PersonRequestKind> => {
  for (const desk of context.slots.all(personRequests)) await desk.open(context, { kind, customerId: link.customerId });
  return kind;
};

// ---- unsubscribe (RFC 8058) -------------------------------------------------------------------------------------------------

type Stop = { purpose: string; channel: Channel; topic: string };

/** Which list the link is about; a topic nobody knows means all of the channel, never nothing. */
const stopOf = async (context: Context, link: FoundLink, query: Query): Promise<Stop> => {
  const channel: Channel = isChannel(query.channel) ? query.channel : 'email';
  const [topic] =
    typeof query.topic === 'string'
      ? await context.postgres`select purpose, code from consent.topic where brand_id = ${link.brandId} and code = ${query.topic.slice(0, 40)}`
      : [];
  return topic ? { purpose: topic.purpose, channel, topic: topic.code } : { purpose: 'marketing', channel, topic: '' };
};

const stopAddress = (token: string, stop: Stop, language: string): string =>
  `/u/${token}?channel=${stop.channel}${stop.topic === '' ? '' : `&topic=${encodeURIComponent(stop.topic)}`}&lang=${language}`;

const showStop = async (context: Context, request: FastifyRequest, reply: FastifyReply, token: string): Promise<FastifyReply> => {
  const link = await findLink(context, token);
  if (!link) return deadLink(context, request, reply);
  const language = languageOf(request, await ownLanguage(context, link));
  const { text } = textsIn(language);
  const stop = await stopOf(context, link, queryOf(request));
  const { look, words, version } = await wordedPage(context, link.brandId, language);
  const name = choiceName(words, stop.purpose, stop.topic);
  const channel = text(`consent.page.channel.${stop.channel}`);
  const values = { brand: look.brand, name: name ?? '', channel };
  const key = stop.topic !== '' && name ? 'consent.page.stop_one_topic' : 'consent.page.stop_one';
  const one = pressForm(stopAddress(token, stop, language), { do: 'stop', version }, text(`${key}_button`, values), 'danger');
  const all = link.expired ? '' : `<p><a href="/p/${token}?lang=${language}">${escapeHtml(text('consent.page.see_all'))}</a></p>`;
  return html(
    reply,
    smallPage({ path: `/u/${token}`, language, look }, text(`${key}_title`, values), [text(`${key}_text`, values)], one + all),
  );
};

/** A mail program posts "List-Unsubscribe=One-Click", the page's button "do=stop"; anything else changes nothing. */
const takeStop = async (context: Context, request: FastifyRequest, reply: FastifyReply, token: string): Promise<FastifyReply> => {
  const link = await findLink(context, token);
  if (!link) return deadLink(context, request, reply);
  const form = formOf(request);
  const oneClick = form.get('List-Unsubscribe') === 'One-Click' || isMultipartOneClick(request);
  if (!oneClick && form.get('do') !== 'stop') return deadLink(context, request, reply, 400);
  const language = languageOf(request, await ownLanguage(context, link));
  const { text } = textsIn(language);
  const stop = await stopOf(context, link, queryOf(request));
  const change = await stopOne(context, link, saidBy(request, language, '/u', form.get('version') ?? undefined), stop);
  if (!oneClick && !link.expired)
    return reply
      .code(303)
      .header('location', `/p/${token}?lang=${language}${change ? `&done=${change}` : ''}`)
      .send();
  const look = await lookOf(context, link.brandId);
  const page = smallPage({ path: `/u/${token}`, language, look }, text('consent.page.stopped_title'), [
    text('consent.page.stopped_text', { brand: look.brand }),
  ]);
  return html(reply, page);
};

/** RFC 8058 also allows multipart/form-data. */
const isMultipartOneClick = (request: FastifyRequest): boolean =>
  /^multipart\/form-data/i.test(request.headers['content-type'] ?? '') &&
  typeof request.body === 'string' &&
  /name="?List-Unsubscribe"?\r?\n\r?\nOne-Click\r?\n/i.test(request.body);

// ---- double opt-in ----------------------------------------------------------------------------------------------------------

const showConfirm = async (
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
): Promise<FastifyReply> => {
  const found = await findConfirmation(context, token);
  if (!found) return deadLink(context, request, reply);
  const language = languageOf(request);
  const { text } = textsIn(language);
  const { look, words } = await wordedPage(context, found.brandId ?? (await defaultBrand(context)).id, language);
  const name = choiceName(words, found.purpose, found.topic) ?? text('consent.page.purpose.marketing', { brand: look.brand });
  const values = { brand: look.brand, name };
  const press =
    found.state === 'waiting'
      ? pressForm(`/p/confirm/${token}?lang=${language}`, { do: 'confirm' }, text('consent.page.confirm_button'))
      : '';
  const page = smallPage(
    { path: `/p/confirm/${token}`, language, look },
    text(`consent.page.confirm.${found.state}_title`, values),
    [text(`consent.page.confirm.${found.state}_text`, values)],
    press,
  );
  return html(reply, page);
};

const takeConfirm = async (
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
): Promise<FastifyReply> => {
  const found = await findConfirmation(context, token);
  if (!found) return deadLink(context, request, reply);
  const language = languageOf(request);
  if (
    formOf(request).get('do') === 'confirm' &&
    found.state === 'waiting' &&
    (await takeConfirmation(context, found.consentId))
  ) {
    const said = saidBy(request, language, '/p');
    const { version } = await wordedPage(context, found.brandId ?? (await defaultBrand(context)).id, language);
    await recordConsents(
      context,
      [
        {
          originId: found.customerId,
          brandId: found.brandId,
          purpose: found.purpose,
          channel: found.channel,
          topic: found.topic,
          state: 'subscribed',
          at: context.clock.now(),
          textVersion: version,
          proof: { language, network: said.network, browser: said.browser.slice(0, 200), confirms: found.consentId },
        },
      ],
      { speaker: 'person', source: 'double_opt_in', confirmed: true },
    );
  }
  return reply.code(303).header('location', `/p/confirm/${token}?lang=${language}`).send();
};

// ---- without a link ---------------------------------------------------------------------------------------------------------

const showEntry = async (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
  const language = languageOf(request);
  const { text } = textsIn(language);
  const look = await lookOf(context, (await defaultBrand(context)).id);
  const page = smallPage(
    { path: '/p', language, look },
    text('consent.page.entry_title'),
    [text('consent.page.entry_text', { brand: look.brand })],
    entryForm(text, language),
  );
  return html(reply, page);
};

/** The same answer, in the same time, whether the address is known or not: it is looked up afterwards. */
const takeEntry = async (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
  const language = languageOf(request);
  const { text } = textsIn(language);
  const brandId = (await defaultBrand(context)).id;
  const look = await lookOf(context, brandId);
  const at = { path: '/p', language, look };
  const email = (formOf(request).get('email') ?? '').trim();
  if (!isMailAddress(email)) {
    const inner = entryForm(text, language, email.slice(0, 254), text('consent.page.entry_fault'));
    return html(
      reply,
      smallPage(at, text('consent.page.entry_title'), [text('consent.page.entry_text', { brand: look.brand })], inner),
      422,
    );
  }
  try {
    await countAttempt(context, { address: email, network: request.ip });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    reply.header('retry-after', String(error.retryAfterSeconds ?? 900));
    return html(reply, smallPage(at, text('consent.page.too_many_title'), [text('consent.page.too_many_text')]), 429);
  }
  await askForLink(context, { email, brandId, language });
  return html(
    reply,
    smallPage(at, text('consent.page.entry_done_title'), [text('consent.page.entry_done_text', { brand: look.brand })]),
  );
};
