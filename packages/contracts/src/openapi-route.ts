import type * as z from 'zod';
import type { ApiErrorCode } from './errors.js';
import type { Scope } from './scopes.js';

export type HttpMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';

/**
 * Who may call: anyone, anyone who proved who they are, whoever signed in (not with an API key), or whoever holds the
 * scope. Ownership comes on top.
 */
export type Access = 'anonymous' | 'authenticated' | 'session' | Scope;

/** The scope that a call needs; undefined where none is needed. */
export function scopeOf(access: Access): Scope | undefined {
  return access === 'anonymous' || access === 'authenticated' || access === 'session' ? undefined : access;
}

/** The size a body may have: 4 MiB where it holds definitions or batches, else 1 MiB. */
export type BodyLimit = 'large' | 'standard';

export interface BodyContract {
  readonly schema: z.ZodType;
  readonly encoding: 'json' | 'form';
  readonly limit: BodyLimit;
  /** A missing body counts as `{}`. */
  readonly optional?: boolean;
  readonly example?: unknown;
}

export interface ResponseContract {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** `application/json` without it. */
  readonly contentType?: string;
  /** Other content the same status may have, by content type. */
  readonly alternatives?: Readonly<Record<string, z.ZodType>>;
  /** Response headers by name, with what they mean. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * One operation of the HTTP API: what the gateway registers and checks, what the OpenAPI document says and what the
 * tests walk through. Paths are relative to `/api/v1`, parameters are written `{name}`; all paths have one handler.
 */
export interface RouteContract {
  readonly method: HttpMethod;
  readonly paths: readonly [string, ...string[]];
  /** Answers at the root of the address too. */
  readonly alsoAtRoot?: boolean;
  readonly access: Access;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: BodyContract;
  readonly responses: Readonly<Record<number, ResponseContract>>;
  /** Beyond those that follow from `access`, `query`, `headers` and `body`. */
  readonly errors?: readonly ApiErrorCode[];
}

/** The names in a path: `'/a/{b}/c/{d}'` gives `'b' | 'd'`. */
export type PathParameter<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParameter<Rest>
  : never;

const PARAMETER = /\{([a-z_]+)\}/g;

export function pathParameters(path: string): string[] {
  return [...path.matchAll(PARAMETER)].flatMap((match) => match[1] ?? []);
}
