import { expect } from 'chai';
import fc from 'fast-check';
import {
  isJsonObject,
  isTerminal,
  jsonObject,
  parseLogEvent,
  type JsonValue,
  type LogEvent,
} from '@millrace/contracts';
import {
  canSnapshot,
  decide,
  EngineError,
  findStep,
  fold,
  markInterrupted,
  restore,
  snapshot,
  type Command,
  type ExecutionState,
} from '../src/index.js';
import { isSettled, isUnderWay } from '../src/state/frames.js';
import { chanceOf, dump, framesOf, nameOf, randomPlan, refold, runInChaos } from './support/chaos.js';
import { CONTEXT, jsonCopy, jsonObjectCopy } from './support/workflows.js';

const seeds = fc.tuple(fc.nat(), fc.nat());

const plain = (commands: readonly Command[]): unknown =>
  commands.map((command) => ('step' in command ? { ...command, step: nameOf(command.step) } : command));

function expectCounts(state: ExecutionState): void {
  for (const frame of framesOf(state)) {
    expect(frame.begun, 'begun').to.equal(frame.steps.filter(isUnderWay).length);
    expect(frame.settled.length, 'settled').to.equal(frame.steps.filter(isSettled).length);
    for (const { loop, step } of frame.steps) {
      if (loop === null || step.kind === 'repeat') continue;
      const ended = loop.results.filter((result) => result !== undefined).length;
      expect(loop.ended, 'ended').to.equal(ended);
      if (loop.plan.shard_size === undefined) expect(loop.next).to.equal(loop.ended + loop.frames.size);
    }
  }
}

/** A step is in a set exactly when its status says so, and every step in a set is in a frame that is under way. */
function expectSets(state: ExecutionState): void {
  const frames = new Set(framesOf(state));
  const all = { ready: state.ready, facts: state.facts, running: state.running, timers: state.timers };
  for (const [name, steps] of Object.entries({ ...all, waits: state.waits, losers: state.losers })) {
    for (const step of steps) {
      expect(frames.has(step.frame), `${nameOf(step)} in ${name} is in no frame`).to.equal(true);
      expect(isSettled(step), `${nameOf(step)} in ${name} is settled`).to.equal(false);
    }
  }
}

const OUTPUT_EVENTS = new Set(['step_completed', 'step_failed', 'step_skipped', 'step_discarded']);

