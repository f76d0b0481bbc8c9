/** Serves /regulars.js, as built into dist/storefront by the set-up step, to pages of any shop. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../../platform/errors.ts';

const built = new URL('../../../dist/storefront/regulars.js', import.meta.url);

type Script = { at_ms: number; plain: Buffer; zipped: Buffer; etag: string };

/** Shops' pages look again after ten minutes, and show the old one meanwhile: a new release reaches everybody within the hour. */
const caching = 'public, max-age=600, stale-while-revalidate=3600';

export const openSnippetDoor = (app: FastifyInstance, file: URL = built): void => {
  let script: Script | null = null;
  const read = async (): Promise<Script> => {
    const at_ms = (await stat(file).catch(() => null))?.mtimeMs;
    if (at_ms === undefined)
      throw new Refusal(
        'unavailable',
        'tracking.snippet_not_built',
        'The snippet has not been built yet. Start Regulars with "npm start", which builds it.',
        { retryAfterSeconds: 30 },
      );
    if (script?.at_ms === at_ms) return script;
    const plain = await readFile(file);
    const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
    script = { at_ms, plain, zipped: gzipSync(plain, { level: 9 }), etag };
    return script;
  };
  app.get('/regulars.js', async (request, reply) => {
    const { plain, zipped, etag } = await read();
    reply
      .header('access-control-allow-origin', '*')
      .header('cross-origin-resource-policy', 'cross-origin')
      .header('timing-allow-origin', '*')
      .header('cache-control', caching)
      .header('vary', 'accept-encoding')
      .header('etag', etag);
    // A proxy that packs what it passes on marks the tag as weak.
    if (request.headers['if-none-match']?.split(/,\s*/).some(tag => tag.replace(/^W\//, '') === etag))
      return reply.code(304).send();
    reply.type('text/javascript; charset=utf-8');
    if (/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.header('content-encoding', 'gzip').send(zipped);
    return reply.send(plain);
  });
};
