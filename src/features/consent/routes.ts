import type { FastifyRequest } from 'fastify';
import type { Context } from '../../platform/context.ts';
import { bindRoutes } from '../../platform/http.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { findOwner } from '../customers/index.ts';
import { confirmationsOf } from './confirmations.ts';
import { type Consents, contract } from './contract.ts';
import { preferenceLinks, revokeLinks } from './links.ts';
import { brandFor, changePage, keepWording, leaversOf, previewPage, showPage, showWording } from './manage-page.ts';
import { mayWrite } from './may-write.ts';
import { keepAllWordings, keepWordings } from './page-words.ts';
import { recordConsents } from './record-consents.ts';
import { consentsOf } from './show-consents.ts';
import { release, suppress } from './suppressions.ts';
import { topicAnswer, topicAnswers } from './topic-answers.ts';
import { changePurpose, changeTopic, createPurpose, createTopic, orderTopics, purposesOf } from './topics.ts';
import { usualTopics } from './usual-topics.ts';

const answer = async (context: Context, customerId: number) => (await consentsOf(context, customerId)) as unknown as Consents;

const purposes = async (context: Context) => ({
  data: (await purposesOf(context)).map(({ doubleOptIn, archivedAt, ...one }) => ({
    ...one,
    double_opt_in: doubleOptIn,
    archived: archivedAt !== null,
  })),
});

/** Where shoppers reach this installation. */
const publicUrl = (context: Context, request: FastifyRequest): string =>
  context.config.publicUrl ?? `${request.protocol}://${request.host}`;

/** Pages for people, not JSON: doors.ts. */
const atTheDoor = (): never => {
  throw new Error('This route is answered by consent/doors.ts.');
};

export const routes = bindRoutes(contract, {
  listConsents: async (context, { params }) => answer(context, await findOwner(context, params.id)),
  changeConsent: async (context, { params, body }) => {
    const customerId = await findOwner(context, params.id);
    const { brand_id: brandId, ...said } = body;
    await recordConsents(context, [{ originId: customerId, brandId, at: context.clock.now(), ...said }], {
      speaker: 'staff',
      source: `staff:${context.actor.name}`,
    });
    return answer(context, customerId);
  },
  suppress: async (context, { params, body }) => {
    const customerId = await findOwner(context, params.id);
    await suppress(context, { customerId, ...body });
    return answer(context, customerId);
  },
  release: async (context, { params, body }) => release(context, { suppressionId: params.id, reason: body.reason }),
  makeLink: async (context, { params, body, request }) => {
    const customerId = await findOwner(context, params.id);
    const brand = await brandFor(context, body.brand_id);
    const link = (await preferenceLinks(context, { customerIds: [customerId], brandId: brand.id })).get(customerId)!;
    const base = publicUrl(context, request);
    return { url: base + link.path, unsubscribe_url: base + link.stopPath, expires_at: link.expiresAt.toISOString() };
  },
  revokeLinks: async (context, { params }) => ({ revoked: await revokeLinks(context, await findOwner(context, params.id)) }),
  listConfirmations: async (context, { params, request }) => {
    const base = publicUrl(context, request);
    const found = await confirmationsOf(context, await findOwner(context, params.id));
    return { data: found.map(({ channel, purpose, topic, path }) => ({ channel, purpose, topic, url: base + path })) };
  },
  mayWrite: async (context, { body }) => {
    const questions = body.questions.map(one => ({
      ...one,
      customerId: Number(one.customer),
      brandId: one.brand,
      at: one.at ? new Date(one.at) : undefined,
    }));
    const answers = await mayWrite(context, questions);
    return {
      answers: answers.map(one =>
        one.may
          ? { may: true, reason: null, least_gap_days: one.leastGapDays }
          : { may: false, reason: one.reason, least_gap_days: null },
      ),
    };
  },
  listPurposes: purposes,
  createPurpose: (context, { body }) =>
    inTransaction(context, async inside => {
      await createPurpose(inside, body);
      await keepAllWordings(inside);
      return purposes(inside);
    }),
  changePurpose: (context, { params, body }) =>
    inTransaction(context, async inside => {
      await changePurpose(inside, params.code, { ...body, doubleOptIn: body.double_opt_in });
      await keepAllWordings(inside);
      return purposes(inside);
    }),
  listTopics: async (context, { query }) => ({
    data: await topicAnswers(context, (await brandFor(context, query.brand)).id, query.archived === '1'),
  }),
  createTopic: (context, { body }) =>
    inTransaction(context, async inside => {
      const brand = await brandFor(inside, body.brand_id);
      const id = await createTopic(inside, brand.id, { ...body, doubleOptIn: body.double_opt_in });
      await keepWordings(inside, brand.id);
      return topicAnswer(inside, brand.id, id);
    }),
  addUsualTopics: (context, { body }) =>
    inTransaction(context, async inside => {
      const brand = await brandFor(inside, body.brand_id);
      const there = new Set((await topicAnswers(inside, brand.id, true)).map(topic => topic.code));
      for (const topic of usualTopics)
        if (!there.has(topic.code)) await createTopic(inside, brand.id, { purpose: 'marketing', doubleOptIn: false, ...topic });
      await keepWordings(inside, brand.id);
      return { data: await topicAnswers(inside, brand.id) };
    }),
  orderTopics: (context, { body }) =>
    inTransaction(context, async inside => {
      const brand = await brandFor(inside, body.brand_id);
      await orderTopics(inside, brand.id, body.ids);
      await keepWordings(inside, brand.id);
      return { data: await topicAnswers(inside, brand.id) };
    }),
  changeTopic: (context, { params, body }) =>
    inTransaction(context, async inside => {
      const brandId = await changeTopic(inside, params.id, { ...body, doubleOptIn: body.double_opt_in });
      await keepWordings(inside, brandId);
      return topicAnswer(inside, brandId, params.id);
    }),
  showPage: async (context, { query, request }) => {
    const page = await showPage(context, (await brandFor(context, query.brand)).id);
    return { ...page, address: publicUrl(context, request) + page.address } as never;
  },
  changePage: async (context, { query, body, request }) => {
    const brand = await brandFor(context, query.brand);
    await changePage(context, brand.id, body);
    const page = await showPage(context, brand.id);
    return { ...page, address: publicUrl(context, request) + page.address } as never;
  },
  previewPage: async (context, { query, body }) => ({
    html: await previewPage(context, (await brandFor(context, query.brand)).id, body),
  }),
  showWording: (context, { params }) => showWording(context, params.version),
  keepWording: async (context, { body }) => {
    await keepWording(context, body);
    return { version: body.version };
  },
  listLeavers: async context => (await leaversOf(context)) as never,
  showEntry: atTheDoor,
  askForLink: atTheDoor,
  showPreferences: atTheDoor,
  changePreferences: atTheDoor,
  showConfirm: atTheDoor,
  confirm: atTheDoor,
  showUnsubscribe: atTheDoor,
  unsubscribe: atTheDoor,
});
