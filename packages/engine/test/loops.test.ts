import { expect } from 'chai';
import * as z from 'zod';
import { type AnswerPayload, jsonValue, type LoopPlan, type NewEvent } from '@millrace/contracts';
import {
  canSnapshot,
  compile,
  createState,
  decide,
  defaultInput,
  findStep,
  fold,
  markInterrupted,
  openParts,
  partPlan,
  progress,
  receiveAnswer,
  restore,
  settle,
  skipByHand,
  snapshot,
  stepStarted,
  stepState,
  type ExecutionState,
  type BudgetAccount,
  budgetLeft,
  type ExecutionBudget,
} from '../src/index.js';
import {
  CONTEXT,
  define,
  failure,
  jsonCopy,
  node,
  planOf,
  run,
  startedState,
  success,
  T0,
  type Behaviour,
} from './support/workflows.js';

const SETTLING = { now: T0, random: () => 0.5, durationMs: 1 };

function map(id: string, body: readonly unknown[], more: Record<string, unknown> = {}, data = {}): unknown {
  const edges = more['edges'] ?? [];
  const { edges: _edges, ...config } = more;
  return {
    id,
    type: 'map',
    data: { config: { items: '=parameters.items', body: { nodes: body, edges }, ...config }, ...data },
  };
}

function repeat(id: string, body: readonly unknown[], config: Record<string, unknown>): unknown {
  return { id, type: 'repeat', data: { config: { body: { nodes: body }, ...config } } };
}

/** Maps go over `items`; every other step answers with what it sees of its iteration. */
function over(items: readonly unknown[], more: Partial<LoopPlan> = {}): Behaviour {
  const values = items.map(jsonCopy);
  return (step, _attempt, { frame }) => {
    if (step.kind === 'map') {
      return {
        loop: { count: values.length, items: values, concurrency: 2, on_item_error: 'fail', ...more },
      };
    }
    if (step.kind === 'repeat') return { loop: { concurrency: 1 } };
    return success([step.id, frame.iteration, frame.scope.item ?? null]);
  };
}

const outputOf = (state: ExecutionState, id: string) => state.root.scope.steps[id]?.output;
const iterations = (events: readonly NewEvent[], type: string): string[] =>
  events.flatMap((event) =>
    event.type === type && 'iteration' in event.data && event.data.iteration !== undefined
      ? [event.data.iteration]
      : [],
  );

