import { expect } from 'chai';
import type { Log } from '../src/index.js';
import { createOutage } from '../src/outage.js';
import { quoteSchema } from '../src/postgres/identifiers.js';

function setup() {
  const lines: string[] = [];
  const at = (level: string) => (_fields: object, message: string) => void lines.push(`${level} ${message}`);
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { lines, outage: createOutage(log, 'queue') };
}

describe('an outage', () => {
  it('is logged when it begins and when it ends, whatever happens in between', () => {
    const { lines, outage } = setup();

    outage.recovered();
    outage.failed(new Error('connect ECONNREFUSED'));
    outage.failed(new Error('connect ECONNREFUSED'));
    outage.recovered();
    outage.recovered();

    expect(lines).to.deep.equal([
      'warn queue: not reachable, trying again until it is',
      'info queue: reachable again',
    ]);
  });

  it('does not begin with a server that says it is stopping', () => {
    const { lines, outage } = setup();

    outage.failed(Object.assign(new Error('terminating connection'), { code: '57P01' }));

    expect(lines).to.deep.equal(['debug queue: the server is stopping']);
  });
});

describe('quoteSchema', () => {
  it('quotes a plain name', () => {
    expect(quoteSchema('Queue_1')).to.equal('"Queue_1"');
  });

  for (const name of ['', '1st', 'a b', 'a"b', 'a;drop', 'x'.repeat(64), 'schéma']) {
    it(`refuses ${JSON.stringify(name)}`, () => {
      expect(() => quoteSchema(name)).to.throw('must begin with a letter');
    });
  }
});
