import { expect } from 'chai';
import { LENDING, TELEMETRY } from '../support/samples.js';
import { work } from '../support/offline.js';

describe('offline requirement engineering', () => {
  for (const [name, text] of [
    ['lending', LENDING],
    ['telemetry', TELEMETRY],
    ['Windows line ends', LENDING.replaceAll('\n', '\r\n')],
  ] as const) {
    it(`quotes every statement word for word and counts right (${name})`, async () => {
      const { requirements, summary } = work('requirement_engineering', { specification: text });

      expect(requirements.length).to.be.greaterThan(3);
      for (const { statement } of requirements) expect(text).to.contain(statement);
      expect(new Set(requirements.map(({ id }) => id)).size).to.equal(requirements.length);
      expect(summary.total).to.equal(requirements.length);
      expect(summary.functional + summary.non_functional).to.equal(summary.total);
      expect(summary.must + summary.should + summary.could + summary.wont).to.equal(summary.total);
    });
  }

  it('classifies by the words of the text', async () => {
    const { requirements, actors } = work('requirement_engineering', { specification: LENDING });
    const find = (part: string) => requirements.find(({ statement }) => statement.includes(part));

    expect(find('200 ms')).to.include({
      category: 'performance',
      type: 'non_functional',
      priority: 'should',
      measurable: true,
    });
    expect(find('fast and easy')?.ambiguous_terms).to.include.members(['fast', 'easy']);
    expect(find('fast and easy')).to.include({ measurable: false });
    expect(find('As a librarian')).to.include({
      form: 'user_story',
      actor: 'librarian',
      goal: 'export the loans of a month',
      benefit: 'I can report them',
    });
    expect(find('may lock')).to.include({ priority: 'could', actor: 'administrator' });
    expect(find('e.g. after three')).to.not.equal(undefined);
    const reminders = requirements.filter(({ statement }) => statement.includes('reminder'));
    expect(reminders.map((one) => one.duplicate_of)).to.deep.equal([null, reminders[0]?.id]);
    expect(actors).to.include.members(['librarian', 'administrator', 'members', 'system']);
  });

  it('gives another answer for another text', async () => {
    const { requirements } = work('requirement_engineering', TELEMETRY);
    expect(requirements.map(({ priority }) => priority)).to.deep.equal(['must', 'must', 'could', 'wont']);
    expect(requirements[0]).to.include({ category: 'security', measurable: true, actor: 'sensors' });
  });

  it('finds text under any key, takes lists of strings, and says when there is none', async () => {
    const nested = work('requirement_engineering', {
      a: { notes: 'The robot must stop within 2 seconds.' },
    });
    const listed = work('requirement_engineering', {
      requirements: ['Users can log in', 'It must be cheap'],
    });
    const none = work('requirement_engineering', {});

    expect(nested.requirements[0]).to.include({ actor: 'robot', measurable: true });
    expect(listed.requirements.map(({ statement }) => statement)).to.deep.equal([
      'Users can log in',
      'It must be cheap',
    ]);
    expect(none.requirements).to.deep.equal([]);
    expect(none.notes.join(' ')).to.contain('holds no text');
  });

  it('keeps to max_requirements', async () => {
    const { requirements, notes } = work(
      'requirement_engineering',
      { text: LENDING },
      { max_requirements: 2 },
    );
    expect(requirements).to.have.length(2);
    expect(notes.join(' ')).to.contain('max_requirements');
  });
});
