import { planOf, startedState, run, node, T0 } from './test/support/workflows.js';
import {
  createState,
  fold,
  decide,
  queuedEvent,
  executionStarted,
  stepStarted,
  settle,
  resolveStep,
  compile,
} from './src/index.js';
import { definition } from '@millrace/contracts';
const plan = planOf(
  Array.from({ length: 10 }, (_, i) =>
    node(
      's' + i,
      i
        ? { config: { values: { x: `=steps.s${i - 1}.output.x`, g: 'Hi {{parameters.amount}}' } } }
        : { config: { values: { x: 1 } } },
    ),
  ),
  Array.from({ length: 9 }, (_, i) => `s${i} -> s${i + 1}`).join(','),
);
const r = run(startedState(plan));
console.log(r.state.status, r.starts.join(), JSON.stringify(r.events.at(-1)));
const ctx = {
  executionId: 'e',
  workflowId: 'w',
  workflowName: 'n',
  workflowVersion: 1,
  parameters: { amount: 1 },
  owner: 'a',
  submittedBy: 'a',
  rootId: 'e',
  createdAt: 'x',
};
function one(resolve: boolean) {
  const state = createState(plan, ctx);
  fold(state, queuedEvent({ workflow_version: 1, submitted_by: 'a' }), T0);
  fold(state, executionStarted(state, 'w'), T0);
  const settling = { now: T0, random: () => 0.5, durationMs: 1 };
  const out = { ok: true as const, output: { x: 1 } };
  for (;;) {
    const cs = decide(state, T0);
    if (cs.length === 0) break;
    for (const c of cs) {
      if (c.type === 'start') {
        let o: any = out;
        if (resolve) {
          const r = resolveStep(state, c.step);
          if (!r.needsThread && r.result.ok) o = { ok: true, output: r.result.value.config['values'] };
        }
        fold(state, stepStarted(state, c.step, { attempt: c.attempt }), T0);
        const e = settle(state, c.step, c.attempt, o, settling);
        if (e) fold(state, e, T0);
      } else if (c.type === 'append' || c.type === 'finish' || c.type === 'abort') fold(state, c.event, T0);
    }
  }
  if (state.status !== 'completed') throw new Error(state.status);
}
for (const resolve of [false, true])
  for (let k = 0; k < 4; k++) {
    const n = 20000;
    const t = performance.now();
    for (let i = 0; i < n; i++) one(resolve);
    const d = performance.now() - t;
    console.log(resolve, ((n / d) * 1000).toFixed(0), 'exec/s');
  }
const N = 10000;
const nodes = Array.from({ length: N }, (_, i) =>
  node('n' + i, i > 10 ? { config: { values: { v: `=steps.n${i - 10}.output.v` } } } : {}),
);
const es: any[] = [];
for (let i = 1; i < N; i++) {
  es.push({ source: 'n' + (i - 1), target: 'n' + i });
  if (i > 5) es.push({ source: 'n' + (i - 5), target: 'n' + i });
  if (i > 9) es.push({ source: 'n' + (i - 9), target: 'n' + i });
}
const def = { name: 'x', nodes, edges: es };
let t = performance.now();
const d = definition.parse(def);
console.log('zod', performance.now() - t);
for (let k = 0; k < 3; k++) {
  t = performance.now();
  const c = compile(d);
  console.log('compile', c.ok, performance.now() - t, c.ok || c.problems[0]);
}
const c = compile(d);
if (c.ok) {
  t = performance.now();
  const rr = run(startedState(c.plan));
  console.log('run 10000', rr.state.status, performance.now() - t);
}
es.push({ source: 'n9999', target: 'n0' });
t = performance.now();
const c2 = compile(
  definition.parse({
    name: 'x',
    nodes,
    edges: es.slice(0, 29999).concat([{ source: 'n9999', target: 'n0' }]),
  }),
);
console.log(performance.now() - t, c2.ok || c2.problems.map((p) => p.code + p.nodeIds.length));
const star = planOf(
  [...Array.from({ length: 5000 }, (_, i) => node('a' + i)), node('z')],
  Array.from({ length: 5000 }, (_, i) => `a${i} -> z`).join(','),
);
t = performance.now();
console.log(run(startedState(star)).state.status, performance.now() - t);
