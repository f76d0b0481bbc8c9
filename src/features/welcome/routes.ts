import type { FastifyRequest } from 'fastify';
import type { Context } from '../../platform/context.ts';
import { bindRoutes } from '../../platform/http.ts';
import { findOwner } from '../customers/index.ts';
import { contract } from './contract.ts';
import { changeForm, type Form, readForm, topCategories } from './form.ts';
import { languages } from './languages.ts';
import { makeWelcomeLink } from './links.ts';
import { readResults } from './results.ts';

/** What shoppers see in front of every path. */
const publicAddress = (context: Context, request: FastifyRequest): string =>
  context.config.publicUrl ?? `${request.protocol}://${request.host}`;

const present = async (context: Context, request: FastifyRequest, form: Form) => {
  const url = `${publicAddress(context, request)}/w/${form.id}`;
  return {
    id: form.id,
    active: form.active,
    open_to_all: form.openToAll,
    second_question: form.secondQuestion,
    why: form.why as Record<string, string>,
    sites: form.sites,
    version: form.version,
    url,
    embed: `<iframe src="${url}?embed=1" title="Welcome" style="width:100%;height:640px;border:0" loading="lazy"></iframe>`,
    languages: [...languages],
    categories: await topCategories(context),
  };
};

export const routes = bindRoutes(contract, {
  showForm: async (context, { request }) => present(context, request, await readForm(context)),
  changeForm: async (context, { body, request }) =>
    present(
      context,
      request,
      await changeForm(context, {
        version: body.version,
        ...(body.active !== undefined && { active: body.active }),
        ...(body.open_to_all !== undefined && { openToAll: body.open_to_all }),
        ...(body.second_question !== undefined && { secondQuestion: body.second_question }),
        ...(body.why !== undefined && { why: body.why }),
        ...(body.sites !== undefined && { sites: body.sites }),
      }),
    ),
  showResults: context => readResults(context),
  makeLink: async (context, { params, request }) => {
    const { path, expiresAt } = await makeWelcomeLink(context, { customerId: await findOwner(context, params.id) });
    return { url: publicAddress(context, request) + path, expires_at: expiresAt.toISOString() };
  },
});
