import { expect } from 'chai';
import fc from 'fast-check';
import type { AgentResults } from '../../src/index.js';
import { work } from '../support/offline.js';
import { LENDING } from '../support/samples.js';

type Plan = AgentResults['planning'];

function expectConsistent({ tasks, order, parallel_groups: groups }: Plan): void {
  const ids = tasks.map(({ id }) => id);
  expect([...order].sort()).to.deep.equal([...ids].sort());
  expect(groups.flat()).to.deep.equal(order);
  const groupOf = new Map(groups.flatMap((group, level) => group.map((id) => [id, level])));
  for (const task of tasks) {
    for (const before of task.depends_on) {
      expect(order.indexOf(before), `${before} before ${task.id}`)
        .to.be.lessThan(order.indexOf(task.id))
        .and.at.least(0);
      expect(groupOf.get(before)).to.be.lessThan(groupOf.get(task.id) ?? -1);
    }
  }
}

function dependencies(plan: Plan, title: string): string[] {
  const task = plan.tasks.find((one) => one.title.toLowerCase().includes(title.toLowerCase()));
  return (task?.depends_on ?? ['no such task']).map(
    (id) => plan.tasks.find((one) => one.id === id)?.title ?? id,
  );
}

describe('offline planning', () => {
  it('takes numbered lists in order, but for what the words say', async () => {
    const plan = work('planning', {
      objective:
        '# Shop\n1. Gather requirements\n2. Design the schema\n3. Build the API\n4. Write docs (after step 2)',
    });
    expectConsistent(plan);
    expect(plan.objective).to.equal('Shop');
    expect(plan.tasks.map(({ kind }) => kind)).to.deep.equal([
      'research',
      'design',
      'implementation',
      'documentation',
    ]);
    expect(dependencies(plan, 'Build the API')).to.deep.equal(['Design the schema']);
    expect(dependencies(plan, 'Write docs')).to.deep.equal(['Design the schema']);
  });

  it('reads then, after and before in sentences', async () => {
    const plan = work(
      'planning',
      'Design the schema, build the API, then test everything. Before deploying the service, run the load tests. Migrate the data after backing up the database.',
    );
    expectConsistent(plan);
    expect(dependencies(plan, 'Test everything')).to.deep.equal(['Build the API']);
    expect(dependencies(plan, 'Deploy the service')).to.deep.equal(['Run the load tests']);
    expect(dependencies(plan, 'Migrate the data')).to.deep.equal(['Back up the database']);
  });

  it('orders bullets by the kind of work and what they are about', async () => {
    const plan = work('planning', {
      goal: '- Deploy to production\n- Write unit tests for payment\n- Payment integration with Stripe\n- User authentication\n- Design payment flow',
    });
    expectConsistent(plan);
    expect(dependencies(plan, 'unit tests for payment')).to.deep.equal([
      'Implement Payment integration with Stripe',
    ]);
    expect(dependencies(plan, 'Deploy to production')).to.deep.equal(['Write unit tests for payment']);
    expect(dependencies(plan, 'Payment integration')).to.deep.equal(['Design payment flow']);
  });

  it('derives phases from the verb and the parts of a single piece of work', async () => {
    const build = work('planning', {
      objective: 'Build an online shop with a catalogue, a cart and card payments',
    });
    const repair = work('planning', { objective: 'Fix the login timeout bug' });
    for (const plan of [build, repair]) expectConsistent(plan);
    expect(
      build.tasks.filter(({ title }) => title.startsWith('Build')).map(({ title }) => title),
    ).to.deep.equal([
      'Build catalogue for an online shop',
      'Build cart for an online shop',
      'Build card payments for an online shop',
    ]);
    expect(dependencies(build, 'Test an online shop')).to.have.length(3);
    expect(repair.tasks[0]?.title).to.equal('Reproduce the login timeout bug');
    expect(repair.tasks.every(({ source }) => source === null)).to.equal(true);
  });

  it('plans from the requirements a predecessor extracted', async () => {
    const requirements = work('requirement_engineering', { specification: LENDING });
    const plan = work('planning', { specification: LENDING, requirement_engineering: requirements });
    expectConsistent(plan);
    const wanted = requirements.requirements.filter(
      (one) => one.duplicate_of === null && one.priority !== 'wont',
    );
    expect(plan.tasks.filter(({ source }) => source !== null).map(({ source }) => source)).to.deep.equal(
      wanted.map(({ statement }) => statement),
    );
  });

  it('works from the label for want of anything else, and keeps to max_tasks', async () => {
    const plan = work('planning', {}, { max_tasks: 3 }, 'Migrate the billing database');
    expectConsistent(plan);
    expect(plan.tasks).to.have.length(3);
    expect(plan.tasks[0]?.title).to.contain('billing database');
    expect(plan.notes.join(' ')).to.contain('name of the step').and.contain('max_tasks');
  });

  it('is consistent and repeatable for any text', async () => {
    const word = fc.constantFrom(
      'build',
      'the',
      'api',
      'then',
      'after',
      'before',
      'test',
      'deploy',
      'step',
      '1',
      '2.',
      '-',
      '\n',
      '\n- ',
      '\n1. ',
      '# Phase 1\n',
      'depends on 2',
      ',',
      'and',
      '.',
      'once',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 40 }), async (words) => {
        const text = words.join(' ');
        const plan = work('planning', { text });
        expectConsistent(plan);
        expect(plan.tasks.length).to.be.greaterThan(0);
        expect(work('planning', { text })).to.deep.equal(plan);
      }),
      { numRuns: 150 },
    );
  });
});
