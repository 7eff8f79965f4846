import { expect } from 'chai';
import { readTestOptions } from '../test-options.js';

describe('options of npm test', () => {
  it('runs every part by default', () => {
    const options = readTestOptions([], {});

    expect(options.parts[0]).to.equal('build');
    expect(options.parts).to.include.members(['lint', 'unit', 'recovery', 'e2e', 'console']);
    expect(options.ci).to.equal(false);
  });

  it('takes a list of parts and keeps their order', () => {
    const options = readTestOptions(['--only', 'integration,unit'], {});

    expect(options.parts).to.deep.equal(['unit', 'integration']);
  });

  it('leaves out what cannot be filtered when there is a filter', () => {
    const options = readTestOptions(['--grep', 'resume'], { CI: 'true' });

    expect(options).to.deep.equal({
      parts: ['unit', 'contract', 'integration', 'recovery', 'e2e'],
      grep: 'resume',
      ci: true,
    });
  });

  it('names the parts when one is unknown', () => {
    expect(() => readTestOptions(['--only', 'speed'], {}))
      .to.throw('no part "speed"')
      .with.property('message')
      .that.includes('recovery');
  });

  it('explains an unknown option', () => {
    expect(() => readTestOptions(['--fast'], {})).to.throw('Usage: npm test');
  });
});
