import type { EventFrame, StepSummary } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { applyEvents } from '@/features/execution/live/reduce';
import { stepKey, type ExecutionView, type StepView } from '@/features/execution/live/view';
import { emptyViewOf, recording, RECORDINGS } from './recorded';

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const names = Object.keys(RECORDINGS);

/** What the summary tells of a step, out of the view. */
const told = (step: StepView): Partial<StepSummary> => ({
  step_id: step.stepId,
  step_name: step.name,
  kind: step.kind,
  status: step.status,
  attempts: step.attempts,
  started_at: iso(step.startedAtMs),
  completed_at: iso(step.completedAtMs),
  duration_ms: step.durationMs,
  error: step.error,
  retry_at: iso(step.retryAtMs),
  wait: step.wait,
  waiting_since: iso(step.waitingSinceMs),
  due_at: step.status === 'waiting' || step.status === 'sleeping' ? iso(step.dueAtMs) : null,
  ...(step.usage && { usage: step.usage }),
  ...(step.output !== undefined && { output: step.output }),
  ...(step.outputRef && { output_ref: step.outputRef }),
});

/** The same without what the log does not hold: inputs that are computed, and counts that only the state has. */
const known = ({ input: _input, iterations: _iterations, ...rest }: StepSummary): Partial<StepSummary> =>
  rest;

const fold = (name: string, frames: readonly EventFrame[]): ExecutionView =>
  applyEvents(emptyViewOf(recording(name)), frames).view;

/** A small generator of numbers, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

describe('applyEvents on recorded logs', () => {
  it.each(names)('equals the summary of the server: %s', (name) => {
    const { events, steps, execution } = recording(name);
    const view = fold(name, events);
    expect(steps.map(({ step_id: id }) => told(view.steps.get(id) ?? fail(id)))).toEqual(steps.map(known));
    expect(view.status).toBe(execution.status);
    expect(view.seq).toBe(events.length);
  });

  it.each(names)(
    'gives the same view however the events are parted and repeated: %s',
    (name) => {
      const { events } = recording(name);
      const whole = fold(name, events);
      for (let seed = 1; seed <= 40; seed += 1) {
        const next = random(seed);
        let view = emptyViewOf(recording(name));
        while (view.seq < events.length) {
          // From somewhere that is known already to somewhere behind it: repeats, and never a gap.
          const from = Math.floor(next() * (view.seq + 1));
          const frames = events.slice(from, view.seq + 1 + Math.floor(next() * 6));
          const repeated = frames.flatMap((frame) => (next() < 0.2 ? [frame, frame] : [frame]));
          view = applyEvents(view, repeated).view;
        }
        expect(view).toEqual(whole);
      }
    },
    60_000,
  );

  it.each(names)('takes nothing behind a gap and says that there is one: %s', (name) => {
    const { events } = recording(name);
    const missing = Math.floor(events.length / 2);
    const reduced = applyEvents(emptyViewOf(recording(name)), [
      ...events.slice(0, missing),
      ...events.slice(missing + 1),
    ]);
    expect(reduced.isGap).toBe(true);
    expect(reduced.view).toEqual(fold(name, events.slice(0, missing)));
  });
});

describe('what the view tells beyond the summary', () => {
  it('has every attempt with its error, its times and when the next one was due', () => {
    const { history } = fold('completed', recording('completed').events).steps.get('flaky') ?? fail('flaky');
    expect(history.map(({ number, outcome }) => [number, outcome])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'failed'],
    ]);
    expect((history[0]?.retryAtMs ?? 0) - (history[0]?.endedAtMs ?? 0)).toBeGreaterThan(3_000);
    expect(history[2]?.retryAtMs).toBeNull();
  });
  it('has the steps of every iteration, and counts them as the server does', () => {
    const { events, steps } = recording('completed');
    const view = fold('completed', events);
    const { total, begun, ended, failed } = view.steps.get('price')?.iterations ?? fail('price');
    expect({ total, begun, ended, failed }).toEqual(
      steps.find(({ step_id: id }) => id === 'price')?.iterations,
    );
    expect(view.steps.get(stepKey('check', '4'))?.status).toBe('completed');
  });
  it('knows which branch was taken and what was passed by', () => {
    const { steps } = fold('completed', recording('completed').events);
    expect(steps.get('large')?.branch).toBe('true');
    expect([steps.get('small')?.status, steps.get('small')?.skipReason]).toEqual(['skipped', 'branch']);
  });
  it('knows what was taken over from an earlier execution', () => {
    const { events } = recording('rerun');
    const { steps } = fold('rerun', events);
    expect(steps.get('plan')?.reusedFrom).toMatch(/^exec_/);
  });
});

function fail(what: string): never {
  throw new Error(`${what} is missing`);
}
