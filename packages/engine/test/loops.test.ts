import { expect } from 'chai';
import * as z from 'zod';
import { jsonValue, type LoopPlan, type NewEvent } from '@millrace/contracts';
import {
  compile,
  createState,
  decide,
  findStep,
  fold,
  markInterrupted,
  openParts,
  partPlan,
  receiveAnswer,
  skipByHand,
  stepStarted,
  stepState,
  type ExecutionState,
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

  it('T4 fails a wait at the limit of the step, and retries it as the policy says', () => {
    const plan = planOf([
      approval({ timeout_seconds: 10, retry: { max_attempts: 2, delay_seconds: 0, jitter: 0 } }),
    ]);
    const { state, events } = run(startedState(plan), asking);
    expect(state.failure).to.include({ code: 'step_timeout', attempt: 2 });
    expect(events.filter(({ type }) => type === 'step_retrying')).to.have.length(1);
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

  it('T7 does not count the time of a pause', () => {
    const state = startedState(planOf([node('a')], '', { timeout_seconds: 10 }));
    fold(state, { type: 'paused', data: { by: 'ada' } }, T0 + 2_000);
    expect(decide(state, T0 + 60_000)).to.deep.equal([]);
    fold(state, { type: 'resumed', data: { worker_id: 'w', by: 'ada' } }, T0 + 60_000);
    const [command] = decide(state, T0 + 61_000);
    expect(command?.type).to.equal('start');
  });

  it('S6 reuses outputs before the execution starts', () => {
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

describe('compiling bodies', () => {
  const problems = (nodes: readonly unknown[], more: Record<string, unknown> = {}) => {
    const result = compile(define(nodes, '', more));
    return result.ok ? [] : result.problems.map(({ code, loc }) => `${code} ${loc.join('.')}`);
  };

  it('G16 refuses an id that is used in another body', () => {
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

  it('S4 finds nothing in an iteration that is not under way', () => {
    const state = startedState(planOf([map('m', [node('s')])]));
    expect(findStep(state, 's', '0')).to.equal(undefined);
    expect(findStep(state, 's')).to.equal(undefined);
  });
});
