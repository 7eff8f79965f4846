import type { HeldExecution, Queryable } from '@millrace/persistence';
import { expect } from 'chai';
import { eventually } from '../../../test/support/poll.js';
import { createLease } from '../src/lease.js';
import { createOutage } from '../src/outage.js';
import { DEFAULT_SETTINGS } from '../src/settings.js';
import { createLog } from './support/fakes.js';

/** The lease uses the one method, and none of its overloads. */
function isQueryable(value: object): value is Queryable {
  return 'query' in value;
}

/** Answers the lease's statements; `renew` decides what becomes of a renewal. */
function setup(renew: () => Promise<object>, leaseSeconds = 0.15) {
  const statements: string[] = [];
  const { log, lines } = createLog();
  const db = {
    query(config: string | { name?: string }) {
      const name = typeof config === 'string' ? config.split(' ')[0] : config.name;
      statements.push(name ?? '');
      return name === 'renew_worker' ? renew() : Promise.resolve({ rows: [] });
    },
  };
  if (!isQueryable(db)) throw new Error('unreachable');
  let lost: () => void;
  const isLost = new Promise<void>((resolve) => {
    lost = resolve;
  });
  const renewed: (readonly HeldExecution[])[] = [];
  let losses = 0;
  const lease = createLease(
    {
      db,
      log,
      settings: { ...DEFAULT_SETTINGS, leaseSeconds },
      databaseOutage: createOutage(log, { failed: 'away', recovered: 'back' }),
    },
    {
      registration: { workerId: 'w', host: 'h', pid: 1, version: 'v', slots: 1 },
      load: () => ({ running: 0, draining: false }),
      onRenewed: (executions) => renewed.push(executions),
      onLost() {
        losses += 1;
        lost();
      },
    },
  );
  return { lease, isLost, statements, lines, renewed, losses: () => losses };
}

const held = (executions: [string, number, boolean][] = []) =>
  Promise.resolve({ rows: [{ held: true, executions }] });

describe('lease', () => {
  it('is held from its start, is renewed, and ends with its registration', async () => {
    const { lease, statements, renewed, losses } = setup(() => held([['e', 3, true]]), 1.5);
    expect(lease.isHeld).to.equal(false);

    await lease.start();
    expect(lease.isHeld).to.equal(true);
    await eventually(() => {
      expect(renewed).to.have.length.at.least(2);
    });
    await lease.stop();
    await lease.stop();

    expect(renewed[0]).to.deep.equal([{ executionId: 'e', epoch: 3, hasUnread: true }]);
    expect(lease.isHeld).to.equal(false);
    expect(statements[0]).to.equal('register_worker');
    expect(statements.filter((name) => name === 'DELETE')).to.have.length(1);
    expect(losses()).to.equal(0);
  });

  it('is lost by the clock when no renewal is answered, counted from sending the last that was', async () => {
    const answers: (() => Promise<object>)[] = [() => held()];
    let sentAt = 0;
    const { lease, isLost, losses } = setup(() => {
      const answer = answers.shift();
      if (answer === undefined) return new Promise(() => undefined);
      sentAt = performance.now();
      return answer();
    });

    await lease.start();
    await isLost;

    expect(lease.isHeld).to.equal(false);
    // Counted from the start, a third of the lease before, it would be 100 at most. Timers may fire a little early.
    expect(performance.now() - sentAt).to.be.greaterThan(110);
    await lease.stop();
    expect(losses()).to.equal(1);
  });

  it('a late answer does not revive it', async () => {
    let answer: (value: object) => void = () => undefined;
    const { lease, isLost, renewed } = setup(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    await lease.start();
    await isLost;

    answer({ rows: [{ held: true, executions: [] }] });
    await new Promise(setImmediate);

    expect(lease.isHeld).to.equal(false);
    expect(renewed).to.have.length(0);
    await lease.stop();
  });

  it('is lost at once when the database says so', async () => {
    const { lease, isLost, statements } = setup(() =>
      Promise.resolve({ rows: [{ held: false, executions: [] }] }),
    );

    await lease.start();
    await isLost;

    expect(lease.isHeld).to.equal(false);
    expect(statements.filter((name) => name === 'renew_worker')).to.have.length(1);
    await lease.stop();
  });

  it('survives renewals that fail, and tells the outage once', async () => {
    let renewals = 0;
    const { lease, lines, renewed } = setup(() => {
      renewals += 1;
      return renewals === 1 ? Promise.reject(new Error('away')) : held();
    }, 1.2);

    await lease.start();
    await eventually(() => {
      expect(renewed).to.have.length.at.least(1);
    });
    await lease.stop();

    expect(lines).to.deep.equal(['away', 'back']);
  });
});
