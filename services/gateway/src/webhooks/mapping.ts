import type { ErrorItem, JsonObject, JsonValue, WebhookSettings } from '@millrace/contracts';
import { type CompiledTemplate, compileTemplate, type Evaluated } from '@millrace/engine';
import { createProcessPool, siblingScript } from '@millrace/isolation';
import { invalidRequest, unavailable } from '@millrace/service-kit';
import { createLimiter } from '../limiter.js';
import type { MappingRequest } from './mapping-child.js';

/** What the expressions of a webhook see. */
export interface MappingScope {
  readonly body: JsonValue;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, JsonValue>>;
  readonly method: string;
  readonly path: string;
  readonly received_at: string;
}

export interface Mapped {
  parameters: JsonObject;
  /** Undefined where the delivery has none. */
  deliveryId: string | undefined;
}

export interface Mappings {
  /** Throws 422 for what cannot be evaluated or is no object, and 503 when too many wait. */
  map(settings: WebhookSettings, scope: MappingScope): Promise<Mapped>;
  stop(): Promise<void>;
}

const TIMEOUT_MS = 1_000;
const PROCESSES = 2;
const MAX_HEAP_MB = 64;
const WAITING = 200;

type MappingSettings = Pick<WebhookSettings, 'mapping' | 'idempotency' | 'signature'>;

/** One template for the parameters and the id of the delivery, so that one trip to another process evaluates both. */
function templateOf(settings: MappingSettings): CompiledTemplate {
  const { mapping } = settings;
  const parameters =
    mapping === null
      ? { body: '=body', headers: '=headers', query: '=query' }
      : typeof mapping === 'string'
        ? asExpression(mapping)
        : mapping;
  const id = deliveryIdOf(settings);
  return compileTemplate({ parameters, id });
}

function asExpression(text: string): string {
  return text.startsWith('=') ? text : `=${text}`;
}

/** As a template over the scope; null where deliveries have no id. */
function deliveryIdOf({ idempotency, signature }: MappingSettings): JsonValue {
  const header = (name: string): string => `=headers.\`${name.toLowerCase().replaceAll('`', '')}\``;
  if (idempotency === null) return null;
  if (idempotency !== undefined) {
    return 'header' in idempotency ? header(idempotency.header) : asExpression(idempotency.expression);
  }
  switch (signature.type) {
    case 'github':
      return header('X-GitHub-Delivery');
    case 'stripe':
      return '=body.id';
    case 'slack':
      return '=body.event_id';
    case 'standard_webhooks':
      return '=headers.`webhook-id` ? headers.`webhook-id` : headers.`svix-id`';
    default:
      return null;
  }
}

/** What is wrong with the expressions, with the way to each; none where they can be stored. */
export function mappingProblems(settings: MappingSettings): ErrorItem[] {
  const { problems, expressions } = templateOf(settings);
  const locOf = ([part, ...rest]: readonly (string | number)[]): (string | number)[] =>
    part === 'id' ? ['body', 'idempotency', 'expression'] : ['body', 'mapping', ...rest];
  return [
    ...problems.map(({ loc, message }) => ({ loc: locOf(loc), msg: message, type: 'invalid_expression' })),
    ...expressions
      .filter(({ secretNames }) => secretNames.length > 0)
      .map(({ loc }) => ({
        loc: locOf(loc),
        msg: 'cannot use a secret: parameters are stored and shown',
        type: 'invalid_expression',
      })),
  ];
}

/**
 * Plain paths are evaluated here; anything else may block, and runs in a process of its own that is ended after a
 * second, so that no sender and no author can keep others from being served.
 */
export function createMappings(): Mappings {
  const pool = createProcessPool<MappingRequest, Evaluated[]>({
    script: siblingScript('./mapping-child', import.meta.url),
    processes: PROCESSES,
    maxHeapMb: MAX_HEAP_MB,
  });
  const limiter = createLimiter({
    places: PROCESSES,
    waiting: WAITING,
    full: () => unavailable('Too many deliveries wait for their mapping. Try again shortly.'),
  });

  async function evaluateApart(expressions: readonly string[], scope: MappingScope): Promise<JsonValue[]> {
    const request = { expressions, scope, now: Date.parse(scope.received_at) };
    const result = await limiter.run(() => pool.run(request, { timeoutMs: TIMEOUT_MS }));
    if (result.kind === 'aborted') throw unavailable('The server is stopping. Try again shortly.');
    if (result.kind !== 'answered') throw failed('the mapping took more time or memory than it may');
    return result.answer.map(valueOf);
  }

  return {
    async map(settings, scope) {
      const template = templateOf(settings);
      const results = template.needsThread ? await evaluateApart(template.threadExpressions, scope) : [];
      const value = valueOf(template.assemble(scope, results));
      if (!isObject(value) || !isObject(value['parameters'])) {
        throw failed('the mapping yields no object, and parameters are one');
      }
      return { parameters: value['parameters'], deliveryId: textOf(value['id']) };
    },
    stop: () => pool.stop(),
  };
}

function valueOf(result: Evaluated): JsonValue {
  if (result.ok) return result.value;
  throw failed(`the mapping fails: ${result.error.message}`);
}

function textOf(id: JsonValue | undefined): string | undefined {
  if (typeof id === 'string') return id === '' ? undefined : id;
  return typeof id === 'number' ? String(id) : undefined;
}

function failed(msg: string): Error {
  return invalidRequest([{ loc: ['body'], msg, type: 'mapping_failed' }]);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
