import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { isJsonObject, type JsonObject, type JsonValue } from '@millrace/contracts';
import { compileJsonata, evaluateJsonata } from '@millrace/engine';
import { createGuardedHttp } from '@millrace/outbound';
import { createHttpRequestStep } from '../../src/steps/http-request.js';
import type { StepContext, StepOutcome, StepSecrets } from '../../src/steps/types.js';
import { claimOf, planOf } from './claim.js';

export interface Received {
  readonly method: string;
  readonly url: URL;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

export type Answer = (request: Received, response: ServerResponse) => void;

export interface HttpStep {
  readonly origin: string;
  readonly seen: Received[];
  readonly logged: string[];
  run(config: JsonObject, over?: Partial<StepContext>): Promise<StepOutcome>;
}

const closers: (() => Promise<void>)[] = [];

/** For afterEach. */
export async function closeTargets(): Promise<void> {
  for (const close of closers.splice(0)) await close();
}

/** A real server that answers like this. */
export async function startTarget(answer: Answer): Promise<{ origin: string; seen: Received[] }> {
  const seen: Received[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const url = new URL(request.url ?? '/', 'http://target');
      const received = { method: request.method ?? '', url, headers: request.headers, body };
      seen.push(received);
      answer(received, response);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return { origin: `http://127.0.0.1:${address.port}`, seen };
}

/** The step as a worker runs it, against a server of its own. */
export async function setupHttpStep(answer: Answer, secrets: StepSecrets = secretsOf({})): Promise<HttpStep> {
  const target = await startTarget(answer);
  const http = createGuardedHttp({ allow: ['127.0.0.0/8'] });
  closers.push(() => http.close());
  const [planned] = planOf(['a']).steps;
  if (planned === undefined) throw new Error('no step');
  const step = createHttpRequestStep(http);
  const logged: string[] = [];
  const base: Omit<StepContext, 'config'> = {
    ...{
      step: planned,
      attempt: 1,
      iteration: null,
      input: {},
      scope: claimOf(['a']).state.root.scope,
      now: 0,
      secrets,
    },
    idempotencyKey: 'exec_1/a/0',
    signal: new AbortController().signal,
    random: () => 0,
    evaluate(expression, scope) {
      const compiled = compileJsonata(expression);
      if (!compiled.ok) throw new Error(compiled.message);
      return compiled.value.needsThread
        ? evaluateJsonata(expression, scope, { now: 0, random: () => 0 })
        : compiled.value.evaluateSync(scope);
    },
    log: (level, message) => logged.push(`${level} ${message}`),
    progress: () => undefined,
    token: () => undefined,
  };
  return { ...target, logged, run: async (config, over = {}) => step.run({ ...base, config, ...over }) };
}

const parse: (text: string) => JsonValue = JSON.parse;

/** Placeholders of the form `<name>`, replaced in strings at any depth. */
export function secretsOf(values: Readonly<Record<string, string>>): StepSecrets {
  const replacer =
    (pairs: readonly (readonly [string, string])[]) =>
    <T extends JsonValue>(value: T): T =>
      parse(pairs.reduce((json, [from, to]) => json.replaceAll(from, to), JSON.stringify(value))) as T;
  const pairs = Object.entries(values);
  return {
    reveal: replacer(pairs.map(([name, value]) => [`<${name}>`, value])),
    redact: replacer(pairs.map(([name, value]) => [value, `[secret:${name}]`])),
  };
}

export function outputOf(outcome: StepOutcome): JsonObject {
  if (!outcome.ok) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  if (!isJsonObject(outcome.output)) throw new Error('the output is no object');
  return outcome.output;
}

export function errorOf(outcome: StepOutcome): Extract<StepOutcome, { ok: false }>['error'] {
  if (outcome.ok) throw new Error('the step succeeded');
  return outcome.error;
}

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
