import { expect } from 'chai';
import { createFeed, type Feed } from '../../src/feed/feed.js';
import { eventually } from '../../../../test/support/poll.js';
import { executionId, turn, WORKFLOW } from './support/log.js';
import { createReceiver, createWorld } from './support/world.js';

const ID = executionId(1);
const OTHER = executionId(2);
const target = { workflowId: WORKFLOW };
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

describe('createFeed', () => {
  const feeds: Feed[] = [];

  function setup({ reconcileMs = 3_600_000 } = {}) {
    const world = createWorld();
    const feed = createFeed({ db: world.db, events: world.events, log, reconcileMs });
    feeds.push(feed);
    return { world, feed, receiver: createReceiver() };
  }

  afterEach(async () => {
    for (const feed of feeds.splice(0)) await feed.stop();
  });

  it('delivers what is committed after following, and new executions from 1', async () => {
    const { world, feed, receiver } = setup();
    world.commit(ID, 3);
    await feed.follow(target, receiver);

    world.commit(ID);
    world.commit(OTHER, 2);

    expect(receiver.seqs(ID)).to.deep.equal([4]);
    expect(receiver.seqs(OTHER)).to.deep.equal([1, 2]);
  });

  it('loses nothing that commits while it opens', async () => {
    const { world, feed, receiver } = setup();
    world.commit(ID, 2);
    let open = (): void => {};
    world.gate = new Promise((resolve) => {
      open = resolve;
    });
    const following = feed.follow(target, receiver);
    await turn();

    world.commit(ID);
    world.commit(OTHER);
    open();
    world.gate = undefined;
    const stream = await following;
    world.commit(ID);

    expect(stream.position(ID)).to.equal(4);
    expect(receiver.seqs(ID)).to.deep.equal([4]);
    await stream.resume(OTHER, 0);
    expect(receiver.seqs(OTHER)).to.deep.equal([1]);
  });

  it('shares one subscription and one ordered stream among its receivers', async () => {
    const { world, feed, receiver } = setup();
    const second = createReceiver();
    const [one, two] = await Promise.all([feed.follow(target, receiver), feed.follow(target, second)]);
    expect(feed.size).to.equal(2);
    expect(world.queries.get('read_workflow_heads')).to.equal(1);

    world.commit(ID);
    await one.close();
    world.commit(ID);
    expect(world.subscribed.get(WORKFLOW)).to.equal(1);
    await two.close();

    expect(receiver.seqs(ID)).to.deep.equal([1]);
    expect(second.seqs(ID)).to.deep.equal([1, 2]);
    expect(world.subscribed.get(WORKFLOW)).to.equal(0);
    expect(feed.size).to.equal(0);
  });

  it('opens anew for one who comes while the last one leaves', async () => {
    const { world, feed, receiver } = setup();
    const second = createReceiver();
    const first = await feed.follow(target, receiver);

    const leaving = first.close();
    const coming = feed.follow(target, second);
    await Promise.all([leaving, coming]);
    world.commit(ID);

    expect(second.seqs(ID)).to.deep.equal([1]);
    expect(world.subscribed.get(WORKFLOW)).to.equal(1);
  });

  it('survives any number of comings and goings', async () => {
    const { world, feed } = setup();
    const rounds = Array.from({ length: 30 }, async (_, index) => {
      for (let wait = 0; wait < index % 5; wait += 1) await turn();
      const stream = await feed.follow(target, createReceiver());
      if (index % 3 === 0) await turn();
      await stream.close();
      await stream.close();
    });
    await Promise.all(rounds);
    expect(feed.size).to.equal(0);
    expect(world.subscribed.get(WORKFLOW)).to.equal(0);

    const receiver = createReceiver();
    await feed.follow(target, receiver);
    world.commit(ID);

    expect(receiver.seqs(ID)).to.deep.equal([1]);
  });

  it('leaves nothing behind when it cannot open, and opens the next time', async () => {
    const { world, feed, receiver } = setup();
    world.failing.add('read_workflow_heads');

    const failure = await feed.follow(target, receiver).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    expect(failure).to.include('read_workflow_heads failed');
    expect(world.subscribed.get(WORKFLOW)).to.equal(0);
    world.failing.clear();
    await feed.follow(target, receiver);
    world.commit(ID);

    expect(receiver.seqs(ID)).to.deep.equal([1]);
  });

  it('finds what the bus lost, by comparing', async () => {
    const { world, feed, receiver } = setup({ reconcileMs: 10 });
    await feed.follow(target, receiver);

    world.commit(ID, 3, { silent: true });
    world.commit(OTHER, 1);
    world.commit(OTHER, 1, { silent: true, isLast: true });

    await eventually(() => {
      expect(receiver.seqs(ID)).to.deep.equal([1, 2, 3]);
      expect(receiver.seqs(OTHER)).to.deep.equal([1, 2]);
    });
  });

  it('compares at once after a reconnect, and again when one was under way', async () => {
    const { world, feed, receiver } = setup();
    await feed.follow(target, receiver);
    let open = (): void => {};
    world.gate = new Promise((resolve) => {
      open = resolve;
    });
    world.reconnect();
    await turn();
    world.commit(ID, 2, { silent: true });

    world.reconnect();
    world.gate = undefined;
    open();

    await eventually(() => expect(receiver.seqs(ID)).to.deep.equal([1, 2]));
  });

  it('catches up when the log can be read again', async () => {
    const { world, feed, receiver } = setup({ reconcileMs: 10 });
    await feed.follow(target, receiver);
    world.failing.add('read_event_ranges').add('read_workflow_heads');

    world.commit(ID, 2, { withFrames: false });
    world.commit(ID, 1, { withFrames: false, isLast: true });
    await eventually(() => expect(world.queries.get('read_event_ranges')).to.be.greaterThan(0));
    expect(receiver.received).to.be.empty;
    world.failing.clear();

    await eventually(() => expect(receiver.seqs(ID)).to.deep.equal([1, 2, 3]));
  });

  it('takes what ended before anybody listened for history', async () => {
    const { world, feed, receiver } = setup({ reconcileMs: 10 });
    world.commit(ID, 3, { isLast: true });
    world.commit(OTHER, 3, { isLast: true });
    Object.assign(world.executions.get(OTHER) ?? {}, { finishedSecondsAgo: 9 });
    await feed.follow(target, receiver);

    const before = world.queries.get('read_workflow_heads') ?? 0;
    await eventually(() => expect(world.queries.get('read_workflow_heads')).to.be.greaterThan(before + 2));

    expect(receiver.received).to.be.empty;
  });

  it('hands transient frames on', async () => {
    const { world, feed, receiver } = setup();
    await feed.follow({ ...target, executionId: ID }, receiver);
    const frame = {
      type: 'token' as const,
      workflow_id: WORKFLOW,
      timestamp: new Date(0).toISOString(),
      data: {},
    };

    world.publish({ kind: 'transient', frame: { ...frame, execution_id: `exec_${ID}` } });
    world.publish({ kind: 'transient', frame: { ...frame, execution_id: `exec_${OTHER}` } });

    expect(receiver.received).to.deep.equal([{ id: ID, seq: 0 }]);
  });

  it('resumes one execution, and says when there is none or its log is shorter', async () => {
    const { world, feed, receiver } = setup();
    world.commit(ID, 3);
    world.executions.set(OTHER, { workflowId: 'wf_other', lastSeq: 1, length: 0, finishedSecondsAgo: null });
    const stream = await feed.follow({ ...target, executionId: ID }, receiver, { withhold: true });

    expect(await stream.resume(OTHER, 0)).to.deep.equal({ kind: 'unknown' });
    expect(await stream.resume(executionId(9), 0)).to.deep.equal({ kind: 'unknown' });
    expect((await stream.resume(ID, 4)).kind).to.equal('beyond');
    const outcome = await stream.resume(ID, 1);
    world.commit(ID);

    expect(outcome).to.deep.include({ kind: 'caught_up' });
    expect(receiver.seqs(ID)).to.deep.equal([2, 3, 4]);
  });

  it('resumes a workflow: the snapshot first, then each from its place, the unlisted from 1', async () => {
    const { world, feed, receiver } = setup();
    const [old, foreign] = [executionId(3), executionId(4)];
    world.commit(ID, 3);
    world.commit(OTHER, 2, { isLast: true });
    world.commit(old, 4, { isLast: true });
    Object.assign(world.executions.get(old) ?? {}, { finishedSecondsAgo: 500 });
    world.executions.set(foreign, {
      workflowId: 'wf_other',
      lastSeq: 1,
      length: 0,
      finishedSecondsAgo: null,
    });
    const stream = await feed.follow(target, receiver);
    const order: string[] = [];

    const outcome = await stream.resumeAll(
      new Date(Date.now() - 60_000),
      new Map([
        [ID, 2],
        [old, 3],
        [foreign, 0],
      ]),
      (heads) => {
        order.push(...heads.map((head) => head.executionId));
        expect(receiver.received).to.be.empty;
        // Commits while it is being read.
        world.commit(ID);
        world.commit(executionId(5), 2);
      },
    );
    world.commit(ID);

    expect(order).to.deep.equal([ID, OTHER]);
    expect(outcome).to.deep.equal({ kind: 'caught_up', beyond: [] });
    expect(receiver.seqs(ID)).to.deep.equal([3, 4, 5]);
    expect(receiver.seqs(OTHER)).to.deep.equal([1, 2]);
    expect(receiver.seqs(old)).to.deep.equal([4]);
    expect(receiver.seqs(foreign)).to.be.empty;
    expect(receiver.seqs(executionId(5))).to.deep.equal([1, 2]);
  });

  it('tells of places beyond the log and goes on live there', async () => {
    const { world, feed, receiver } = setup();
    world.commit(ID, 2);
    const stream = await feed.follow(target, receiver);

    const outcome = await stream.resumeAll(new Date(0), new Map([[ID, 7]]), () => {});
    world.commit(ID);

    expect(outcome.kind === 'caught_up' && outcome.beyond.map((head) => head.lastSeq)).to.deep.equal([2]);
    expect(receiver.seqs(ID)).to.deep.equal([3]);
  });

  it('gives many receivers that resume at once the same', async () => {
    const { world, feed } = setup();
    const ids = Array.from({ length: 20 }, (_, index) => executionId(index + 1));
    for (const id of ids) world.commit(id, 250);
    const receivers = Array.from({ length: 10 }, () => createReceiver());
    const streams = await Promise.all(
      receivers.map((receiver) => feed.follow(target, receiver, { withhold: true })),
    );

    await Promise.all(streams.map((stream) => stream.resumeAll(new Date(0), new Map(), () => {})));

    const expected = Array.from({ length: 250 }, (_, index) => index + 1);
    for (const receiver of receivers) {
      for (const id of ids) expect(receiver.seqs(id)).to.deep.equal(expected);
    }
  });

  it('refuses to follow once it is stopped, and leaves no subscription', async () => {
    const { world, feed, receiver } = setup();
    let open = (): void => {};
    world.gate = new Promise((resolve) => {
      open = resolve;
    });
    const opening = feed.follow(target, receiver).then(
      () => 'followed',
      (error: unknown) => String(error),
    );
    await turn();

    const stopping = feed.stop();
    open();
    await stopping;

    expect(await opening).to.include('stopped');
    expect(await feed.follow(target, receiver).then(() => '', String)).to.include('stopped');
    await eventually(() => expect(world.subscribed.get(WORKFLOW)).to.equal(0));
    world.reconnect();
  });
});
