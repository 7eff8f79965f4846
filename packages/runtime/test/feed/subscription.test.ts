import { expect } from 'chai';
import fc from 'fast-check';
import { type FeedSink, Subscription } from '../../src/feed/subscription.js';
import { event, events, executionId, turn } from './support/log.js';

const ID = executionId(1);
const OTHER = executionId(2);

/** A receiver on a live stream that has come to `position`; reads of the log wait until they are answered. */
function setup({
  position = 0,
  only,
  withhold = false,
}: { position?: number; only?: string; withhold?: boolean } = {}) {
  const received: { id: string; seq: number; isLive: boolean }[] = [];
  const reads: { answer(): void; fail(): void }[] = [];
  const stream = { position, head: position, length: Infinity };
  const room = { wait: undefined as Promise<void> | undefined };
  const sink: FeedSink = {
    event: ({ executionId: id, seq }, isLive) => received.push({ id, seq, isLive }),
    transient: ({ executionId: id }) => received.push({ id, seq: 0, isLive: true }),
    ready: () => room.wait,
  };
  const subscription = new Subscription(
    {
      position: (id) => (id === ID && stream.position > 0 ? stream.position : undefined),
      readAfter: (id, after, limit) =>
        new Promise((resolve, reject) => {
          reads.push({
            answer: () => resolve(events(id, after + 1, Math.min(after + limit, stream.head), stream.length)),
            fail: () => reject(new Error('the database is away')),
          });
        }),
    },
    sink,
    { only, withhold },
  );
  /** Commits and emits the next event. */
  function emit(): void {
    stream.head = Math.max(stream.head, stream.position + 1);
    stream.position += 1;
    subscription.live(event(ID, stream.position, { isLast: stream.position === stream.length }));
  }
  const resume = (lastSeq: number, headSeq = stream.head): Promise<void> =>
    subscription.resume(() => Promise.resolve(new Map([[ID, { lastSeq, headSeq }]])));
  async function answer(): Promise<void> {
    reads.shift()?.answer();
    await turn();
  }
  const seqs = (id = ID): number[] => received.filter((one) => one.id === id).map(({ seq }) => seq);
  return { subscription, received, reads, stream, room, emit, resume, answer, seqs };
}

const upTo = (last: number, from = 1): number[] => events(ID, from, last).map(({ seq }) => seq);
const transientOf = (id: string): Parameters<Subscription['transient']>[0] => ({
  executionId: id,
  text: '{}',
  frame: {
    type: 'progress',
    execution_id: `exec_${id}`,
    workflow_id: 'wf_test',
    timestamp: new Date(0).toISOString(),
    data: {},
  },
});

