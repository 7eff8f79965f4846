import type { NewEvent } from '@millrace/contracts';
import { stepState, stepStarted, waitingEvent, failedEvent } from '@millrace/engine';
import type { AppendAnswer, AppendRequest } from '@millrace/runtime';
import { expect } from 'chai';
import { EventRefusedError, ExecutionLog, FencedError } from '../src/run/execution-log.js';
import { claimOf } from './support/claim.js';

const COMMITTED: AppendAnswer = { kind: 'committed' };
const ERROR = { code: 'x', message: 'x', fault: 'workflow', retryable: false } as const;

function setup({ snapshotEvery = 1_000 } = {}) {
  const claim = claimOf(['a', 'b', 'c']);
  const appends: AppendRequest[] = [];
  const snapshots: number[] = [];
  const replies: ((answer: AppendAnswer) => void)[] = [];
  let isLeaseHeld = true;
  const log = new ExecutionLog(
    claim,
    {
      append(request) {
        appends.push({ ...request, events: [...request.events] });
        return new Promise((resolve) => replies.push(resolve));
      },
      writeSnapshot(_executionId, seq) {
        snapshots.push(seq);
        return Promise.resolve();
      },
    },
    { now: () => claim.databaseNow.getTime() },
    { maxEvents: 10, maxLogBytes: 1_000, snapshotEvery },
    { fence: new AbortController().signal, isLeaseHeld: () => isLeaseHeld },
  );
  return {
    ...{ log, appends, snapshots },
    start: (id: string): NewEvent => stepStarted(claim.state, stepState(claim.state, id), { attempt: 1 }),
    reply: (answer: AppendAnswer) => replies.shift()?.(answer),
    loseLease() {
      isLeaseHeld = false;
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const caught = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('an execution’s log', () => {
  it('has one append in flight; what is added meanwhile goes with the next', async () => {
    const { log, appends, start, reply } = setup();
    log.add(start('a'));
    const first = log.flush();
    log.add(start('b'));
    const second = log.flush();
    expect(appends).to.have.length(1);

    reply(COMMITTED);
    await first;
    await turn();
    reply(COMMITTED);
    await second;

    expect(appends.map(({ seq, events }) => [seq, events.length])).to.deep.equal([
      [2, 1],
      [3, 1],
    ]);
  });

  it('writes nothing after an append that was refused, until the end is written in its place', async () => {
    const { log, appends, start, reply } = setup();
    log.add(start('a'));
    const flushing = caught(log.flush());
    reply({ kind: 'refused', message: 'too deep' });
    expect(await flushing).to.be.instanceOf(EventRefusedError);

    log.add(start('b'));
    expect(await caught(log.flush())).to.be.instanceOf(EventRefusedError);
    await log.discardPending();
    const finishing = log.finish(failedEvent(ERROR), 'failed', { result: null, error: ERROR });
    await turn();
    reply(COMMITTED);
    await finishing;

    expect(appends.map(({ seq, events }) => [seq, events.map((event) => event.type)])).to.deep.equal([
      [2, ['step_started']],
      [2, ['failed']],
    ]);
  });

  it('records nothing that comes after the end', async () => {
    const { log, appends, start, reply } = setup();
    log.add(start('a'));
    const finishing = log.finish(failedEvent(ERROR), 'failed', { result: null, error: ERROR });
    await turn();
    log.add(start('b'));
    reply(COMMITTED);
    await finishing;
    await log.flush();

    expect(appends).to.have.length(1);
    expect(appends[0]?.events.map((event) => event.type)).to.deep.equal(['step_started', 'failed']);
  });

  it('keeps what is pending when a message stands against the suspension', async () => {
    const { log, appends, start, reply } = setup();
    log.add(start('a'));
    const suspending = log.suspend({ ...waitingEvent(null, []), type: 'waiting' }, null);
    await turn();
    reply({ kind: 'fenced' });
    expect(await suspending).to.equal(false);

    const flushing = log.flush();
    reply(COMMITTED);
    await flushing;

    expect(appends.map(({ seq, events }) => [seq, events.length])).to.deep.equal([
      [2, 2],
      [2, 1],
    ]);
  });

  it('asks nobody once the lease is over', async () => {
    const { log, appends, start, loseLease } = setup();
    log.add(start('a'));
    loseLease();

    expect(await caught(log.flush())).to.be.instanceOf(FencedError);
    expect(appends).to.have.length(0);
  });

  it('takes a snapshot when it is due and nothing is pending', async () => {
    const { log, snapshots, start, reply } = setup({ snapshotEvery: 2 });
    for (const id of ['a', 'b']) log.add(start(id));
    const flushing = log.flush();
    reply(COMMITTED);
    await flushing;

    expect(snapshots).to.deep.equal([4]);
  });

  it('counts events and bytes against its limits', () => {
    const { log } = setup();
    expect(log.isOverLimit).to.equal(false);

    log.countBytes(1_001);

    expect(log.isOverLimit).to.equal(true);
  });
});
