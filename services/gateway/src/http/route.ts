import type { ApiRoutes, OperationId, PathParameter, RouteContract } from '@millrace/contracts';
import type { Logger, Principal } from '@millrace/service-kit';
import type { Request, Response } from 'express';
import type * as z from 'zod';

type Checked<S> = S extends z.ZodType ? z.output<S> : undefined;
type Part<R, Name extends string> = R extends Record<Name, infer S> ? Checked<S> : undefined;
type Body<R> = R extends { body: { schema: infer S } } ? Checked<S> : undefined;

/** One request that passed every check its contract makes: handlers see typed values and nothing unchecked. */
export interface Call<R extends RouteContract> {
  readonly params: Readonly<Record<PathParameter<R['paths'][0]>, string>>;
  readonly query: Part<R, 'query'>;
  readonly headers: Part<R, 'headers'>;
  readonly body: Body<R>;
  /** Undefined exactly on anonymous routes. */
  readonly caller: R['access'] extends 'anonymous' ? undefined : Principal;
  readonly requestId: string;
  readonly log: Logger;
  /** For what few handlers need: the address, the path as asked, content negotiation. */
  readonly request: Request;
}

type Schema<R> = R extends { schema: infer S extends z.ZodType } ? z.output<S> : undefined;
type ResponseBody<R extends RouteContract> = Schema<R['responses'][keyof R['responses']]>;

/** An answer as a value; `stream` takes over the response for what is no single JSON document. */
export type Reply<R extends RouteContract> =
  | {
      status: keyof R['responses'] & number;
      body?: ResponseBody<R>;
      headers?: Readonly<Record<string, string>>;
    }
  | { stream: (response: Response) => void | Promise<void> };

export type Handler<R extends RouteContract> = (call: Call<R>) => Promise<Reply<R>> | Reply<R>;

/** A handler for every operation of the contract: a missing one does not compile. */
export type Handlers<Names extends OperationId = OperationId> = {
  readonly [Name in Names]: Handler<ApiRoutes[Name]>;
};
