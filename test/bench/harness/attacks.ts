/** Workflows that try to stop the worker they run on, and what has to become of them. */
import type { JsonObject, StepKind } from '@millrace/contracts';

interface Node {
  readonly id: string;
  readonly type: StepKind;
  readonly data: JsonObject & { readonly config: JsonObject };
}

export interface Attack {
  readonly name: string;
  readonly nodes: Node[];
  readonly edges?: { source: string; target: string }[];
  readonly parameters?: JsonObject;
  /** Executions at once; 1 without it. */
  readonly atOnce?: number;
  /** The code it has to fail with; undefined where it has to complete. */
  readonly code?: string;
}

const MAP_ITEMS = 100_000;

const node = (id: string, type: Node['type'], config: JsonObject, more: JsonObject = {}): Node => ({
  id,
  type,
  data: { ...more, config },
});
const trivial = (id = 'double'): Node => node(id, 'set', { values: { index: '=index' } });

/** A node as the JSON that a body is made of. */
function inBody({ id, type, data }: Node): JsonObject {
  return { id, type, data: { config: data.config } };
}

const map = (id: string, body: Node[], config: JsonObject): Node =>
  node(id, 'map', { ...config, body: { nodes: body.map(inBody) } });
const transform = (expression: string): Node => node('t', 'transform', { expression });
const condition = (expression: string): Node => node('c', 'condition', { expression });
const code = (source: string, limits: JsonObject = {}): Node => node('k', 'code', { source, ...limits });

function chain(nodes: Node[]): Pick<Attack, 'nodes' | 'edges'> {
  const edges = nodes.slice(1).map(({ id }, index) => ({ source: nodes[index]?.id ?? '', target: id }));
  return { nodes, edges };
}

/** Of an agent that works by rules: many requirements in many lines. */
const LONG_TEXT = Array.from(
  { length: 4_000 },
  (_, index) => `The system must answer request ${index} within ${index} ms, and should log it.`,
).join('\n');

function largeGraph(): Attack {
  const nodes = Array.from({ length: 10_000 }, (_, index) => node(`n${index}`, 'set', { values: { index } }));
  const edges = nodes.slice(1).map(({ id }, index) => ({ source: `n${Math.floor(index / 4)}`, target: id }));
  return { name: 'a definition of 10,000 nodes', nodes, edges };
}

/** `target` is the origin of a hostile server. */
export function attacks(target: string): Attack[] {
  const request = (path: string, config: JsonObject = {}): Node =>
    node('r', 'http_request', { method: 'GET', url: `${target}${path}`, ...config });
  const rows = Array.from({ length: 20_000 }, (_, index) => ({ index, name: `row ${index}` }));
  return [
    {
      name: 'map over a range of 100,000',
      nodes: [map('m', [trivial()], { range: { end: MAP_ITEMS }, concurrency: 1_000 })],
    },
    {
      name: 'map over a list of 100,000',
      ...chain([
        transform(`[0..${MAP_ITEMS - 1}].{"n": $}`),
        map('m', [trivial()], { items: '=steps.t.output', concurrency: 1_000 }),
      ]),
    },
    {
      name: 'maps nested 200 by 200',
      nodes: [
        map('outer', [map('inner', [trivial()], { range: { end: 200 } })], {
          range: { end: 200 },
          concurrency: 100,
        }),
      ],
    },
    {
      name: 'HTTP: 1.7 million empty lists in 5 MB',
      nodes: [request('/arrays')],
      code: 'response_too_large',
      atOnce: 3,
    },
    {
      name: 'HTTP: an object of 300,000 keys',
      nodes: [request('/keys')],
      code: 'response_too_large',
      atOnce: 3,
    },
    {
      name: 'HTTP: 5 MB of rows, handed on twice',
      ...chain([
        request('/rows'),
        transform('steps.r.output.body'),
        node('s', 'set', { values: { all: '=steps.t.output' } }),
      ]),
      atOnce: 3,
    },
    { name: 'HTTP: 5 MB of escapes', nodes: [request('/escapes')], atOnce: 3 },
    { name: 'HTTP: 2.5 million levels', nodes: [request('/deep')], code: 'invalid_response', atOnce: 3 },
    { name: 'HTTP: a gzip bomb', nodes: [request('/gzip-bomb')], code: 'response_too_large', atOnce: 5 },
    {
      name: 'HTTP: a body that never ends',
      nodes: [request('/drip', { timeout_seconds: 2 })],
      code: 'timeout',
      atOnce: 20,
    },
    {
      name: 'JSONata: a regular expression without end',
      nodes: [transform('$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /^(a+)+$/)')],
      code: 'expression_limit',
      atOnce: 2,
    },
    {
      name: 'JSONata: recursion without end',
      nodes: [transform('($f := function($n) { $f($n + 1) + 1 }; $f(0))')],
      code: 'expression_limit',
      atOnce: 4,
    },
    {
      name: 'JSONata: a sequence of ten million',
      nodes: [transform('[1..10000000]')],
      code: 'expression_limit',
      atOnce: 4,
    },
    {
      name: 'JSONata: a million numbers',
      nodes: [transform('[1..1000000]')],
      code: 'expression_result_too_large',
      atOnce: 4,
    },
    { name: 'JSONata: 8 MB of text', nodes: [transform('$pad("", 8000000, "x")')], atOnce: 4 },
    {
      name: 'JSONata beside large outputs',
      ...chain([
        request('/rows'),
        transform('$count(steps.r.output.body)'),
        node('u', 'transform', { expression: '$sum([1..10])' }),
      ]),
      atOnce: 4,
    },
    {
      name: 'CEL: lists within lists',
      nodes: [condition('parameters.rows.all(a, parameters.rows.all(b, a.index + b.index >= 0.0))')],
      parameters: { rows: rows.slice(0, 3_000) },
      code: 'expression_limit',
      atOnce: 4,
    },
    {
      name: 'CEL: all of 20,000',
      nodes: [condition('parameters.rows.all(a, a.index >= 0.0)')],
      parameters: { rows },
      atOnce: 4,
    },
    {
      name: 'code: a loop without end',
      nodes: [code('for (;;) {}', { timeout_seconds: 2 })],
      code: 'code_timeout',
      atOnce: 4,
    },
    {
      name: 'code: a memory bomb',
      nodes: [code('const a = []; for (;;) a.push(new Array(10000).fill(1));')],
      code: 'code_memory',
      atOnce: 4,
    },
    {
      name: 'code: a flood of logs',
      nodes: [
        code('for (let i = 0; i < 100000; i += 1) console.log("x".repeat(8000)); return 1;', {
          timeout_seconds: 20,
        }),
      ],
      atOnce: 8,
    },
    {
      name: 'code: 9 MB of output',
      nodes: [code('return "x".repeat(9000000);', { memory_mb: 256 })],
      atOnce: 4,
    },
    {
      name: 'code: millions of small values',
      nodes: [
        code('return Array.from({ length: 1500000 }, () => []);', { memory_mb: 512, timeout_seconds: 30 }),
      ],
      code: 'code_output_too_large',
      atOnce: 2,
    },
    {
      name: 'agents on long texts',
      nodes: [node('a', 'agent', {}, { agent_type: 'requirement_engineering', input: LONG_TEXT })],
      atOnce: 4,
    },
    {
      name: 'large parameters',
      nodes: [node('s', 'set', { values: { all: '=parameters' } })],
      parameters: { rows },
      atOnce: 20,
    },
    largeGraph(),
  ];
}