describe('map', () => {
  it('L1 L2 yields the results in the order of the items, whatever order they came in', () => {
    const { state } = run(startedState(planOf([map('m', [node('s')])])), over(['x', 'y', 'z']), {
      pick: (count) => count - 1,
    });
    expect(state.status).to.equal('completed');
    expect(outputOf(state, 'm')).to.deep.equal([
      ['s', '0', 'x'],
      ['s', '1', 'y'],
      ['s', '2', 'z'],
    ]);
  });

  it('L2 has no more iterations under way than its concurrency', () => {
    const state = startedState(planOf([map('m', [node('s')])]));
    let most = 0;
    run(state, over([1, 2, 3, 4, 5, 6, 7]), {
      onEvent: () => {
        most = Math.max(most, stepState(state, 'm').loop?.frames.size ?? 0);
      },
    });
    expect(most).to.equal(2);
    expect(state.status).to.equal('completed');
  });

  it('L1 completes at once without items', () => {
    const { state } = run(startedState(planOf([map('m', [node('s')])])), over([]));
    expect(outputOf(state, 'm')).to.deep.equal([]);
  });

  it('L1 gives the numbers of a range', () => {
    const behaviour = over([], { count: 3, items: undefined, range: { start: 10, step: -5 } });
    const { state } = run(startedState(planOf([map('m', [node('s')])])), behaviour);
    expect(outputOf(state, 'm')).to.deep.equal([
      ['s', '0', 10],
      ['s', '1', 5],
      ['s', '2', 0],
    ]);
  });

  it('L5 fails with the first item that fails, and gives the others up', () => {
    const state = startedState(planOf([map('m', [node('s')])]));
    const items = over([0, 1, 2, 3]);
    const { events } = run(
      state,
      (step, attempt, current) =>
        current.frame.iteration === '1' ? failure('bad_item', false) : items(step, attempt, current),
      { pick: (count) => count - 1 },
    );
    expect(state.status).to.equal('failed');
    expect(state.failure).to.deep.include({ code: 'bad_item', step_id: 's', iteration: '1' });
    expect(iterations(events, 'step_discarded')).to.deep.equal(['0']);
    expect(iterations(events, 'step_started')).to.deep.equal(['0', '1']);
  });

  it('L5 applies its own handling to the failure', () => {
    const plan = planOf([map('m', [node('s')], {}, { on_error: 'continue' }), node('z')], 'm -> z');
    const items = over([1]);
    const { state } = run(startedState(plan), (step, attempt, current) =>
      step.id === 's' ? failure('bad_item', false) : items(step, attempt, current),
    );
    expect(state.status).to.equal('completed');
    expect(outputOf(state, 'm')).to.have.nested.property('error.code', 'bad_item');
  });

  it('L5 collects errors where it is told to', () => {
    const plan = planOf([map('m', [node('s'), node('t')], { edges: [{ source: 's', target: 't' }] })]);
    const items = over([0, 1, 2], { on_item_error: 'collect' });
    const { state } = run(startedState(plan), (step, attempt, current) =>
      step.id === 's' && current.frame.iteration === '1'
        ? failure('bad_item', false)
        : items(step, attempt, current),
    );
    const results = z.array(jsonValue).parse(outputOf(state, 'm'));
    const [first, second, third] = results;
    expect([first, third]).to.deep.equal([
      ['t', '0', 0],
      ['t', '2', 2],
    ]);
    expect(second).to.have.nested.property('error.code', 'bad_item');
  });

  it('L1 nests: an inner step knows the numbers of all its iterations', () => {
    const plan = planOf([map('outer', [map('inner', [node('s')])])]);
    const { state, events } = run(startedState(plan), over([1, 2]));
    expect(outputOf(state, 'outer')).to.deep.equal([
      [
        ['s', '0.0', 1],
        ['s', '0.1', 2],
      ],
      [
        ['s', '1.0', 1],
        ['s', '1.1', 2],
      ],
    ]);
    expect(iterations(events, 'step_completed')).to.include.members(['0', '1', '0.0', '1.1']);
  });

  it('E1 shows the item, its index, the steps before the map, and the iteration around', () => {
    const plan = planOf([node('before'), map('outer', [map('inner', [node('s')])])], 'before -> outer');
    const seen: unknown[] = [];
    const items = over(['a']);
    run(startedState(plan), (step, attempt, current) => {
      if (step.id === 's') seen.push(JSON.parse(JSON.stringify(current.frame.scope)));
      return items(step, attempt, current);
    });
    expect(seen[0]).to.deep.include({ index: 0, item: 'a', parent: { index: 0, item: 'a' } });
    expect(seen[0]).to.have.nested.property('steps.before.status', 'completed');
  });

  it('E7 gives steps of a body the item and its index by default', () => {
    const seen: unknown[] = [];
    const items = over(['a', 'b']);
    const plan = planOf([map('m', [node('s'), node('t')], { edges: [{ source: 's', target: 't' }] })]);
    run(startedState(plan), (step, attempt, current) => {
      if (step.id === 't') seen.push(defaultInput(current));
      return items(step, attempt, current);
    });
    expect(seen).to.deep.equal([
      { ...CONTEXT.parameters, item: 'a', index: 0, s: ['s', '0', 'a'] },
      { ...CONTEXT.parameters, item: 'b', index: 1, s: ['s', '1', 'b'] },
    ]);
  });

  it('L9 keeps what the steps of an iteration yield to themselves', () => {
    const plan = planOf([map('m', [node('s')]), node('z')], 'm -> z');
    const scopes: string[][] = [];
    const items = over([1, 2]);
    run(startedState(plan), (step, attempt, current) => {
      scopes.push(Object.keys(current.frame.scope.steps));
      return items(step, attempt, current);
    });
    expect(scopes).to.deep.equal([[], [], [], ['m']]);
  });

  it('S11 is not snapshotted while it goes through its items', () => {
    const state = startedState(planOf([map('m', [node('s')])]));
    expect(canSnapshot(state)).to.equal(true);
    const loop = { count: 1, items: [1], concurrency: 1 };
    fold(state, stepStarted(state, stepState(state, 'm'), { attempt: 1, loop }), T0);
    expect(canSnapshot(state)).to.equal(false);
    run(state);
    expect(canSnapshot(state)).to.equal(true);
  });

  it('L1 refuses to iterate over a step without a body', () => {
    const state = startedState(planOf([node('s')]));
    const event = stepStarted(state, stepState(state, 's'), {
      attempt: 1,
      loop: { count: 1, concurrency: 1 },
    });
    expect(() => {
      fold(state, event, T0);
    }).to.throw('no body');
  });

  it('C1 goes on after a crash at any event to the same end', () => {
    const plan = planOf([
      map('m', [node('s'), map('n', [node('t')])], { edges: [{ source: 's', target: 'n' }] }),
    ]);
    const items = over(['x', 'y', 'z']);
    const whole = run(startedState(plan), items);
    for (let cut = 0; cut < whole.events.length; cut += 1) {
      const state = startedState(plan);
      for (const event of whole.events.slice(0, cut)) fold(state, event, T0);
      markInterrupted(state);
      run(state, items);
      expect(outputOf(state, 'm'), `cut at ${String(cut)}`).to.deep.equal(outputOf(whole.state, 'm'));
    }
  });

  it('J5 gives up the steps of its body with it', () => {
    const plan = planOf(
      [map('m', [node('s')]), node('fast'), node('first', { join: 'any' })],
      'm -> first, fast -> first',
    );
    const { state, events } = run(startedState(plan), over([1, 2, 3]), {
      pick: (count) => (count > 2 ? 2 : 0),
    });
    expect(state.status).to.equal('completed');
    const discarded = events.flatMap((event) =>
      event.type === 'step_discarded' ? [event.data.step_id] : [],
    );
    expect(discarded.at(-1)).to.equal('m');
  });

  it('T6 fails at its own limit, with all that is under way in it', () => {
    const plan = planOf([map('m', [node('s')], {}, { timeout_seconds: 5 })]);
    const items = over([1, 2]);
    const { state } = run(startedState(plan), (step, attempt, current) =>
      step.id === 's' ? { sleep: 60_000 } : items(step, attempt, current),
    );
    expect(state.failure).to.include({ code: 'step_timeout', step_id: 'm' });
    expect(state.clock).to.equal(T0 + 5_000);
  });
});

