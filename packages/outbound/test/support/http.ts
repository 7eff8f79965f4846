import { expect } from 'chai';
import { createGuardedHttp } from '../../src/http/client.js';
import type {
  GuardedHttp,
  GuardedHttpOptions,
  HttpErrorCode,
  HttpOutcome,
  HttpResponse,
} from '../../src/http/types.js';
import { startServer, type Handler, type TestServer } from './server.js';

const open: (() => Promise<void>)[] = [];

/** For afterEach: ends what the tests of a file opened. */
export async function closeAll(): Promise<void> {
  for (const close of open.splice(0)) await close();
}

/** Ends this after the test. */
export function endLater(...closers: (() => Promise<void>)[]): void {
  open.push(...closers);
}

/** A real server and a client that may reach it. */
export async function setup(
  handle: Handler,
  options: GuardedHttpOptions = { allow: ['127.0.0.0/8'] },
  host = '127.0.0.1',
): Promise<{ server: TestServer; http: GuardedHttp }> {
  const server = await startServer(handle, host);
  const http = createGuardedHttp(options);
  open.push(
    () => http.close(),
    () => server.close(),
  );
  return { server, http };
}

export function response(outcome: HttpOutcome): HttpResponse {
  if (!outcome.ok) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  return outcome.response;
}

export function expectError(outcome: HttpOutcome, code: HttpErrorCode): void {
  expect(outcome).to.have.nested.property('error.code', code);
}

export const reply =
  (body: string | Buffer, type?: string, status = 200): Handler =>
  (_request, answer) => {
    answer.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(body);
  };
