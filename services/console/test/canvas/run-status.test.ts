import { describe, expect, it } from 'vitest';
import { createRunStatus, edgeRun, NEVER_RAN, type StepRun } from '@/features/canvas/run-status';

const step = (change: Partial<StepRun>): StepRun => ({ ...NEVER_RAN, ...change });

function setup() {
  const frames: (() => void)[] = [];
  const run = createRunStatus((flush) => frames.push(flush));
  let redraws = 0;
  run.store.subscribe(() => (redraws += 1));
  return { run, frames, redraws: () => redraws };
}

describe('the status of a run', () => {
  it('applies all changes of a frame at once', () => {
    const { run, frames, redraws } = setup();
    run.change('load', { status: 'running', attempt: 1 });
    run.change('load', { attempt: 2 });
    run.change('send', { status: 'waiting' });
    expect([frames.length, redraws()]).toEqual([1, 0]);
    frames[0]?.();
    expect(redraws()).toBe(1);
    expect(run.store.getState().steps).toEqual(
      new Map([
        ['load', step({ status: 'running', attempt: 2 })],
        ['send', step({ status: 'waiting' })],
      ]),
    );
  });

  it('forgets what was to be applied when a snapshot comes', () => {
    const { run, frames } = setup();
    run.change('load', { status: 'running' });
    run.replace([['load', step({ status: 'completed' })]]);
    frames[0]?.();
    expect(run.store.getState().steps.get('load')?.status).toBe('completed');
  });

  it('leaves the steps alone that do not change', () => {
    const { run, frames } = setup();
    const done = step({ status: 'completed' });
    run.replace([['load', done]]);
    run.change('send', { status: 'running' });
    frames[0]?.();
    expect(run.store.getState().steps.get('load')).toBe(done);
  });
});

describe('what became of an edge', () => {
  const completed = step({ status: 'completed', branch: 'true' });
  it.each([
    ['is taken after a step without ports', null, completed, undefined, 'taken'],
    ['is taken by the port that was chosen', 'true', completed, undefined, 'taken'],
    ['is untaken by another port', 'false', completed, undefined, 'untaken'],
    ['of an error is untaken after success', 'error', completed, undefined, 'untaken'],
    ['of an error is taken after a failure', 'error', step({ status: 'failed' }), undefined, 'taken'],
    [
      'has failed where its source has',
      null,
      step({ status: 'failed' }),
      step({ status: 'skipped' }),
      'failed',
    ],
    [
      'is taken where its target went on',
      null,
      step({ status: 'failed' }),
      step({ status: 'running' }),
      'taken',
    ],
    ['is skipped behind a skipped step', null, step({ status: 'skipped' }), undefined, 'skipped'],
    ['is open while its source runs', null, step({ status: 'running' }), undefined, undefined],
    ['is open before its source began', null, undefined, undefined, undefined],
  ] as const)('%s', (_words, port, source, target, expected) => {
    expect(edgeRun(port, source, target)).toBe(expected);
  });
});