describe('map in child executions', () => {
  const inParts = over([1, 2, 3, 4, 5], { concurrency: 8, shard_size: 2 });

  function waitingState(): ExecutionState {
    return run(startedState(planOf([map('m', [node('s')])])), inParts).state;
  }
  const answer = (slot: number, outcome: { ok: true; output: number[] } | ReturnType<typeof failure>) =>
    ({ step_id: 'm', attempt: 1, slot, outcome }) as const;

  it('L6 waits for its parts and puts their results together', () => {
    const state = waitingState();
    const loop = stepState(state, 'm').loop;
    if (loop === null) throw new Error('a loop expected');
    expect(openParts(loop)).to.deep.equal({ parts: [0, 1, 2], concurrency: 2 });
    expect(decide(state, T0)).to.deep.equal([{ type: 'suspend', wakeAt: null, stepIds: ['m'] }]);

    for (const [slot, output] of [
      [2, [5]],
      [0, [1, 2]],
      [1, [3, 4]],
    ] as const) {
      const event = receiveAnswer(state, answer(slot, { ok: true, output: [...output] }), SETTLING);
      if (event === null) throw new Error('an event expected');
      fold(state, event, T0);
      expect(receiveAnswer(state, answer(slot, { ok: true, output: [] }), SETTLING)).to.equal(null);
    }
    run(state, inParts);
    expect(outputOf(state, 'm')).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it('L6 W5 fails with the error of a part, or gives it to each of its items', () => {
    const outcomes: AnswerPayload['outcome'][] = [
      {
        ok: false,
        error: { code: 'child_failed', message: 'no', details: { code: 'bad_item', step_id: 's' } },
      },
      { ok: true, output: [3] },
    ];
    const lose = (on_item_error: 'fail' | 'collect') => {
      const parts = over([1, 2, 3], { concurrency: 8, shard_size: 2, on_item_error });
      const { state } = run(startedState(planOf([map('m', [node('s')])])), parts);
      outcomes.forEach((outcome, slot) => {
        const event = receiveAnswer(state, { step_id: 'm', attempt: 1, slot, outcome }, SETTLING);
        if (event !== null) fold(state, event, T0);
      });
      return run(state, parts).state;
    };
    expect(lose('fail').failure).to.include({ code: 'bad_item', step_id: 's' });
    const [first, second, ...rest] = z.array(jsonValue).parse(outputOf(lose('collect'), 'm'));
    for (const lost of [first, second]) expect(lost).to.have.nested.property('error.code', 'bad_item');
    expect(rest).to.deep.equal([3]);
  });

  it('L6 says that a part was cancelled, which is no error of an item', () => {
    const state = waitingState();
    const error = { code: 'child_cancelled', message: 'was cancelled', details: { code: 'cancelled' } };
    const event = receiveAnswer(state, answer(0, { ok: false, error }), SETTLING);
    if (event === null) throw new Error('an event expected');
    fold(state, event, T0);
    run(state, inParts);
    expect(state.failure).to.include({ code: 'child_cancelled', step_id: 'm' });
  });

  it('B1 counts what the agents of its parts consumed', () => {
    const state = waitingState();
    const usage = { input_tokens: 10, output_tokens: 5, cost_usd: 0.5 };
    for (const slot of [0, 1]) {
      const event = receiveAnswer(state, { ...answer(slot, { ok: true, output: [1, 2] }), usage }, SETTLING);
      if (event === null) throw new Error('an event expected');
      fold(state, event, T0);
    }
    expect(state.usage).to.deep.equal({ input_tokens: 20, output_tokens: 10, cost_usd: 1 });
  });

  it('L7 runs a part as a plan of its own, with the numbers of the whole', () => {
    const plan = planOf([map('outer', [map('m', [node('s')])])]);
    const part = { iteration: '7', scope: { steps: {}, item: 'around', index: 7 } };
    const state = createState(partPlan(plan, 'm'), { ...CONTEXT, part });
    fold(state, { type: 'queued', data: { workflow_version: 1, submitted_by: 'ada' } }, T0);
    fold(state, { type: 'started', data: { worker_id: 'w', steps_total: 1 } }, T0);
    const { events } = run(state, over(['x', 'y'], { offset: 10 }));
    expect(outputOf(state, 'm')).to.deep.equal([
      ['s', '7.10', 'x'],
      ['s', '7.11', 'y'],
    ]);
    expect(iterations(events, 'step_started')).to.deep.equal(['7', '7.10', '7.11']);
  });
});

describe('repeat', () => {
  const counting: Behaviour = (step, _attempt, { frame }) =>
    step.kind === 'repeat' ? { loop: { concurrency: 1 } } : success({ n: (frame.scope.index ?? 0) + 1 });

  it('L3 asks `until` after each iteration', () => {
    const plan = planOf([repeat('r', [node('s')], { until: 'output.n >= 3.0' })]);
    const { state, events } = run(startedState(plan), counting);
    expect(outputOf(state, 'r')).to.deep.equal({ iterations: 3, output: { n: 3 } });
    expect(events.filter(({ type }) => type === 'step_iterating')).to.have.length(2);
  });

  it('L3 asks `while` before each, also before the first', () => {
    const none = planOf([repeat('r', [node('s')], { while: 'false' })]);
    expect(outputOf(run(startedState(none), counting).state, 'r')).to.deep.equal({
      iterations: 0,
      output: null,
    });
    const some = planOf([repeat('r', [node('s')], { while: 'index < 2' })]);
    expect(outputOf(run(startedState(some), counting).state, 'r')).to.deep.include({ iterations: 2 });
  });

  it('L4 fails at the limit when the condition asks for more, unless told to complete', () => {
    const config = { until: 'false', max_iterations: 4 };
    const failed = run(startedState(planOf([repeat('r', [node('s')], config)])), counting).state;
    expect(failed.failure).to.include({ code: 'repeat_limit', step_id: 'r' });
    const plan = planOf([repeat('r', [node('s')], { ...config, on_limit: 'complete' })]);
    expect(outputOf(run(startedState(plan), counting).state, 'r')).to.deep.include({ iterations: 4 });
  });

  it('L4 runs so many times without a condition', () => {
    const plan = planOf([repeat('r', [node('s')], { max_iterations: 3 })]);
    const { state } = run(startedState(plan), counting);
    expect(outputOf(state, 'r')).to.deep.equal({ iterations: 3, output: { n: 3 } });
  });

  it('E1 E7 shows what the iteration before yielded, by default too', () => {
    const seen: unknown[] = [];
    const plan = planOf([repeat('r', [node('s')], { max_iterations: 2 })]);
    run(startedState(plan), (step, attempt, current) => {
      if (step.id === 's') seen.push(defaultInput(current));
      return counting(step, attempt, current);
    });
    expect(seen).to.deep.equal([
      { ...CONTEXT.parameters, index: 0, previous: null },
      { ...CONTEXT.parameters, index: 1, previous: { n: 1 } },
    ]);
  });

  it('L5 fails with a step of its body that fails', () => {
    const plan = planOf([repeat('r', [node('s')], { max_iterations: 9 })]);
    const { state } = run(startedState(plan), (step, attempt, current) =>
      step.id === 's' && current.frame.iteration === '2'
        ? failure('boom', false)
        : counting(step, attempt, current),
    );
    expect(state.failure).to.include({ code: 'boom', step_id: 's', iteration: '2' });
  });

  it('L3 fails when its condition cannot be evaluated', () => {
    const plan = planOf([repeat('r', [node('s')], { until: 'output.missing.deep' })]);
    expect(run(startedState(plan), counting).state.failure).to.include({ step_id: 'r' });
  });
});

describe('waiting for something outside', () => {
  const approval = (data: Record<string, unknown> = {}, config: Record<string, unknown> = {}): unknown => ({
    id: 'a',
    type: 'approval',
    data: { config: { message: 'Well?', ...config }, ...data },
  });
  const asking: Behaviour = (step) =>
    step.kind === 'approval'
      ? { wait: { type: 'approval', message: 'Well?', approvers: [], required: 1, exclude_submitter: false } }
      : success(step.id);

  it('W1 completes with the answer, whose branch is followed', () => {
    const plan = planOf([approval(), node('yes'), node('no')], 'a -> yes, a -rejected-> no');
    const { state } = run(startedState(plan), asking);
    expect(stepState(state, 'a').status).to.equal('waiting');
    const outcome = { ok: true, output: { decision: 'reject' }, branch: 'rejected' } as const;
    const event = receiveAnswer(state, { step_id: 'a', attempt: 1, outcome }, SETTLING);
    if (event === null) throw new Error('an event expected');
    fold(state, event, T0);
    const ended = run(state, asking);
    expect(ended.starts).to.deep.equal(['no']);
    expect(stepState(state, 'yes').status).to.equal('skipped');
  });

  it('W2 ignores answers to an earlier attempt, to what does not wait, and to unknown steps', () => {
    const { state } = run(startedState(planOf([approval(), node('b')], 'a -> b')), asking);
    const outcome = { ok: true, branch: 'approved' } as const;
    for (const at of [
      { step_id: 'a', attempt: 2 },
      { step_id: 'b', attempt: 1 },
      { step_id: 'zzz', attempt: 1 },
      { step_id: 'a', iteration: '0', attempt: 1 },
    ]) {
      expect(receiveAnswer(state, { ...at, outcome }, SETTLING), JSON.stringify(at)).to.equal(null);
    }
  });

  it('W3 fails the step for an answer that selects no branch of it', () => {
    const { state } = run(startedState(planOf([approval()])), asking);
    const outcome = { ok: true, branch: 'perhaps' } as const;
    const event = receiveAnswer(state, { step_id: 'a', attempt: 1, outcome }, SETTLING);
    expect(event?.type).to.equal('step_failed');
  });

  it('T5 takes the default outcome at the deadline', () => {
    const behaviour: Behaviour = (step) =>
      step.kind === 'approval'
        ? {
            wait: {
              type: 'approval',
              message: '',
              approvers: [],
              required: 1,
              exclude_submitter: false,
              default_outcome: 'rejected',
            },
          }
        : success(step.id);
    const plan = planOf([approval(), node('no')], 'a -rejected-> no');
    const state = startedState(plan);
    const [command] = decide(state, T0);
    if (command?.type !== 'start') throw new Error('a start expected');
    const wait = behaviour(command.step.step, 1, command.step);
    fold(
      state,
      stepStarted(state, command.step, { attempt: 1, dueAt: T0 + 1_000, ...('wait' in wait ? wait : {}) }),
      T0,
    );
    const { starts } = run(state, behaviour);
    expect(starts).to.deep.equal(['no']);
  });

  it('W4 fails the step for an answer that is an error, and retries it as the policy says', () => {
    const plan = planOf([approval({ retry: { max_attempts: 2, delay_seconds: 0, jitter: 0 } })]);
    const { state } = run(startedState(plan), asking);
    const outcome = failure('child_failed');
    if (outcome.ok) throw new Error('a failure expected');
    for (const [attempt, type] of [
      [1, 'step_retrying'],
      [2, 'step_failed'],
    ] as const) {
      const event = receiveAnswer(state, { step_id: 'a', attempt, outcome }, SETTLING);
      if (event === null) throw new Error('an event expected');
      expect(event.type).to.equal(type);
      fold(state, event, T0);
      run(state, asking);
    }
    expect(state.failure).to.include({ code: 'child_failed', attempt: 2 });
  });

  it('D10 C4 suspends without a time where only an answer can help, also after a crash', () => {
    const { state } = run(startedState(planOf([approval()])), asking);
    markInterrupted(state);
    expect(decide(state, T0)).to.deep.equal([{ type: 'suspend', wakeAt: null, stepIds: ['a'] }]);
  });

  it('T5 follows the edge of a time that ran out, and fails without one', () => {
    const wait = { type: 'event', name: 'paid', key: '' } as const;
    const waiting = { id: 'w', type: 'wait_for_event', data: { config: { name: 'paid' } } };
    const end = (edgeText: string) => {
      const state = startedState(planOf([waiting, node('yes'), node('late')], edgeText));
      fold(state, stepStarted(state, stepState(state, 'w'), { attempt: 1, dueAt: T0 + 500, wait }), T0);
      return run(state);
    };
    const followed = end('w -> yes, w -timeout-> late');
    expect(followed.starts).to.deep.equal(['late']);
    expect(outputOf(followed.state, 'w')).to.deep.equal({ timed_out: true });
    expect(end('w -> yes').state.failure).to.include({ code: 'event_timeout', step_id: 'w' });
  });

  it('T5 fails an approval at its deadline without a default outcome', () => {
    const state = startedState(planOf([approval()]));
    const started = asking(stepState(state, 'a').step, 1, stepState(state, 'a'));
    if (!('wait' in started)) throw new Error('a wait expected');
    const details = { attempt: 1, dueAt: T0 + 500, ...started };
    fold(state, stepStarted(state, stepState(state, 'a'), details), T0);
    expect(run(state).state.failure).to.include({ code: 'approval_expired' });
  });

  it('T4 fails a wait at the limit of the step, and retries it as the policy says', () => {
    const plan = planOf([
      approval({ timeout_seconds: 10, retry: { max_attempts: 2, delay_seconds: 0, jitter: 0 } }),
    ]);
    const { state, events } = run(startedState(plan), asking);
    expect(state.failure).to.include({ code: 'step_timeout', attempt: 2 });
    expect(events.filter(({ type }) => type === 'step_retrying')).to.have.length(1);
  });

  it('T4 S6 fails a sleeper whose own limit comes first, and retries it as the policy says', () => {
    const limits = { timeout_seconds: 5, retry: { max_attempts: 2, delay_seconds: 0, jitter: 0 } };
    const plan = planOf([node('d', { config: { seconds: 60 }, ...limits }, 'delay')]);
    const { state, events } = run(startedState(plan), () => ({ sleep: 60_000 }));
    expect(state.failure).to.include({ code: 'step_timeout', attempt: 2 });
    expect(state.clock).to.equal(T0 + 10_000);
    expect(events.filter(({ type }) => type === 'step_retrying')).to.have.length(1);
  });

  it('C6 gives a person all the time they need, also after a snapshot', () => {
    const http = {
      config: { method: 'POST', url: 'https://x.test' },
      on_uncertain: 'ask',
      timeout_seconds: 5,
    };
    const plan = planOf([node('h', http, 'http_request')]);
    const state = startedState(plan);
    fold(state, stepStarted(state, stepState(state, 'h'), { attempt: 1 }), T0);
    markInterrupted(state);
    const asked = run(state).state;
    const suspended = [{ type: 'suspend', wakeAt: null, stepIds: ['h'] }];
    expect(decide(asked, T0 + 60_000)).to.deep.equal(suspended);
    expect(decide(restore(plan, CONTEXT, snapshot(asked)), T0 + 60_000)).to.deep.equal(suspended);
  });

  it('C6 asks a person what became of an attempt, and does what is said', () => {
    const http = { config: { method: 'POST', url: 'https://x.test' }, on_uncertain: 'ask' };
    const plan = planOf([node('h', http, 'http_request')]);
    const lost = (): ExecutionState => {
      const state = startedState(plan);
      fold(state, stepStarted(state, stepState(state, 'h'), { attempt: 1 }), T0);
      markInterrupted(state);
      return run(state).state;
    };
    const endOf = (branch: string) => {
      const state = lost();
      expect(stepState(state, 'h')).to.deep.include({ status: 'waiting' });
      const outcome = { ok: true, branch, output: 'done by hand' } as const;
      const event = receiveAnswer(state, { step_id: 'h', attempt: 1, outcome }, SETTLING);
      if (event === null) throw new Error('an event expected');
      fold(state, event, T0);
      return run(state, () => success('again'));
    };
    expect(outputOf(endOf('succeed').state, 'h')).to.equal('done by hand');
    expect(outputOf(endOf('retry').state, 'h')).to.equal('again');
    expect(endOf('fail').state.failure).to.include({ code: 'outcome_unknown' });
  });
});

describe('control from outside', () => {
  it('M1 skips a step by hand, and the flow goes on behind it with the given output', () => {
    const plan = planOf([map('m', [node('s')]), node('z')], 'm -> z');
    const { state } = run(startedState(plan), (step, attempt, current) =>
      step.id === 's'
        ? { wait: { type: 'event', name: 'n', key: '' } }
        : over([1, 2])(step, attempt, current),
    );
    const commands = skipByHand(state, { by: 'ada', step_id: 'm', output: 'instead' });
    for (const command of commands) {
      if (command.type === 'append' || command.type === 'abort') fold(state, command.event, T0);
    }
    const { starts } = run(state);
    expect(starts).to.deep.equal(['z']);
    expect(outputOf(state, 'm')).to.equal('instead');
    expect(stepState(state, 'm')).to.include({ status: 'skipped', reason: 'manual' });
    expect(skipByHand(state, { by: 'ada', step_id: 'm' })).to.deep.equal([]);
  });

  it('M1 skips a step that has not begun, and one of a choice along its first port', () => {
    const choice = node('c', {}, 'condition');
    const state = startedState(
      planOf([node('a'), choice, node('yes'), node('no')], 'a -> c, c -true-> yes, c -false-> no'),
    );
    const [command] = skipByHand(state, { by: 'ada', step_id: 'c' });
    if (command?.type !== 'append') throw new Error('an event expected');
    fold(state, command.event, T0);
    expect(run(state).starts).to.deep.equal(['a', 'yes']);
  });

  it('M1 does nothing to a step that is settled, unknown, or of an execution that fails', () => {
    const state = startedState(planOf([node('a'), node('b'), node('c')], 'a -> b, b -> c'));
    fold(state, stepStarted(state, stepState(state, 'a'), { attempt: 1 }), T0);
    const failed = settle(state, stepState(state, 'a'), 1, failure('boom', false), SETTLING);
    if (failed === null) throw new Error('an event expected');
    fold(state, failed, T0);
    for (const step_id of ['a', 'b', 'nobody']) {
      expect(skipByHand(state, { by: 'ada', step_id }), step_id).to.deep.equal([]);
    }
  });

  it('M2 D9 E7 counts what was skipped by hand as having run', () => {
    const state = startedState(planOf([node('a'), node('b'), node('c')], 'a -> b'));
    for (const command of skipByHand(state, { by: 'ada', step_id: 'a', output: 5 })) {
      if (command.type === 'append') fold(state, command.event, T0);
    }
    expect(defaultInput(stepState(state, 'b'))).to.deep.equal({ ...CONTEXT.parameters, a: 5 });
    for (const command of skipByHand(state, { by: 'ada', step_id: 'c', output: 6 })) {
      if (command.type === 'append') fold(state, command.event, T0);
    }
    const { events } = run(state, () => success('b'));
    expect(events.at(-1)).to.deep.include({ type: 'completed' });
    expect(events.at(-1)?.data).to.deep.include({ output: { b: 'b', c: 6 } });
  });

  it('T7 does not count the time of a pause', () => {
    const state = startedState(planOf([node('a')], '', { timeout_seconds: 10 }));
    fold(state, { type: 'paused', data: { by: 'ada' } }, T0 + 2_000);
    expect(decide(state, T0 + 60_000)).to.deep.equal([]);
    fold(state, { type: 'resumed', data: { worker_id: 'w', by: 'ada' } }, T0 + 60_000);
    const [command] = decide(state, T0 + 61_000);
    expect(command?.type).to.equal('start');
  });

  it('T7 does not count the time of a pause while on_failure runs', () => {
    const more = { on_failure: { nodes: [node('undo')], timeout_seconds: 5 } };
    const state = startedState(planOf([node('a')], '', more));
    fold(state, stepStarted(state, stepState(state, 'a'), { attempt: 1 }), T0);
    const failed = settle(state, stepState(state, 'a'), 1, failure('boom', false), SETTLING);
    if (failed === null) throw new Error('an event expected');
    fold(state, failed, T0);
    for (const command of decide(state, T0)) if (command.type === 'append') fold(state, command.event, T0);
    fold(state, { type: 'paused', data: { by: 'ada' } }, T0 + 1_000);
    fold(state, { type: 'resumed', data: { worker_id: 'w', by: 'ada' } }, T0 + 60_000);
    expect(run(state).starts).to.deep.equal(['undo']);
  });

  it('S6 S5 reuses outputs before the execution starts', () => {
    const state = createState(planOf([node('a'), node('b')], 'a -> b'), CONTEXT);
    const base = { step_id: 'a', step_name: 'a', kind: 'set', attempt: 0, progress: 50 };
    fold(state, { type: 'queued', data: { workflow_version: 1, submitted_by: 'ada' } }, T0);
    fold(state, { type: 'step_reused', data: { ...base, output: 5, from_execution: 'exec_x' } }, T0);
    fold(state, { type: 'started', data: { worker_id: 'w', steps_total: 2 } }, T0);
    expect(run(state).starts).to.deep.equal(['b']);
  });
});

describe('on_failure', () => {
  const handled = (more: Record<string, unknown> = {}) =>
    planOf([node('a'), node('b')], 'a -> b', {
      on_failure: {
        nodes: [node('undo'), node('tell')],
        edges: [{ source: 'undo', target: 'tell' }],
        ...more,
      },
    });
  const failing =
    (...ids: string[]): Behaviour =>
    (step) =>
      ids.includes(step.id) ? failure('boom', false) : success(step.id);

  it('H1 H3 runs before the execution ends as it would have', () => {
    const { state, events, starts } = run(startedState(handled()), failing('b'));
    expect(starts).to.deep.equal(['a', 'b', 'undo', 'tell']);
    expect(state.status).to.equal('failed');
    expect(events.at(-1)).to.deep.include({ type: 'failed' });
    expect(events.at(-1)?.data).to.deep.include({ on_failure: { ok: true } });
  });

  it('H2 sees the failure and what the steps had yielded', () => {
    const scopes: unknown[] = [];
    run(startedState(handled()), (step, attempt, current) => {
      if (step.id === 'undo') scopes.push(JSON.parse(JSON.stringify(current.frame.scope)));
      return failing('b')(step, attempt, current);
    });
    expect(scopes[0]).to.have.nested.property('failure.code', 'boom');
    expect(scopes[0]).to.have.nested.property('steps.a.output', 'a');
  });

  it('H2 E7 gives its steps the failure by default', () => {
    const inputs: unknown[] = [];
    run(startedState(handled()), (step, attempt, current) => {
      if (step.id === 'tell') inputs.push(defaultInput(current));
      return failing('b')(step, attempt, current);
    });
    expect(inputs[0]).to.have.nested.property('failure.code', 'boom');
    expect(inputs[0]).to.deep.include({ undo: 'undo', amount: 7 });
  });

  it('H1 gives up what is under way before it begins', () => {
    const plan = planOf([node('a'), node('b')], '', { on_failure: { nodes: [node('undo')] } });
    const { events } = run(startedState(plan), failing('a'));
    const types = events.map(({ type }) => type);
    expect(types.indexOf('step_discarded')).to.be.within(0, types.indexOf('failing') - 1);
  });

  it('H4 moves nothing of the workflow itself any more', () => {
    const more = { timeout_seconds: 5, on_failure: { nodes: [node('undo')] } };
    const state = startedState(planOf([node('a'), node('b'), node('c')], 'a -> b, b -> c', more));
    fold(state, stepStarted(state, stepState(state, 'a'), { attempt: 1, dueAt: T0 + 60_000 }), T0);
    for (const command of decide(state, T0 + 5_000)) {
      if (command.type === 'append') fold(state, command.event, T0 + 5_000);
    }
    expect(state.handler?.status).to.equal('timed_out');
    expect(skipByHand(state, { by: 'ada', step_id: 'b' })).to.deep.equal([]);
    const place = { step_id: 'b', step_name: 'b', kind: 'set', attempt: 0, progress: 0 };
    fold(state, { type: 'step_skipped', data: { ...place, reason: 'manual', by: 'ada' } }, T0 + 5_000);
    expect(run(state).starts).to.deep.equal(['undo']);
  });

  it('H3 says when it fails itself, and keeps the first failure', () => {
    const { state, events } = run(startedState(handled()), failing('b', 'undo'));
    expect(state.failure).to.include({ step_id: 'b' });
    expect(events.at(-1)?.data).to.have.nested.property('on_failure.error.step_id', 'undo');
  });

  it('H3 runs out of time', () => {
    const { state, events } = run(startedState(handled({ timeout_seconds: 5 })), (step, attempt, current) =>
      step.id === 'undo' ? { sleep: 60_000 } : failing('b')(step, attempt, current),
    );
    expect(state.status).to.equal('failed');
    expect(events.at(-1)?.data).to.have.nested.property('on_failure.ok', false);
  });

  it('H1 runs at the time limit too', () => {
    const plan = planOf([node('a')], '', { timeout_seconds: 5, on_failure: { nodes: [node('undo')] } });
    const { state, starts } = run(startedState(plan), (step) =>
      step.id === 'a' ? { sleep: 60_000 } : success(step.id),
    );
    expect(state.status).to.equal('timed_out');
    expect(starts).to.deep.equal(['a', 'undo']);
  });
});

describe('what an execution adds up', () => {
  it('B1 counts what models used, of retried and failed attempts too, in bodies too', () => {
    const usage = { input_tokens: 10, output_tokens: 5, cost_usd: 0.5 };
    const retry = { max_attempts: 2, delay_seconds: 0, jitter: 0 };
    const plan = planOf([map('m', [node('s', { retry })])]);
    const items = over([1, 2]);
    const { state } = run(startedState(plan), (step, attempt, current) =>
      step.id === 's'
        ? { ...(attempt === 1 ? failure() : success(null)), usage }
        : items(step, attempt, current),
    );
    expect(state.usage).to.deep.equal({ input_tokens: 40, output_tokens: 20, cost_usd: 2 });
  });

  it('B2 keeps the limits of the workflow in its plan, and none in the plan of a part', () => {
    const plan = planOf([map('m', [node('s')])], '', { budget: { max_tokens: 100 } });
    expect(plan.budget).to.deep.equal({ tokens: 100, costUsd: null });
    expect(partPlan(plan, 'm').budget).to.equal(null);
    expect(planOf([node('s')]).budget).to.equal(null);
  });

  describe('B3 leaves for the next call', () => {
    const account = (limit: Partial<ExecutionBudget>, tokens: number, costUsd: number): BudgetAccount => ({
      limit: { tokens: null, costUsd: null, ...limit },
      used: { tokens, costUsd },
    });

    it('everything where there is no account', () => {
      expect(budgetLeft([])).to.deep.equal({ tokens: null, costUsd: null });
    });

    it('the least of each kind that any account leaves', () => {
      const accounts = [account({ tokens: 100, costUsd: 5 }, 40, 1), account({ tokens: 80 }, 30, 9)];
      expect(budgetLeft(accounts)).to.deep.equal({ tokens: 50, costUsd: 4 });
    });

    it('nothing, and not less, where one is overdrawn', () => {
      expect(budgetLeft([account({ tokens: 10 }, 25, 0)])).to.deep.equal({ tokens: 0, costUsd: null });
    });
  });

  it('L8 counts the steps of the workflow itself, not those of bodies', () => {
    const { state, events } = run(
      startedState(planOf([map('m', [node('s')]), node('z')], 'm -> z')),
      over([1, 2, 3]),
    );
    const percents = events.flatMap(({ data }) => ('progress' in data ? [data.progress] : []));
    expect(percents).to.include.members([0, 50, 100]);
    expect(percents.toSorted((a, b) => a - b)).to.deep.equal(percents);
    expect(progress(state)).to.include({ stepsCompleted: 2, stepsTotal: 2 });
  });
});

describe('compiling bodies', () => {
  const problems = (nodes: readonly unknown[], more: Record<string, unknown> = {}) => {
    const result = compile(define(nodes, '', more));
    return result.ok ? [] : result.problems.map(({ code, loc }) => `${code} ${loc.join('.')}`);
  };

  it('G2 refuses an id that is used in another body', () => {
    expect(problems([node('a'), map('m', [node('a')])])).to.deep.equal([
      'duplicate_id nodes.1.data.config.body.nodes.0.id',
    ]);
    expect(problems([node('a')], { on_failure: { nodes: [node('a')] } })).to.deep.equal([
      'duplicate_id on_failure.nodes.0.id',
    ]);
  });

  it('G5 G12 checks a body as a graph of its own', () => {
    const inner = [node('s', { config: { values: { x: '=steps.nowhere.output' } } })];
    expect(problems([map('m', inner)])).to.deep.equal([
      'unknown_step_reference nodes.0.data.config.body.nodes.0.data.config.values.x',
    ]);
  });

  it('G17 lets a body refer to what is before the step it belongs to, and nothing else outside', () => {
    const inner = [node('s', { config: { values: { x: '=steps.a.output' } } })];
    expect(problems([node('a'), map('m', inner)])).to.deep.equal([
      'step_not_upstream nodes.1.data.config.body.nodes.0.data.config.values.x',
    ]);
    const ordered = compile(define([node('a'), map('m', inner)], 'a -> m'));
    expect(ordered.ok).to.equal(true);
  });

  it('G18 refuses a retry policy on a step with a body', () => {
    expect(problems([map('m', [node('s')], {}, { retry: { max_attempts: 3 } })])).to.deep.equal([
      'retry_of_body nodes.0.data.retry',
    ]);
  });

  it('G19 refuses bodies nested too deep', () => {
    let inner: unknown = node('s');
    for (let depth = 0; depth < 9; depth += 1) inner = map(`m${String(depth)}`, [inner]);
    expect(problems([inner]).map((problem) => problem.split(' ')[0])).to.deep.equal(['nested_too_deep']);
  });

  it('G7 takes the labels of a switch from its cases', () => {
    const choice = node('c', { config: { expression: '1', cases: [{ label: 'one', equals: 1 }] } }, 'switch');
    const ok = compile(define([choice, node('x'), node('y')], 'c -one-> x, c -default-> y'));
    const wrong = compile(define([choice, node('x')], 'c -two-> x'));
    expect([ok.ok, wrong.ok]).to.deep.equal([true, false]);
  });

  it('G7 gives an edge without a label the default port of its kind', () => {
    const ask = node('a', { config: { message: 'Well?' } }, 'approval');
    expect(planOf([ask, node('x')], 'a -> x').edges).to.deep.equal([
      { source: 0, target: 1, port: 'approved' },
    ]);
    expect(compile(define([ask, node('x')], 'a -perhaps-> x')).ok).to.equal(false);
  });

  it('G17 lets nothing outside refer to a step of a body, but on_failure to all the others', () => {
    const reads = (id: string) => node('r', { config: { values: { x: `=steps.${id}.output` } } });
    expect(problems([map('m', [node('s')]), reads('s')])).to.deep.equal([
      'unknown_step_reference nodes.1.data.config.values.x',
    ]);
    expect(
      problems([node('a'), map('m', [node('s')])], { on_failure: { nodes: [reads('a')] } }),
    ).to.deep.equal([]);
    expect(problems([map('m', [node('s')])], { on_failure: { nodes: [reads('s')] } })).to.deep.equal([
      'unknown_step_reference on_failure.nodes.0.data.config.values.x',
    ]);
  });

  it('G19 counts the nodes of bodies', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => node(`n${String(index)}`));
    expect(problems([map('m', many)])).to.deep.equal(['too_many_nodes nodes']);
  });

  it('S4 finds nothing in an iteration that is not under way', () => {
    const state = startedState(planOf([map('m', [node('s')])]));
    expect(findStep(state, 's', '0')).to.equal(undefined);
    expect(findStep(state, 's')).to.equal(undefined);
  });
});
