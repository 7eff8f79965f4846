import { expect } from 'chai';
import fc from 'fast-check';
import { isTerminal, type NewEvent } from '@millrace/contracts';
import {
  compile,
  createState,
  decide,
  fold,
  markInterrupted,
  planUntil,
  restore,
  snapshot,
  stepState,
  type Command,
  type ExecutionState,
  type Plan,
  type StepState,
} from '../src/index.js';
import {
  CONTEXT,
  define,
  failure,
  jsonObjectCopy,
  node,
  run,
  startedState,
  success,
  T0,
  type Behaviour,
} from './support/workflows.js';

interface Sketch {
  readonly nodes: readonly {
    readonly kind: number;
    readonly join: boolean;
    readonly disabled: number;
    readonly handling: number;
  }[];
  readonly edges: readonly (readonly [number, number, boolean])[];
  readonly seed: number;
}

/** Any acyclic graph: edges lead from a smaller to a larger position, and ids are not in topological order of their names. */
const sketch: fc.Arbitrary<Sketch> = fc.record({
  nodes: fc.array(
    fc.record({ kind: fc.nat(5), join: fc.boolean(), disabled: fc.nat(9), handling: fc.nat(3) }),
    { minLength: 1, maxLength: 14 },
  ),
  edges: fc.array(fc.tuple(fc.nat(13), fc.nat(13), fc.boolean()), { maxLength: 30 }),
  seed: fc.nat(),
});

