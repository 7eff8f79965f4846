import { expect } from 'chai';
import { STEP_KINDS } from '../src/index.js';

const { configuration } = STEP_KINDS.delay;

describe('the configuration of a delay', () => {
  for (const config of [
    { seconds: 0.5 },
    { seconds: '60' },
    { seconds: '=parameters.pause' },
    { until: '2030-01-01T00:00:00Z' },
    { until: '{{parameters.day}}T00:00:00Z' },
  ]) {
    it(`takes ${JSON.stringify(config)}`, () => {
      expect(configuration.safeParse(config).success).to.equal(true);
    });
  }

  const words = {
    seconds: 'must be a number of seconds from 0 to 31622400, or an expression such as "=parameters.seconds"',
    until: 'must be an RFC 3339 time, or an expression such as "=parameters.until"',
  };
  for (const [field, value] of [
    ['seconds', 'soon'],
    ['seconds', '-5'],
    ['until', 'tomorrow'],
    ['until', '275761-01-01T00:00:00Z'],
    ['until', 'parameters.day'],
  ] as const) {
    it(`refuses ${field} ${JSON.stringify(value)} before anything waits for it`, () => {
      const { error } = configuration.safeParse({ [field]: value });

      expect(error?.issues.map(({ message }) => message)).to.deep.equal([words[field]]);
    });
  }
});