describe('any workflow with bodies, waits and an on_failure, whatever happens to it', () => {
  it('D2 ends with nothing under way, and decides nothing after it', () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), ([graph, seed], crashes) => {
        const { state } = runInChaos(randomPlan(graph), seed, { crashes });
        expect(isTerminal(state.status)).to.equal(true);
        expect(
          framesOf(state)
            .flatMap(({ steps }) => steps.filter(isUnderWay))
            .map(nameOf),
        ).to.deep.equal([]);
        expect(decide(state, Number.MAX_SAFE_INTEGER)).to.deep.equal([]);
      }),
      { numRuns: 400 },
    );
  });

  it('D1 L4 S4 keeps its counts and sets right, and deciding changes nothing', () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), ([graph, seed], crashes) => {
        runInChaos(randomPlan(graph), seed, {
          crashes,
          onEvent: expectCounts,
          onTurn(state, now) {
            expectSets(state);
            const before = JSON.stringify(dump(state));
            const once = plain(decide(state, now));
            expect(plain(decide(state, now))).to.deep.equal(once);
            expect(JSON.stringify(dump(state))).to.equal(before);
          },
        });
      }),
      { numRuns: 60 },
    );
  });

  it('L8 W2 tells progress that never goes back, and settles no step twice', () => {
    fc.assert(
      fc.property(seeds, ([graph, seed]) => {
        const settled = new Set<string>();
        let last = 0;
        runInChaos(randomPlan(graph), seed, {
          crashes: true,
          onEvent(state, _log, event) {
            if (!('step_id' in event.data)) return;
            const { progress, step_id: id, iteration } = event.data;
            expect(progress).to.be.at.least(last);
            last = progress;
            const place = `${id}@${iteration ?? ''}`;
            if (event.type === 'step_started') {
              expect(settled.has(place), `${place} starts after its end`).to.equal(false);
              const { owner } = findStep(state, id, iteration)?.frame ?? {};
              if (owner !== undefined && owner !== null) expect(owner.status).to.equal('running');
            }
            if (!OUTPUT_EVENTS.has(event.type)) return;
            expect(settled.has(place), `${place} ends twice`).to.equal(false);
            settled.add(place);
          },
        });
      }),
      { numRuns: 150 },
    );
  });

  it('L1 L5 L6 yields one result for each item, in their order', () => {
    fc.assert(
      fc.property(seeds, ([graph, seed]) => {
        const counts = new Map<string, number>();
        runInChaos(randomPlan(graph), seed, {
          crashes: true,
          onEvent(_state, _log, event) {
            if (event.type === 'step_started' && event.data.loop?.count !== undefined) {
              counts.set(`${event.data.step_id}@${event.data.iteration ?? ''}`, event.data.loop.count);
            }
            if (event.type !== 'step_completed' || event.data.kind !== 'map') return;
            const { step_id: id, iteration, output } = event.data;
            if (!Array.isArray(output)) throw new Error('no list');
            expect(output).to.have.length(counts.get(`${id}@${iteration ?? ''}`) ?? -1);
            output.forEach((result, index) => {
              const place = iteration === undefined ? String(index) : `${iteration}.${String(index)}`;
              expect(placesIn(result, place, index), JSON.stringify(output)).to.equal(true);
            });
          },
        });
      }),
      { numRuns: 150 },
    );
  });

  it('S3 C1 is told by its log: folding it gives the very state, also where workers died', () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), fc.nat(), ([graph, seed], crashes, cut) => {
        const plan = randomPlan(graph);
        const dumps = new Map<number, JsonValue>();
        const pick = chanceOf(cut);
        const run = runInChaos(plan, seed, {
          crashes,
          onEvent(state, log) {
            if (!crashes && pick.oneIn(15)) dumps.set(log.length, dump(state));
          },
        });
        for (const [length, live] of dumps) {
          expect(dump(refold(plan, run.log.slice(0, length)))).to.deep.equal(live);
        }
        // What was marked on the way is marked again by whoever takes over.
        for (const at of run.crashes.slice(1)) {
          const once = refold(plan, run.log.slice(0, at));
          markInterrupted(once);
          const again = refold(plan, run.log.slice(0, run.crashes[0]));
          markInterrupted(again);
          for (const event of run.log.slice(run.crashes[0], at)) fold(again, event);
          markInterrupted(again);
          expect(dump(again, { ordered: false })).to.deep.equal(dump(once, { ordered: false }));
        }
      }),
      { numRuns: 120 },
    );
  });

  it('S11 is the same from a snapshot wherever one is taken', () => {
    fc.assert(
      fc.property(seeds, fc.nat(), ([graph, seed], cut) => {
        const plan = randomPlan(graph);
        const pick = chanceOf(cut);
        runInChaos(plan, seed, {
          crashes: true,
          onEvent(state) {
            if (!canSnapshot(state) || !pick.oneIn(3)) return;
            const restored = restore(plan, { ...CONTEXT }, jsonObjectCopy(snapshot(state)));
            markInterrupted(restored);
            const fresh = restore(plan, { ...CONTEXT }, jsonObjectCopy(snapshot(state)));
            const hasInterrupted = state.root.steps.some(({ isInterrupted }) => isInterrupted);
            if (!hasInterrupted) expect(dump(fresh)).to.deep.equal(dump(state));
            markInterrupted(fresh);
            expect(dump(fresh)).to.deep.equal(dump(restored));
          },
        });
      }),
      { numRuns: 150 },
    );
  });

  it('S12 is left as it was by an event that is refused', () => {
    fc.assert(
      fc.property(seeds, fc.nat(), ([graph, seed], cut) => {
        const plan = randomPlan(graph);
        const { log } = runInChaos(plan, seed);
        const pick = chanceOf(cut);
        const prefix = log.slice(0, 1 + pick.below(log.length));
        let state = refold(plan, prefix);
        const before = JSON.stringify(dump(state));
        for (let left = 40; left > 0; left -= 1) {
          const event = mangled(log[pick.below(log.length)] ?? never(), state.lastSeq + 1, pick);
          try {
            fold(state, event);
          } catch (error) {
            expect(error).to.be.instanceOf(EngineError);
            expect(JSON.stringify(dump(state)), JSON.stringify(event)).to.equal(before);
            continue;
          }
          state = refold(plan, prefix);
        }
      }),
      { numRuns: 60 },
    );
  });
});

function never(): never {
  throw new Error('an empty log');
}

/** Every `[step, iteration]` in a result is of this iteration, or of one inside it. */
function placesIn(value: JsonValue, place: string, index: number): boolean {
  if (typeof value === 'string' && value.startsWith('part ')) return value === `part ${String(index)}`;
  if (isJsonObject(value)) return Object.values(value).every((inner) => placesIn(inner, place, index));
  if (!Array.isArray(value)) return true;
  const [id, iteration] = value;
  if (value.length !== 2 || typeof id !== 'string' || typeof iteration !== 'string') return true;
  return !/^n\d+$/.test(id) || iteration === place || iteration.startsWith(`${place}.`);
}

/** The event as the next one, or one much like it. */
function mangled(event: LogEvent, seq: number, chance: ReturnType<typeof chanceOf>): LogEvent {
  const data = jsonObject.parse(jsonCopy(event.data));
  const change = chance.below(6);
  if (change === 0 && 'attempt' in data) data['attempt'] = Number(data['attempt']) + 1;
  if (change === 1 && 'iteration' in data) data['iteration'] = '0';
  if (change === 2 && 'branch' in data) data['branch'] = 'nowhere';
  if (change === 3 && 'part' in data) data['part'] = 1_000;
  if (change === 4 && 'index' in data) data['index'] = Number(data['index']) + 1;
  if (change === 5) delete data['loop'];
  return parseLogEvent({ ...event, seq, data });
}
