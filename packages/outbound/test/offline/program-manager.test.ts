import { expect } from 'chai';
import fc from 'fast-check';
import { runOfflineAgent } from '../../src/offline/run.js';
import { work } from '../support/offline.js';

interface Task {
  id: string;
  duration: number;
  depends_on: string[];
}

/** Longest path by plain recursion over all chains: nothing in common with the code under test. */
function longest(tasks: readonly Task[]): number {
  const memo = new Map<string, number>();
  const end = (id: string): number => {
    const known = memo.get(id);
    if (known !== undefined) return known;
    const task = tasks.find((one) => one.id === id);
    const length = (task?.duration ?? 0) + Math.max(0, ...(task?.depends_on ?? []).map(end));
    memo.set(id, length);
    return length;
  };
  return Math.max(0, ...tasks.map(({ id }) => end(id)));
}

const acyclic = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.array(fc.nat(30), { maxLength: 3 })), {
    minLength: 1,
    maxLength: 15,
  })
  .map((rows) =>
    rows.map(([duration, befores], index): Task => ({
      id: `t${String(index)}`,
      duration,
      depends_on: [...new Set(befores.filter((at) => at < index).map((at) => `t${String(at)}`))],
    })),
  );

const HOUSE = [
  { id: 'dig', title: 'Dig', duration: 2 },
  { id: 'walls', title: 'Walls', duration: '1 week', depends_on: ['dig'] },
  { id: 'pipes', title: 'Pipes', duration: '16h', depends_on: 'dig' },
  { id: 'roof', title: 'Roof', duration: 3, depends_on: ['Walls', 'pipes'] },
];

describe('offline program manager', () => {
  it('finds the critical path and the slack', async () => {
    const plan = work('program_manager', { tasks: HOUSE, start_date: '2026-11-20' });

    expect(plan.critical_path).to.deep.equal(['dig', 'walls', 'roof']);
    expect(plan.duration_days).to.equal(10);
    expect(plan.tasks.find(({ id }) => id === 'pipes')).to.include({
      earliest_start: 2,
      latest_start: 5,
      slack: 3,
      critical: false,
    });
    // Friday, then over weekends: ten working days end on Thursday two weeks later.
    expect(plan.start_date).to.equal('2026-11-20');
    expect(plan.finish_date).to.equal('2026-12-03');
    expect(plan.tasks[1]).to.include({ start_date: '2026-11-24', finish_date: '2026-11-30' });
  });

  it('gives another schedule for other tasks, levelled to the team', async () => {
    const tasks = ['a', 'b', 'c', 'd'].map((id) => ({ id, days: 2 }));
    const alone = work('program_manager', { project: { tasks } }, { team_size: 1 });
    const pair = work('program_manager', { project: { tasks } }, { team_size: 2 });

    expect([alone.duration_days, alone.planned_duration_days, pair.planned_duration_days]).to.deep.equal([
      2, 8, 4,
    ]);
    expect(alone.risks.some(({ kind }) => kind === 'overload')).to.equal(true);
    expect(alone.start_date).to.equal(null);
  });

  it('agrees with an independent longest path and never overbooks a person, on any graph', async () => {
    await fc.assert(
      fc.asyncProperty(acyclic, fc.integer({ min: 1, max: 4 }), async (tasks, team) => {
        const plan = work(
          'program_manager',
          { tasks: tasks.map((task) => ({ ...task })) },
          { team_size: team },
        );

        expect(plan.duration_days).to.equal(longest(tasks));
        const lengthOf = (ids: readonly string[]): number =>
          ids.reduce((sum, id) => sum + (tasks.find((task) => task.id === id)?.duration ?? 0), 0);
        expect(lengthOf(plan.critical_path)).to.equal(plan.duration_days);
        plan.critical_path.slice(1).forEach((id, at) => {
          expect(tasks.find((task) => task.id === id)?.depends_on).to.include(plan.critical_path[at]);
        });
        for (const one of plan.tasks) {
          expect(one.slack).to.be.at.least(0);
          for (const before of one.depends_on) {
            expect(plan.tasks.find(({ id }) => id === before)?.planned_finish).to.be.at.most(
              one.planned_start,
            );
          }
          for (const other of plan.tasks) {
            const overlaps =
              other.id !== one.id &&
              other.assignee === one.assignee &&
              one.planned_start < other.planned_finish &&
              other.planned_start < one.planned_finish;
            expect(overlaps, `${one.id} and ${other.id}`).to.equal(false);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it("schedules planning's own output", async () => {
    const planning = work('planning', {
      objective: 'Build a portal with a login, a search and reports',
    });
    const plan = work('program_manager', { objective: 'x', planning: { ...planning } });
    expect(plan.tasks.map(({ id }) => id)).to.deep.equal(planning.tasks.map(({ id }) => id));
    expect(plan.duration_days).to.equal(
      longest(planning.tasks.map((task) => ({ ...task, duration: task.estimate_days }))),
    );
  });

  it('names the tasks of a circle', () => {
    const outcome = runOfflineAgent({
      agentType: 'program_manager',
      config: {},
      label: 'x',
      input: {
        tasks: [
          { id: 'free', days: 1 },
          { id: 'a', depends_on: ['b'] },
          { id: 'b', depends_on: ['c'] },
          { id: 'c', depends_on: ['a'] },
        ],
      },
    });
    expect(outcome).to.have.nested.property('error.code', 'dependency_cycle');
    expect(outcome).to.have.nested.property('error.retryable', false);
    expect(outcome)
      .to.have.nested.property('error.message')
      .that.matches(/a.*b.*c|b.*c.*a|c.*a.*b/)
      .and.not.contains('free');
  });

  it('says what is missing or not understood', async () => {
    const none = work('program_manager', {});
    const odd = work(
      'program_manager',
      { tasks: [{ id: 'a', depends_on: ['ghost'] }] },
      { start_date: '2026-02-30' },
    );
    expect(none.notes.join(' ')).to.contain('No tasks');
    expect(odd.notes.join(' ')).to.contain('a -> ghost').and.contain('2026-02-30');
    expect(odd.risks.map(({ kind }) => kind)).to.include('missing_estimate');
  });
});
