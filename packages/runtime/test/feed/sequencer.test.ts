import { expect } from 'chai';
import fc from 'fast-check';
import type { FeedEvent } from '../../src/feed/frame.js';
import { Sequencer } from '../../src/feed/sequencer.js';
import { event, events, executionId, range, turn } from './support/log.js';

const ID = executionId(1);

/** A sequencer over a log that reaches to `head`; reads wait until they are answered. */
function setup(head = 0) {
  const emitted: FeedEvent[] = [];
  const errors: unknown[] = [];
  const reads: { from: number; to: number; answer(): void; fail(): void }[] = [];
  const log = { head };
  const sequencer = new Sequencer({
    read: (id, from, to) =>
      new Promise((resolve, reject) => {
        reads.push({
          from,
          to,
          answer: () => resolve(events(id, from, Math.min(to, log.head))),
          fail: () => reject(new Error('the database is away')),
        });
      }),
    emit: (emittedEvent) => emitted.push(emittedEvent),
    onReadError: (error) => errors.push(error),
  });
  const seqs = (): number[] => emitted.map(({ seq }) => seq);
  async function answer(): Promise<void> {
    reads.shift()?.answer();
    await turn();
  }
  return { sequencer, emitted, errors, reads, log, seqs, answer };
}

describe('Sequencer', () => {
  it('passes frames on at once while they come in order', () => {
    const { sequencer, seqs, reads } = setup();

    sequencer.receive(range(ID, 1, 2));
    sequencer.receive(range(ID, 3, 3));

    expect(seqs()).to.deep.equal([1, 2, 3]);
    expect(reads).to.be.empty;
  });

  it('leaves out repeats', () => {
    const { sequencer, seqs } = setup();

    sequencer.receive(range(ID, 1, 3));
    sequencer.receive(range(ID, 2, 3));
    sequencer.receive(range(ID, 1, 4));

    expect(seqs()).to.deep.equal([1, 2, 3, 4]);
  });

  it('reads exactly what is missing before an early frame', async () => {
    const { sequencer, seqs, reads, log, answer } = setup();
    log.head = 6;

    sequencer.receive(range(ID, 1, 2));
    sequencer.receive(range(ID, 5, 6));
    expect(seqs()).to.deep.equal([1, 2]);
    expect(reads[0]).to.include({ from: 3, to: 4 });
    await answer();

    expect(seqs()).to.deep.equal([1, 2, 3, 4, 5, 6]);
    expect(reads).to.be.empty;
  });

  it('reads everything where messages carry no frames', async () => {
    const { sequencer, seqs, log, answer } = setup();
    log.head = 4;

    sequencer.receive(range(ID, 1, 2, { withFrames: false }));
    sequencer.receive(range(ID, 3, 4, { withFrames: false }));
    await answer();
    await answer();

    expect(seqs()).to.deep.equal([1, 2, 3, 4]);
  });

  it('begins after what was there before anybody listened', () => {
    const { sequencer, seqs } = setup();

    sequencer.begin(ID, 7, { isOver: false });
    sequencer.receive(range(ID, 6, 8));
    sequencer.begin(ID, 3, { isOver: false });

    expect(seqs()).to.deep.equal([8]);
    expect(sequencer.position(ID)).to.equal(8);
    expect(sequencer.position(executionId(2))).to.equal(undefined);
  });

  it('finds a lost last message by comparing', async () => {
    const { sequencer, seqs, log, answer } = setup();
    log.head = 5;
    sequencer.receive(range(ID, 1, 3));

    sequencer.reconcile(ID, 5);
    await answer();
    sequencer.reconcile(ID, 5);

    expect(seqs()).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it('reads a long log in pages', async () => {
    const { sequencer, seqs, reads, log, answer } = setup();
    log.head = 450;

    sequencer.reconcile(ID, 450);
    const asked: number[] = [];
    while (reads.length > 0) {
      asked.push(reads[0]?.to ?? 0);
      await answer();
    }

    expect(asked).to.deep.equal([200, 400, 450]);
    expect(seqs()).to.have.lengthOf(450);
  });

  it('tells of a failed read and tries again when tended', async () => {
    const { sequencer, seqs, reads, errors, log, answer } = setup();
    log.head = 3;
    sequencer.reconcile(ID, 3);

    reads.shift()?.fail();
    await turn();
    expect(errors).to.have.lengthOf(1);
    expect(reads).to.be.empty;
    sequencer.tend();
    await answer();

    expect(seqs()).to.deep.equal([1, 2, 3]);
  });

  it('does not spin when the log does not hold what a message promised', async () => {
    const { sequencer, reads, log, answer, seqs } = setup();
    log.head = 0;
    sequencer.receive(range(ID, 1, 2, { withFrames: false }));

    await answer();
    expect(reads).to.be.empty;
    log.head = 2;
    sequencer.tend();
    await answer();

    expect(seqs()).to.deep.equal([1, 2]);
  });

  it('keeps executions apart', async () => {
    const other = executionId(2);
    const { sequencer, emitted, log, answer } = setup();
    log.head = 2;

    sequencer.receive(range(ID, 2, 2));
    sequencer.receive(range(other, 1, 1));
    await answer();

    expect(emitted.map(({ executionId: id, seq }) => [id, seq])).to.deep.equal([
      [other, 1],
      [ID, 1],
      [ID, 2],
    ]);
  });

  it('takes a late repeat of what has ended for nothing new', () => {
    const { sequencer, seqs, reads } = setup();

    sequencer.receive(range(ID, 1, 3, { length: 3 }));
    sequencer.tend();
    sequencer.receive(range(ID, 1, 3, { length: 3, withFrames: false }));

    expect(seqs()).to.deep.equal([1, 2, 3]);
    expect(reads).to.be.empty;
  });

  it('gives 1 to n in order, whatever is lost, repeated, reordered, or fails to be read', async () => {
    const length = 12;
    const message = fc.record({
      from: fc.integer({ min: 1, max: length }),
      more: fc.integer({ min: 0, max: 4 }),
      withFrames: fc.boolean(),
    });
    const action = fc.oneof(
      { weight: 5, arbitrary: message.map((sent) => ({ kind: 'message' as const, sent })) },
      { weight: 3, arbitrary: fc.constant({ kind: 'answer' as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'fail' as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'tend' as const }) },
      {
        weight: 1,
        arbitrary: fc.integer({ min: 1, max: length }).map((head) => ({ kind: 'compare' as const, head })),
      },
    );

    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const { sequencer, seqs, reads, log, answer } = setup(length);
        for (const step of actions) {
          if (step.kind === 'message') {
            const { from, more, withFrames } = step.sent;
            sequencer.receive(range(ID, from, Math.min(length, from + more), { withFrames, length }));
          } else if (step.kind === 'answer') await answer();
          else if (step.kind === 'compare') sequencer.reconcile(ID, step.head);
          else if (step.kind === 'tend') sequencer.tend();
          else {
            reads.shift()?.fail();
            await turn();
          }
        }
        sequencer.reconcile(ID, log.head);
        while (reads.length > 0) await answer();

        // A failed read waits for the next comparison.
        sequencer.reconcile(ID, log.head);
        while (reads.length > 0) await answer();
        expect(seqs()).to.deep.equal(events(ID, 1, length).map(({ seq }) => seq));
      }),
      { numRuns: 400 },
    );
  });

  it('answers the frame that the log holds, however it came', async () => {
    const { sequencer, emitted, log, answer } = setup();
    log.head = 2;

    sequencer.receive(range(ID, 2, 2));
    await answer();

    expect(emitted.map(({ text }) => text)).to.deep.equal([event(ID, 1).text, event(ID, 2).text]);
  });
});
