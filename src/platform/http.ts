/**
 * Binds a handler to each route of a contract: authorise -> call -> answer. The server (app.ts) does the parsing and the checks;
 * a handler is a short paragraph without SQL and rules.
 */
import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Context } from './context.ts';
import type { Contract, Route } from './contract.ts';

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;
type Answer<T> = T extends z.ZodType ? z.input<T> : T extends string ? FileAnswer : void;

export type HandlerInput<R extends Route = Route> = {
  params: Parsed<R['params']>;
  query: Parsed<R['query']>;
  body: Parsed<R['body']>;
  request: FastifyRequest;
  reply: FastifyReply;
};
export type Handlers<C extends Contract> = {
  [K in keyof C]: (context: Context, input: HandlerInput<C[K]>) => Promise<Answer<C[K]['answer']>> | Answer<C[K]['answer']>;
};
/** Route name -> handler, types erased: what `Feature.routes` carries. */
export type BoundRoutes = Record<string, (context: Context, input: HandlerInput) => unknown>;

/** A file to download: always sent as an attachment. */
export type FileAnswer = { file: Readable | string | Buffer; filename: string };

/** The compiler insists on one handler per route and on the contract's shapes. */
export const bindRoutes = <C extends Contract>(_contract: C, handlers: Handlers<C>): BoundRoutes =>
  handlers as unknown as BoundRoutes;
