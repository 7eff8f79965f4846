/** Workflows with every kind of step, and the world they meet: a target that counts, people, and senders of events. */
import type { DefinitionInput, JsonObject } from '@millrace/contracts';
import * as z from 'zod';
import {
  type Call,
  hold,
  sendJson,
  startTarget,
  type Target,
} from '../../integration/worker/support/target.js';

type Graph = Pick<DefinitionInput, 'name' | 'nodes' | 'edges' | 'on_failure'>;

/** What workers here take for themselves of a map, so that a few items are two parts, each a child execution. */
export const PART_SIZE = 3;
const MANY = 5;

function step(id: string, type: string, config: JsonObject, more: JsonObject = {}): JsonObject {
  return { id, type, data: { config, ...more } };
}

const post = (url: string, body: JsonObject): JsonObject => ({ method: 'POST', url, body, idempotent: true });

/** One path through the ids, and further edges as they are. */
function path(...ids: string[]): Record<'source' | 'target', string>[] {
  return ids.slice(1).map((target, index) => ({ source: ids[index] ?? '', target }));
}

/** Every kind; its output is the same in each execution. */
export function everyKind(url: string, child: string): Graph {
  const nodes: JsonObject[] = [
    step('seed', 'set', {
      values: {
        kind: 'invoice',
        rows: [
          { price: 40, quantity: 3 },
          { price: 1, quantity: 2 },
        ],
      },
    }),
    step('totals', 'transform', { expression: '{"sum": $sum(steps.seed.output.rows.(price * quantity))}' }),
    step('large', 'condition', { expression: 'steps.totals.output.sum > 100' }),
    step('small', 'set', { values: {} }),
    step('route', 'switch', {
      expression: 'steps.seed.output.kind',
      cases: [{ label: 'invoice' }, { label: 'refund' }],
    }),
    step('refund', 'set', { values: {} }),
    // Its first answer is 503.
    step('load', 'http_request', { url: `${url}/load` }, { retry: { max_attempts: 3, delay_seconds: 0.1 } }),
    step('book', 'http_request', post(`${url}/count`, { sum: '=steps.totals.output.sum' })),
    step(
      'shape',
      'code',
      {
        source: 'return { booked: input.book.body.got.sum, rate: input.load.body.rate * 2 };',
      },
      { input: { book: '=steps.book.output', load: '=steps.load.output' } },
    ),
    step(
      'plan',
      'agent',
      {},
      { agent_type: 'planning', input: { objective: 'Ship the release, then tell everybody.' } },
    ),
    step('paid', 'wait_for_event', { name: 'paid', key: '{{ parameters.key }}' }),
    step('grid', 'map', {
      items: [[1, 2], [0]],
      concurrency: 2,
      on_item_error: 'collect',
      body: {
        nodes: [
          step('row', 'map', {
            items: '=item',
            body: {
              nodes: [
                step(
                  'inverse',
                  'code',
                  { source: 'if (input === 0) throw new Error("zero"); return 4 / input;' },
                  { input: '=item' },
                ),
                step('note', 'http_request', post(`${url}/count`, { inverse: '=steps.inverse.output' })),
                step('cell', 'set', { values: { n: '=steps.note.output.body.got.inverse' } }),
              ],
              edges: path('inverse', 'note', 'cell'),
            },
          }),
        ],
      },
    }),
    step('allow', 'approval', { message: 'Go on?', approvers: ['ann', 'bob'], required: 2 }),
    step('many', 'map', {
      range: { end: MANY },
      concurrency: 100,
      body: { nodes: [step('one', 'set', { values: { n: '=item' } })] },
    }),
    step('grow', 'repeat', {
      until: 'output.n >= 2',
      body: {
        nodes: [
          step('ping', 'http_request', { url: `${url}/ping` }),
          step('turn', 'set', { values: { n: '=index' } }),
        ],
        edges: path('ping', 'turn'),
      },
    }),
    step('sub', 'sub_workflow', {
      workflow_id: child,
      parameters: { n: 7, as: 'sub', key: '=parameters.key' },
    }),
    step('aside', 'sub_workflow', {
      ...{ workflow_id: child, mode: 'detached' },
      parameters: { n: 8, as: 'aside', key: '=parameters.key' },
    }),
    step('doze', 'delay', { seconds: 0.2 }),
    step('fast', 'http_request', { url: `${url}/fast` }),
    step('slow', 'http_request', { url: `${url}/never` }),
    step('never', 'wait_for_event', { name: 'never' }),
    step('first', 'set', { values: { won: '=steps.fast.output.status' } }, { join: 'any' }),
    step('broken', 'http_request', { url: `${url}/broken` }),
    step('whole', 'set', { values: {} }),
    step('mended', 'set', { values: { code: '=steps.broken.error.code' } }),
    // Nobody may repeat it without looking.
    step('charge', 'http_request', { method: 'POST', url: `${url}/charge` }, { on_uncertain: 'ask' }),
    // Nothing else is under way by then, and it is longer than any wait that keeps the slot: here all of them suspend.
    step('nap', 'delay', { seconds: 4 }),
    step('end', 'transform', {
      expression: `{
        "sum": steps.totals.output.sum, "shape": steps.shape.output, "tasks": steps.plan.output.tasks.title,
        "paid": steps.paid.output, "allowed": steps.allow.status,
        "grid": steps.grid.output.(error ? error.code : [n]),
        "many": $sum(steps.many.output.n), "count": $count(steps.many.output),
        "grow": steps.grow.output, "sub": steps.sub.output, "won": steps.first.output.won,
        "mended": steps.mended.output.code, "charged": steps.charge.output.status
      }`,
    }),
  ];
  const edges = [
    ...path('seed', 'totals', 'large'),
    { source: 'large', target: 'route', label: 'true' },
    { source: 'large', target: 'small', label: 'false' },
    { source: 'route', target: 'load', label: 'invoice' },
    { source: 'route', target: 'refund', label: 'refund' },
    ...path('load', 'book', 'shape', 'plan', 'paid', 'grid', 'allow', 'nap', 'end'),
    ...path('shape', 'many', 'grow', 'nap'),
    ...path('shape', 'sub', 'aside', 'charge', 'nap'),
    ...path('shape', 'doze', 'fast', 'first', 'nap'),
    ...path('doze', 'slow', 'first'),
    ...path('doze', 'never', 'first'),
    ...path('doze', 'broken', 'whole', 'nap'),
    { source: 'broken', target: 'mended', label: 'error' },
    ...path('mended', 'nap'),
    ...path('small', 'nap'),
    ...path('refund', 'nap'),
  ];
  return { name: 'Every kind', nodes, edges };
}

