/** OpenAPI 3.1 read from the contracts: a route that is not in a contract does not exist. */
import { z } from 'zod';
import type { Route } from '../contract.ts';
import { refusalKinds } from '../errors.ts';
import type { Feature } from '../feature.ts';

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> => {
  const { $schema: _omit, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }) as Record<
    string,
    unknown
  >;
  return rest;
};

const parametersOf = (schema: z.ZodType | undefined, where: 'path' | 'query') => {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: one,
  }));
};

const answersOf = (route: Route) => {
  const status = route.status ?? (route.answer ? 200 : 204);
  const content =
    typeof route.answer === 'string'
      ? { [route.answer]: {} }
      : route.answer
        ? { 'application/json': { schema: jsonSchema(route.answer, 'output') } }
        : undefined;
  const kinds = [
    'malformed' as const,
    ...(route.needs === 'public' ? [] : (['unauthenticated', 'forbidden'] as const)),
    ...(route.errors ?? []),
  ];
  const noes = Object.fromEntries(
    kinds.map(kind => [
      refusalKinds[kind].status,
      {
        description: refusalKinds[kind].title,
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
  return { [status]: { description: 'Done', ...(content ? { content } : {}) }, ...noes };
};

export const openApiOf = (features: readonly Feature[], version: string): Record<string, unknown> => {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const feature of features) {
    for (const [name, route] of Object.entries(feature.contract)) {
      const path = route.path.replace(/:(\w+)/g, '{$1}');
      paths[path] ??= {};
      paths[path][route.method.toLowerCase()] = {
        operationId: `${feature.name}.${name}`,
        tags: [feature.name],
        summary: route.summary,
        'x-needs': route.needs,
        security: route.needs === 'public' ? [] : [{ key: [] }, { session: [] }],
        parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')],
        ...(route.upload
          ? {
              requestBody: {
                content: {
                  'multipart/form-data': {
                    schema: { type: 'object', properties: { file: { type: 'string', format: 'binary' } } },
                  },
                },
              },
            }
          : route.body
            ? { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(route.body, 'input') } } } }
            : {}),
        responses: answersOf(route),
      };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Regulars',
      version,
      description: 'Everything the admin app does goes through this API. Errors are RFC 9457 problem documents.',
    },
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'regulars_session' },
      },
      schemas: {
        Problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'detail', 'code'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            detail: { type: 'string' },
            code: { type: 'string' },
            values: { type: 'object' },
            errors: {
              type: 'array',
              items: { type: 'object', properties: { path: { type: 'string' }, reason: { type: 'string' } } },
            },
          },
        },
      },
    },
    paths,
  };
};

const escapeHtml = (text: string) => text.replace(/[&<>"]/g, one => `&#${one.charCodeAt(0)};`);

/** The human page of the API: plain HTML without scripts. */
export const docsPageOf = (features: readonly Feature[], nonce: string): string => {
  const rows = features.flatMap(feature =>
    Object.entries(feature.contract).map(
      ([, route]) =>
        `<tr><td>${escapeHtml(feature.name)}</td><td><code>${route.method} ${escapeHtml(route.path)}</code></td><td>${escapeHtml(route.summary)}</td><td><code>${escapeHtml(route.needs)}</code></td></tr>`,
    ),
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Regulars API</title><meta name="viewport" content="width=device-width, initial-scale=1">
<style nonce="${nonce}">:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}td,th{text-align:start;padding:.4rem .6rem;border-bottom:1px solid #8885}.scroll{overflow-x:auto}</style></head>
<body><h1>Regulars API</h1><p>Machine-readable: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1). Send an API key as <code>Authorization: Bearer …</code>.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Routes"><table><thead><tr><th scope="col">Feature</th><th scope="col">Route</th><th scope="col">What it does</th><th scope="col">Needs</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></body></html>`;
};
