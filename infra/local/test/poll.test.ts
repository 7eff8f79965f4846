import { expect } from 'chai';
import { eventually } from '../../../test/support/poll.js';

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('expected a failure');
}

describe('eventually', () => {
  it('answers with what the assertion returned once it passes', async () => {
    let tries = 0;

    const answer = await eventually(() => {
      tries += 1;
      if (tries < 3) throw new Error('not yet');
      return 'done';
    });

    expect(answer).to.equal('done');
    expect(tries).to.equal(3);
  });

  it('gives up with the last failure and its words', async () => {
    const last = new Error('still 3 rows');

    const failure = await failureOf(
      eventually(() => Promise.reject(last), { timeoutMs: 60, description: 'the table to empty' }),
    );

    expect(failure.message).to.match(/waiting for the table to empty: still 3 rows$/);
    expect(failure.cause).to.equal(last);
  });

  it('gives up on an assertion that never settles', async () => {
    const failure = await failureOf(eventually(() => new Promise(() => {}), { timeoutMs: 40 }));

    expect(failure.message).to.include('did not settle');
  });
});
