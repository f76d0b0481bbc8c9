/** Cross-site requests that would change something are refused by Sec-Fetch-Site, then by Origin; bodies must be exactly JSON. */
import type { FastifyRequest } from 'fastify';
import type { Config } from './config.ts';
import type { Route } from './contract.ts';
import { Refusal } from './errors.ts';

const crossSite = () =>
  new Refusal('forbidden', 'platform.cross_site', 'This request came from another site. Open Regulars itself and do it there.');

export const guardOrigin = (request: FastifyRequest, config: Config, route: Route): void => {
  if (route.needs === 'write-key' || request.method === 'GET') return;
  // A key in the header is never sent by a browser on its own.
  if (request.headers.authorization === undefined) refuseCrossSite(request, config);
  checkType(request, route);
};

const refuseCrossSite = (request: FastifyRequest, config: Config): void => {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw crossSite();
  const origin = request.headers.origin;
  if (site === undefined && origin !== undefined && !sameOrigin(origin, request, config)) throw crossSite();
};

const sameOrigin = (origin: string, request: FastifyRequest, config: Config): boolean => {
  if (origin === 'null' || !URL.canParse(origin)) return false;
  const host = new URL(origin).host;
  return (
    host === request.host ||
    [config.adminUrl, config.publicUrl].some(url => url !== null && URL.canParse(url) && new URL(url).host === host)
  );
};

const checkType = (request: FastifyRequest, route: Route): void => {
  if (route.upload || !route.body) return;
  const type = request.headers['content-type']?.split(';')[0].trim().toLowerCase();
  if (type === undefined && request.body === undefined) return;
  if (type !== 'application/json')
    throw new Refusal('unsupported_type', 'platform.content_type', 'Send JSON with the header "Content-Type: application/json".');
};
