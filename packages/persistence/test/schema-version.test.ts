import { expect } from 'chai';
import { EXPECTED_MIGRATIONS, schemaMismatch } from '../src/schema-version.js';

describe('schemaMismatch', () => {
  it('is none for the very migrations of this build', () => {
    expect(schemaMismatch(EXPECTED_MIGRATIONS)).to.equal(undefined);
  });

  it('tells a database without schema from an older one', () => {
    expect(schemaMismatch([])).to.have.property('kind', 'missing');
    expect(schemaMismatch(EXPECTED_MIGRATIONS.slice(0, -1))).to.have.property('kind', 'older');
  });

  it('is newer as soon as one migration is unknown, even where others are missing', () => {
    expect(schemaMismatch([...EXPECTED_MIGRATIONS, 'Later1999999999999'])).to.have.property('kind', 'newer');
    expect(schemaMismatch(['Later1999999999999'])).to.have.property('kind', 'newer');
  });

  it('names what differs, in a sentence that says what to do', () => {
    const older = schemaMismatch(EXPECTED_MIGRATIONS.slice(0, -1));
    expect(older?.message).to.include(EXPECTED_MIGRATIONS.at(-1)).and.include('run migrate first');
    expect(schemaMismatch(['Later1'])?.message)
      .to.include('Later1')
      .and.include('newer build');
  });

  it('goes by migrations in the order of their numbers', () => {
    const numbers = EXPECTED_MIGRATIONS.map((name) => Number(name.slice(-13)));
    expect(numbers).to.deep.equal([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).to.equal(numbers.length);
  });
});