function planFrom({ nodes, edges }: Sketch): Plan {
  const seen = new Set<string>();
  const isChoice = (position: number): boolean => nodes[position]?.kind === 0;
  const drawn = edges.flatMap(([a, b, flag]) => {
    const [source, target] = a < b ? [a, b] : [b, a];
    if (source === target || target >= nodes.length) return [];
    const handled = nodes[source]?.handling === 1;
    const label = isChoice(source) ? String(flag) : handled && flag ? 'error' : undefined;
    const key = `${source}/${target}/${label ?? ''}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ source: `n${source}`, target: `n${target}`, ...(label === undefined ? {} : { label }) }];
  });
  const built = nodes.map(({ kind, join, disabled, handling }, position) => {
    const data = {
      join: join ? 'any' : 'all',
      disabled: disabled === 0,
      on_error: handling === 2 ? 'continue' : 'fail',
      retry: { max_attempts: 2, retry_on: ['twice'] },
      ...(disabled === 1 ? { pinned_output: true } : {}),
    };
    if (kind === 1) return node(`n${position}`, { ...data, config: { seconds: 60 } }, 'delay');
    return node(`n${position}`, data, isChoice(position) ? 'condition' : 'set');
  });
  const result = compile({ ...define(built), edges: drawn });
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join('; '));
  return result.plan;
}

/** Repeatable chaos: what a step comes to depends on the seed, its position and its attempt alone. */
function behaviour({ nodes, seed }: Sketch, canFail: boolean): Behaviour {
  return (step, attempt) => {
    const roll = Math.abs(Math.imul(seed + 31 * Number(step.id.slice(1)) + attempt, 2_654_435_761)) % 12;
    if (step.kind === 'delay') return { sleep: 1_000 * roll };
    const { handling = 0 } = nodes[Number(step.id.slice(1))] ?? {};
    if (canFail && roll < 3 && (handling > 0 || roll === 0))
      return failure(roll === 1 ? 'twice' : 'boom', false);
    return success(step.id, step.ports.length > 0 ? String(roll % 2 === 0) : undefined);
  };
}

const picker = (seed: number) => {
  let current = seed;
  return (count: number): number => {
    current = (Math.imul(current, 1_103_515_245) + 12_345) >>> 0;
    return count === 0 ? 0 : current % count;
  };
};

const ids = (steps: Iterable<StepState>): string[] => Array.from(steps, ({ step }) => step.id);

const members = (state: ExecutionState) => ({
  ready: ids(state.ready),
  facts: ids(state.facts),
  running: ids(state.running),
  timers: ids(state.timers),
  losers: ids(state.losers),
});

/** Commands without the state that they point into. */
const plain = (commands: readonly Command[]) =>
  commands.map((command) => ('step' in command ? { ...command, step: command.step.step.id } : command));

/** The ready set, worked out from the definition of joins and outcomes alone, without counts. */
function naiveReady(state: ExecutionState): string[] {
  // A failure lets nothing further start.
  if (state.failure !== null) return [];
  const { steps, edges } = state.plan;
  const isTaken = (edge: (typeof edges)[number]): boolean | undefined => {
    const source = state.root.steps[edge.source];
    switch (source?.status) {
      case 'completed':
        return edge.port === source.branch;
      case 'failed':
        if (source.handling === 'fail') return undefined;
        return source.handling === 'error' ? edge.port === 'error' : edge.port === null;
      case 'skipped':
        return source.reason === 'disabled' && edge.port === (steps[edge.source]?.ports[0] ?? null);
      case 'discarded':
        return false;
      default:
        return undefined;
    }
  };
  return steps
    .filter((step) => {
      const current = state.root.steps[step.index];
      if (
        current?.status !== 'pending' ||
        current.abandoned !== null ||
        step.disabled ||
        step.pinnedOutput !== undefined
      )
        return false;
      const incoming = edges.filter((edge) => edge.target === step.index).map(isTaken);
      if (incoming.length === 0) return true;
      return incoming.includes(true) && (step.join === 'any' || !incoming.includes(undefined));
    })
    .map((step) => step.id)
    .sort();
}

describe('any acyclic workflow', () => {
  it('D8 completes when nothing fails it, with every step settled', () => {
    fc.assert(
      fc.property(sketch, (drawn) => {
        const { state } = run(startedState(planFrom(drawn)), behaviour(drawn, false), {
          pick: picker(drawn.seed),
        });
        const joinFailed = state.failure?.code === 'join_failed';
        expect(joinFailed ? 'completed' : state.status).to.equal('completed');
        expect(state.root.settled).to.have.length(state.root.steps.length);
      }),
      { numRuns: 500 },
    );
  });

  it('D2 ends in a final status whatever fails, and decides nothing after it', () => {
    fc.assert(
      fc.property(sketch, (drawn) => {
        const { state } = run(startedState(planFrom(drawn)), behaviour(drawn, true), {
          pick: picker(drawn.seed),
        });
        expect(isTerminal(state.status)).to.equal(true);
        expect(decide(state, T0)).to.deep.equal([]);
      }),
      { numRuns: 500 },
    );
  });

  it('S8 J1 J3 starts no step before its dependencies are finished', () => {
    fc.assert(
      fc.property(sketch, (drawn) => {
        const plan = planFrom(drawn);
        const state = startedState(plan);
        const settled = new Set<number>();
        run(state, behaviour(drawn, true), {
          pick: picker(drawn.seed),
          onEvent: (event) => {
            if (event.type === 'step_started') {
              const step = plan.stepOf.get(event.data.step_id);
              const open = step?.dependencies.filter((index) => !settled.has(index)) ?? [];
              const isEarly =
                step?.join === 'any'
                  ? open.length === step.dependencies.length && open.length > 0
                  : open.length > 0;
              expect(isEarly, event.data.step_id).to.equal(false);
            }
            for (const { step } of state.root.settled) settled.add(step.index);
          },
        });
      }),
      { numRuns: 500 },
    );
  });

  it('S11 continues from a folded prefix, or a snapshot of it, as if it had run through', () => {
    fc.assert(
      fc.property(sketch, fc.nat(), (drawn, cut) => {
        const plan = planFrom(drawn);
        const log: NewEvent[] = [];
        const first = startedState(plan);
        const head = [first.lastSeq];
        const { state } = run(first, behaviour(drawn, true), {
          pick: picker(drawn.seed),
          onEvent: (event) => log.push(event),
        });
        expect(head).to.deep.equal([2]);

        const length = cut % (log.length + 1);
        const prefix = startedState(plan);
        for (const event of log.slice(0, length)) fold(prefix, event, T0);
        const restored = restore(plan, CONTEXT, jsonObjectCopy(snapshot(prefix)));
        expect(members(restored)).to.deep.equal(members(prefix));
        expect(plain(decide(restored, T0))).to.deep.equal(plain(decide(prefix, T0)));

        for (const event of log.slice(length)) {
          fold(prefix, event, T0);
          fold(restored, event, T0);
        }
        expect(snapshot(restored)).to.deep.equal(snapshot(prefix));
        expect(restored.root.scope).to.deep.equal(state.root.scope);
        expect(restored.status).to.equal(state.status);
      }),
      { numRuns: 500 },
    );
  });

  it('C1 C2 R1 comes to an end after a crash at any event, as a run without one', () => {
    fc.assert(
      fc.property(sketch, fc.nat(), (drawn, cut) => {
        const plan = planFrom(drawn);
        const undisturbed = run(startedState(plan), behaviour(drawn, false));
        const state = startedState(plan);
        for (const event of undisturbed.events.slice(0, cut % (undisturbed.events.length + 1))) {
          fold(state, event, T0);
        }
        if (!isTerminal(state.status)) {
          markInterrupted(state);
          // The outcome of a step here depends on the attempt; what ran before the crash has to come to the same again.
          run(state, (step, _attempt, current) => behaviour(drawn, false)(step, 1, current));
        }
        expect(state.status).to.equal(undisturbed.state.status);
        expect(ids(state.root.settled).sort()).to.deep.equal(ids(undisturbed.state.root.settled).sort());
      }),
      { numRuns: 500 },
    );
  });

  it('D1 is decided alike every time, and deciding changes nothing', () => {
    fc.assert(
      fc.property(sketch, (drawn) => {
        const state = startedState(planFrom(drawn));
        const look = (): void => {
          const before = JSON.stringify([snapshot(state), members(state)]);
          const once = plain(decide(state, T0 + 1_000));
          expect(plain(decide(state, T0 + 1_000))).to.deep.equal(once);
          expect(JSON.stringify([snapshot(state), members(state)])).to.equal(before);
        };
        look();
        const events = run(state, behaviour(drawn, true), { pick: picker(drawn.seed), onEvent: look }).events;
        const again = run(startedState(planFrom(drawn)), behaviour(drawn, true), {
          pick: picker(drawn.seed),
        }).events;
        expect(again).to.deep.equal(events);
      }),
      { numRuns: 200 },
    );
  });

  it('P1 P2 P3 comes at any step to what it comes to in the whole', () => {
    fc.assert(
      fc.property(sketch, fc.nat(), (drawn, chosen) => {
        // Which of several branches comes first, a join `any` asks; with `all` time makes no difference.
        const sequential = { ...drawn, nodes: drawn.nodes.map((each) => ({ ...each, join: false })) };
        const plan = planFrom(sequential);
        const whole = run(startedState(plan), behaviour(sequential, true)).state;
        if (whole.status !== 'completed') return;
        const target = plan.steps[chosen % plan.steps.length]?.id ?? '';

        const { state, starts } = run(startedState(planUntil(plan, target)), behaviour(sequential, true));

        expect(state.status).to.equal('completed');
        const [leaf, ...others] = state.plan.leaves.map((index) => state.plan.steps[index]?.id);
        expect([leaf, others]).to.deep.equal([target, []]);
        for (const { step, status, branch } of state.root.steps) {
          const there = stepState(whole, step.id);
          expect([status, branch], step.id).to.deep.equal([there.status, there.branch]);
          // A delay tells when it was due.
          if (step.kind === 'delay') continue;
          expect(state.root.scope.steps[step.id]).to.deep.equal(whole.root.scope.steps[step.id]);
        }
        expect(starts.every((id) => state.plan.stepOf.has(id))).to.equal(true);
      }),
      { numRuns: 500 },
    );
  });

  it('P3 ends at any step whatever fails, with joins of every kind', () => {
    fc.assert(
      fc.property(sketch, fc.nat(), (drawn, chosen) => {
        const plan = planFrom(drawn);
        const target = plan.steps[chosen % plan.steps.length]?.id ?? '';
        const { state } = run(startedState(planUntil(plan, target)), behaviour(drawn, true), {
          pick: picker(drawn.seed),
        });
        expect(isTerminal(state.status)).to.equal(true);
        if (state.status === 'completed') expect(state.root.settled).to.have.length(state.plan.steps.length);
      }),
      { numRuns: 500 },
    );
  });

  it('D4 keeps the ready set that a recomputation from scratch finds', () => {
    fc.assert(
      fc.property(sketch, (drawn) => {
        const state = startedState(planFrom(drawn));
        const compare = (): void => {
          const ready = [...state.ready].filter(({ status }) => status === 'pending');
          expect(ids(ready).sort()).to.deep.equal(naiveReady(state));
        };
        compare();
        run(state, behaviour(drawn, true), { pick: picker(drawn.seed), onEvent: compare });
      }),
      { numRuns: 500 },
    );
  });

  it('S3 starts from nothing: no event is legal before "queued"', () => {
    const state = createState(
      planFrom({ nodes: [{ kind: 2, join: false, disabled: 5, handling: 0 }], edges: [], seed: 0 }),
      CONTEXT,
    );
    expect(decide(state, T0)).to.deep.equal([]);
    expect(state.lastSeq).to.equal(0);
  });
});
