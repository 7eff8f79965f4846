import { expect } from 'chai';
import { localAddress } from '../health.js';
import { readSettings } from '../settings.js';

describe('settings of npm start', () => {
  it('have defaults that listen on this machine alone', () => {
    const settings = readSettings({}, []);

    expect(settings).to.include({
      host: '127.0.0.1',
      port: 8080,
      workers: 2,
      production: false,
      runExample: true,
    });
    expect(settings.given).to.equal(undefined);
    expect(settings.dataFolder).to.match(/\/\.data$/);
  });

  it('take both stores', () => {
    const settings = readSettings({ DATABASE_URL: 'postgres://db', REDIS_URL: 'redis://r' }, []);

    expect(settings.given).to.deep.equal({ databaseUrl: 'postgres://db', redisUrl: 'redis://r' });
  });

  const wrong: [string, Record<string, string>, string][] = [
    ['only a database', { DATABASE_URL: 'postgres://db' }, 'REDIS_URL is not'],
    ['only a Redis', { REDIS_URL: 'redis://r' }, 'DATABASE_URL is not'],
    ['a port that is no number', { PORT: '80a' }, 'PORT must be a whole number from 1 to 65535, not "80a"'],
    ['half a worker', { WORKERS: '0.5' }, 'WORKERS must be a whole number from 0 to 256'],
  ];
  for (const [what, env, words] of wrong) {
    it(`refuse ${what}`, () => {
      expect(() => readSettings(env, [])).to.throw(words);
    });
  }

  it('refuse an unknown option', () => {
    expect(() => readSettings({}, ['--fast'])).to.throw('Unknown option --fast');
  });
});

describe('the address to go to', () => {
  for (const [host, address] of [
    ['127.0.0.1', 'http://127.0.0.1:8080'],
    ['0.0.0.0', 'http://127.0.0.1:8080'],
    ['::1', 'http://[::1]:8080'],
    ['example.test', 'http://example.test:8080'],
  ] as const) {
    it(`of ${host} is ${address}`, () => {
      expect(localAddress(host, 8080)).to.equal(address);
    });
  }
});