/** What `sub_workflow` starts. */
export function childOf(url: string): Graph {
  return {
    name: 'Child',
    nodes: [
      step('tell', 'http_request', post(`${url}/count`, { n: '=parameters.n' })),
      step('told', 'set', { values: { n: '=steps.tell.output.body.got.n' } }),
    ],
    edges: path('tell', 'told'),
  };
}

/** Fails for good while something else runs, and makes good what it did. */
export function failing(url: string): Graph {
  return {
    name: 'Failing',
    nodes: [
      step('reserve', 'http_request', post(`${url}/count`, { reserve: true })),
      step('hang', 'http_request', { url: `${url}/never` }),
      step('refuse', 'http_request', { url: `${url}/broken` }),
    ],
    edges: [...path('reserve', 'hang'), ...path('reserve', 'refuse')],
    on_failure: {
      nodes: [
        step('undo', 'http_request', post(`${url}/count`, { undo: '=failure.code' })),
        step('undone', 'set', { values: { undid: '=steps.undo.output.body.got.undo' } }),
      ],
      edges: path('undo', 'undone'),
    },
  };
}

export async function startWorld(): Promise<Target> {
  const target = await startTarget();
  const loaded = new Set<string>();
  target.on('/load', ({ idempotencyKey = '' }, response) => {
    // The first call of each execution: 503.
    if (loaded.has(idempotencyKey)) sendJson(response, 200, { rate: 21 });
    else sendJson(response, 503, {});
    loaded.add(idempotencyKey);
  });
  target.on('/count', ({ body }, response) => {
    sendJson(response, 200, { got: z.json().parse(JSON.parse(body)) });
  });
  target.on('/never', hold);
  target.on('/broken', (_call, response) => {
    sendJson(response, 400, {});
  });
  return target;
}

export function callsByKey(calls: readonly Call[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { idempotencyKey = '' } of calls) {
    counts.set(idempotencyKey, (counts.get(idempotencyKey) ?? 0) + 1);
  }
  return counts;
}
