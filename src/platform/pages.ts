/** Serves the built admin app: every address that is no route gets the one page, which then shows what belongs there. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Where vite.config.ts writes a place for the nonce. */
const noncePlace = /__CSP_NONCE__/g;

/** `folder` holds index.html, hashed files under assets/, and a few files with fixed names beside it. */
export const servePages = async (app: FastifyInstance, folder: URL): Promise<void> => {
  if (!existsSync(folder)) return;
  // A name under assets/ carries the hash of its content, so browsers may keep it for good.
  await app.register(fastifyStatic, {
    root: fileURLToPath(new URL('assets/', folder)),
    prefix: '/assets/',
    index: false,
    immutable: true,
    maxAge: '1y',
  });
  await app.register(fastifyStatic, {
    root: fileURLToPath(folder),
    wildcard: false,
    index: false,
    decorateReply: false,
    maxAge: '10m',
    globIgnore: ['index.html', 'assets/**', '.vite/**'],
  });
  app.get('/*', async (request, reply) => {
    if (/^\/(api|v1|webhooks|assets)(\/|$)/.test(request.url)) return reply.callNotFound();
    const page = await readFile(new URL('index.html', folder), 'utf8');
    return reply.header('cache-control', 'no-store').type('text/html').send(page.replace(noncePlace, reply.cspNonce.style));
  });
};
