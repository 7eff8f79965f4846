import type * as z from 'zod';
import { ProtocolError, parseJson, problemOf } from '../errors.js';
import type { CallOptions, RequestSpec, Transport } from './transport.js';
import { nextCursor } from './url.js';

/** One page of a list, newest first. */
export interface Page<T> {
  readonly items: T[];
  /** Pass it as `cursor` to get the next page; undefined on the last one. */
  readonly nextCursor: string | undefined;
}

/** JSON calls whose answers have the types of the contract. */
export interface JsonCalls {
  /** The answer's body. With `validate` it is checked first; it is returned as it came, unknown keys included. */
  get<S extends z.ZodType>(schema: S, spec: RequestSpec, options?: CallOptions): Promise<z.output<S>>;
  /** `cursor` is the name of the parameter that leads to the next page; "cursor" without it. */
  page<S extends z.ZodType>(
    schema: S,
    spec: RequestSpec,
    options?: CallOptions,
    cursor?: string,
  ): Promise<Page<z.output<S>>>;
  /** For answers without a body. Repeating a DELETE whose first answer was lost meets a 404: that is success. */
  discard(spec: RequestSpec, options?: CallOptions): Promise<void>;
}

export function jsonCalls(transport: Transport, validate: boolean): JsonCalls {
  const trusted = <S extends z.ZodType>(schema: S, value: unknown, spec: RequestSpec): z.output<S> => {
    if (validate) {
      const checked = schema.safeParse(value);
      if (!checked.success) {
        throw new ProtocolError(
          `${spec.method} ${spec.path} answered against the contract: ${describe(checked.error)}`,
        );
      }
    }
    // The server is held to the contract by its own tests; checking every answer again would cost more than it finds.
    return value as z.output<S>;
  };
  const bodyOf = async (response: Response, spec: RequestSpec): Promise<unknown> => {
    const value = parseJson(await response.text());
    if (value !== undefined) return value;
    throw new ProtocolError(`${spec.method} ${spec.path} answered ${response.status} without JSON`);
  };
  return {
    get: (schema, spec, options = {}) =>
      transport.send(spec, options, async (response) => trusted(schema, await bodyOf(response, spec), spec)),
    page: (schema, spec, options = {}, cursor = 'cursor') =>
      transport.send(spec, options, async (response) => {
        const body = await bodyOf(response, spec);
        if (!Array.isArray(body))
          throw new ProtocolError(`${spec.method} ${spec.path} did not answer a list`);
        return {
          items: body.map((item: unknown) => trusted(schema, item, spec)),
          nextCursor: nextCursor(response.headers.get('link'), cursor),
        };
      }),
    discard: (spec, options = {}) =>
      transport.send(
        spec.method === 'DELETE' ? { ...spec, repeatable: true, alsoOk: [404] } : spec,
        options,
        async (response, tries) => {
          const text = await response.text();
          if (response.status === 404 && tries === 1) throw problemOf(404, response.headers, text);
        },
      ),
  };
}

function describe(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || '(body)'}: ${issue.message}`).join('; ');
}
