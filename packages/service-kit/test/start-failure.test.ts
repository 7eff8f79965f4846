import { SchemaMismatchError } from '@millrace/persistence';
import { explainStartFailure } from '@millrace/service-kit';
import { expect } from 'chai';
import pg from 'pg';

const env = {
  DATABASE_URL: 'postgres://millrace:pw@db.example/millrace',
  REDIS_URL: 'redis://cache.example:6380',
  METRICS_PORT: '9464',
};

function systemError(fields: object): Error {
  return Object.assign(new Error('system'), fields);
}

describe('explainStartFailure', () => {
  const cases: [string, Error, RegExp][] = [
    [
      'a metrics port in use',
      systemError({ code: 'EADDRINUSE', port: 9464 }),
      /^Port 9464 is in use.*METRICS_PORT\.$/,
    ],
    [
      'a privileged port',
      systemError({ code: 'EACCES', port: 80 }),
      /^Port 80 may not be opened.*above 1023/,
    ],
    [
      'an address of another machine',
      systemError({ code: 'EADDRNOTAVAIL', address: '10.9.9.9' }),
      /10\.9\.9\.9.*HOST/,
    ],
    [
      'Redis away',
      systemError({ code: 'ECONNREFUSED', address: '10.0.0.2', port: 6380 }),
      /^Redis does not answer at 10\.0\.0\.2:6380/,
    ],
    [
      'PostgreSQL away',
      systemError({ code: 'ECONNREFUSED', address: '10.0.0.1', port: 5432 }),
      /^PostgreSQL does not answer.*DATABASE_URL/,
    ],
    [
      'an unknown host',
      systemError({ code: 'ENOTFOUND', hostname: 'db.example' }),
      /^PostgreSQL does not answer at db\.example/,
    ],
    [
      'something else away',
      systemError({ code: 'ECONNREFUSED', address: '::1', port: 1 }),
      /^Nothing answers at ::1:1/,
    ],
    ['a wrong password', systemError({ code: '28P01' }), /password in DATABASE_URL/],
    ['an unknown database', systemError({ code: '3D000' }), /does not exist/],
    ['a Redis password', new Error('WRONGPASS invalid username-password pair'), /REDIS_URL/],
  ];
  for (const [what, error, sentence] of cases) {
    it(`puts ${what} into one sentence`, () => {
      const said = explainStartFailure(error, env);
      expect(said).to.match(sentence).and.not.contain('\n');
    });
  }

  it('looks into causes and into both addresses of localhost', () => {
    const refused = systemError({ code: 'ECONNREFUSED', address: '127.0.0.1', port: 5432 });
    const wrapped = new Error('could not migrate', { cause: new AggregateError([refused]) });
    expect(explainStartFailure(wrapped, env)).to.match(/^PostgreSQL does not answer at 127\.0\.0\.1:5432/);
  });

  it('repeats what the schema check says', () => {
    const error = new SchemaMismatchError(
      'newer',
      'The database schema is newer than this build of Millrace.',
    );
    expect(explainStartFailure(error, env)).to.equal(
      'The database schema is newer than this build of Millrace.',
    );
  });

  it('has nothing to say of a bug', () => {
    expect(explainStartFailure(new TypeError('x is not a function'), env)).to.equal(undefined);
    expect(explainStartFailure('thrown text', env)).to.equal(undefined);
  });

  it('knows what pg really throws', async () => {
    const client = new pg.Client({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 2_000 });
    const error: unknown = await client.connect().catch((failure: unknown) => failure);
    expect(explainStartFailure(error, { DATABASE_URL: 'postgres://127.0.0.1:1/x' })).to.match(
      /^PostgreSQL does not answer at 127\.0\.0\.1:1/,
    );
  });
});