describe('Subscription', () => {
  it('is live from wherever the stream is', () => {
    const { emit, received } = setup({ position: 4 });

    emit();
    emit();

    expect(received).to.deep.equal([
      { id: ID, seq: 5, isLive: true },
      { id: ID, seq: 6, isLive: true },
    ]);
  });

  it('lets only one execution through where only one is followed', () => {
    const { subscription, seqs } = setup({ only: OTHER });

    subscription.live(event(ID, 1));
    subscription.live(event(OTHER, 1));
    subscription.transient(transientOf(ID));

    expect(seqs()).to.be.empty;
    expect(seqs(OTHER)).to.deep.equal([1]);
  });

  it('sends the past and goes on live', async () => {
    const { resume, answer, emit, received } = setup({ position: 3 });

    const resumed = resume(1);
    await turn();
    await answer();
    await resumed;
    emit();

    expect(received).to.deep.equal([
      { id: ID, seq: 2, isLive: false },
      { id: ID, seq: 3, isLive: false },
      { id: ID, seq: 4, isLive: true },
    ]);
  });

  it('reads on while the stream runs ahead', async () => {
    const { resume, answer, emit, seqs } = setup({ position: 3 });

    const resumed = resume(0, 3);
    await turn();
    emit();
    emit();
    await answer();
    emit();
    await answer();
    await resumed;
    emit();

    expect(seqs()).to.deep.equal(upTo(7));
  });

  it('withholds everything while it is found out where to resume', async () => {
    const { subscription, emit, answer, seqs } = setup({ position: 3 });
    let decide = (): void => {};
    const resumed = subscription.resume(
      () =>
        new Promise((resolve) => {
          decide = () => resolve(new Map());
        }),
    );
    await turn();
    emit();
    emit();
    expect(seqs()).to.be.empty;

    decide();
    await turn();
    await answer();
    await resumed;
    emit();

    expect(seqs()).to.deep.equal([4, 5, 6]);
  });

  it('gives nothing before the first resume where it begins in the past', async () => {
    const { subscription, resume, emit, answer, seqs } = setup({ position: 2, withhold: true });

    emit();
    subscription.transient(transientOf(ID));
    expect(seqs()).to.be.empty;
    const resumed = resume(0);
    await turn();
    await answer();
    await resumed;

    expect(seqs()).to.deep.equal([1, 2, 3]);
  });

  it('waits for room before it reads and between what it sends', async () => {
    const { resume, answer, reads, room, seqs } = setup({ position: 3 });
    let drain = (): void => {};
    room.wait = new Promise((resolve) => {
      drain = resolve;
    });

    const resumed = resume(0);
    await turn();
    expect(reads).to.be.empty;
    drain();
    await turn();
    await answer();
    await resumed;

    expect(seqs()).to.deep.equal([1, 2, 3]);
  });

  it('denies transient frames of what is catching up', async () => {
    const { subscription, resume, answer, received } = setup({ position: 1 });

    const resumed = resume(0);
    await turn();
    subscription.transient(transientOf(ID));
    await answer();
    await resumed;
    subscription.transient(transientOf(ID));

    expect(received.map(({ seq }) => seq)).to.deep.equal([1, 0]);
  });

  it('closes when the log cannot be read: a gap is worse than an end', async () => {
    const { subscription, resume, reads, emit, seqs } = setup({ position: 3 });

    const resumed = resume(0).then(
      () => 'resumed',
      () => 'failed',
    );
    await turn();
    reads.shift()?.fail();

    expect(await resumed).to.equal('failed');
    emit();
    expect(subscription.isClosed).to.equal(true);
    expect(seqs()).to.be.empty;
  });

  it('closes when the log ends before its head', async () => {
    const { resume, answer, stream } = setup({ position: 3 });
    stream.head = 0;

    const resumed = resume(0, 3).then(
      () => '',
      (error: unknown) => String(error),
    );
    await turn();
    await answer();

    expect(await resumed).to.include('ends at 0, not at 3');
  });

  it('sends nothing more once it is closed', async () => {
    const { subscription, resume, answer, emit, seqs } = setup({ position: 3 });

    const resumed = resume(0);
    await turn();
    subscription.close();
    await answer();
    await resumed;
    emit();

    expect(seqs()).to.be.empty;
  });

  it('gives k+1 to n once and in order after a resume from any k, at every interleaving', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          started: fc.integer({ min: 1, max: 8 }),
          lastSeq: fc.integer({ min: 0, max: 8 }),
          length: fc.integer({ min: 8, max: 20 }),
          /** Of the head that was read: behind the log by so much. */
          stale: fc.integer({ min: 0, max: 3 }),
          ahead: fc.integer({ min: 0, max: 3 }),
          steps: fc.array(fc.constantFrom('emit', 'answer', 'turn'), { maxLength: 40 }),
        }),
        async ({ started, lastSeq: wanted, length, stale, ahead, steps }) => {
          const { resume, stream, emit, answer, reads, seqs } = setup({ position: started });
          stream.length = length;
          // The log may be ahead of the stream: a message is under way.
          stream.head = Math.min(length, started + ahead);
          const headSeq = Math.max(1, stream.head - stale);
          const lastSeq = Math.min(wanted, headSeq);

          let isDone = false;
          const resumed = resume(lastSeq, headSeq).then(() => {
            isDone = true;
          });
          for (const step of steps) {
            if (step === 'emit' && stream.position < length) emit();
            if (step === 'answer') await answer();
            if (step === 'turn') await turn();
          }
          while (!isDone) {
            await turn();
            await answer();
          }
          await resumed;
          while (stream.position < length) emit();

          expect(reads).to.be.empty;
          expect(seqs()).to.deep.equal(upTo(length, lastSeq + 1));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('runs resumes one after another, each from where it was asked to', async () => {
    const { resume, answer, emit, seqs } = setup({ position: 2 });

    const first = resume(0);
    const second = resume(1);
    for (let round = 0; round < 4; round += 1) {
      await turn();
      await answer();
    }
    await Promise.all([first, second]);
    emit();

    expect(seqs()).to.deep.equal([1, 2, 2, 3]);
  });
});
