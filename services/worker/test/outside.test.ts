import { definition, type Wait } from '@millrace/contracts';
import { compile, fold, stepStarted, type StepState } from '@millrace/engine';
import { expect } from 'chai';
import { Outside } from '../src/run/outside.js';
import { claimOf } from './support/claim.js';

function planOfApprovals(ids: readonly string[]) {
  const nodes = ids.map((id) => ({ id, type: 'approval', data: { config: { message: 'Go on?' } } }));
  const compiled = compile(definition.parse({ name: 'Test', nodes }));
  if (!compiled.ok) throw new Error('the plan does not compile');
  return compiled.plan;
}

function setup(onFlush: (begin: (stepId: string) => void) => void) {
  const claim = claimOf([], planOfApprovals(['one', 'two']));
  const { state } = claim;
  const opened: string[] = [];
  const begin = (stepId: string): void => {
    const step = [...state.ready].find((ready: StepState) => ready.step.id === stepId);
    if (step === undefined) throw new Error(`${stepId} is not ready`);
    const wait: Wait = {
      ...{ type: 'approval', message: 'Go on?', approvers: [], required: 1, exclude_submitter: false },
    };
    fold(state, stepStarted(state, step, { attempt: 1, wait }));
  };
  const outside = new Outside(claim, {
    door: {
      openWaits(_execution, waits) {
        opened.push(...waits.map(({ stepId }) => stepId));
        return Promise.resolve();
      },
      closeWaits: () => Promise.resolve(),
      startChildren: () => Promise.resolve([]),
      cancelChildren: () => Promise.resolve(0),
      storeOutput: (_execution, output) => Promise.resolve({ output }),
    },
    fence: new AbortController().signal,
    flush() {
      onFlush(begin);
      return Promise.resolve();
    },
    onAnswer: () => undefined,
  });
  return { outside, begin, opened };
}

describe('what is made known outside', () => {
  it('is not what began to wait while the start of others was written', async () => {
    let isFirst = true;
    const { outside, begin, opened } = setup((alsoBegin) => {
      if (isFirst) alsoBegin('two');
      isFirst = false;
    });
    begin('one');

    await outside.sync();

    expect(opened, 'an answer to a start that was lost would be lost with it').to.deep.equal(['one']);
    expect(outside.isBehind).to.equal(true);
    await outside.sync();
    expect(opened).to.deep.equal(['one', 'two']);
  });
});
