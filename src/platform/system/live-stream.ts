/** GET /api/live: one stream of server-sent events per browser. */
import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Actor, may } from '../context.ts';
import { Refusal } from '../errors.ts';
import type { LiveHub } from '../live.ts';

const heartbeat_ms = 20_000;

export const addLiveStream = (
  app: FastifyInstance,
  hub: LiveHub,
  authenticate: (request: FastifyRequest) => Promise<Actor | null>,
): void => {
  const open = new Set<ServerResponse>();
  // A server that stops would wait for them; browsers connect to the next one by themselves.
  app.addHook('preClose', async () => {
    for (const stream of open) stream.end();
  });
  app.get('/api/live', async (request, reply) => {
    const actor = await authenticate(request);
    if (!actor || actor.held)
      throw new Refusal('unauthenticated', 'access.sign_in', 'Sign in first, then open the live stream again.');
    reply.hijack();
    const stream = reply.raw;
    stream.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    stream.write('retry: 3000\n\n');
    open.add(stream);
    const unsubscribe = hub.subscribe(message => {
      if (message.needs !== null && !may(actor, message.needs)) return;
      // A reader that does not keep up is cut off; it reconnects and reads the state anew.
      if (stream.writableLength > 1_000_000) stream.destroy();
      else stream.write(`event: ${message.topic}\ndata: ${JSON.stringify(message.payload)}\n\n`);
    });
    const beat = setInterval(() => {
      // A login that has ended meanwhile (signed out, shut out, another role) ends its stream too.
      authenticate(request).then(
        still => (still && sameRights(still, actor) ? stream.write(': still here\n\n') : stream.end()),
        () => stream.end(),
      );
    }, heartbeat_ms);
    request.raw.on('close', () => {
      clearInterval(beat);
      open.delete(stream);
      unsubscribe();
    });
  });
};

const sameRights = (one: Actor, other: Actor): boolean =>
  one.id === other.id && one.verbs.size === other.verbs.size && [...one.verbs].every(verb => other.verbs.has(verb));
