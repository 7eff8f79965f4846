import { expect } from 'chai';
import { checkRedis, redisFindings } from '../src/index.js';

const info = (fields: Record<string, string>): string =>
  ['# Server', ...Object.entries(fields).map(([key, value]) => `${key}:${value}`)].join('\r\n');
const good = { redis_version: '7.2.4', maxmemory_policy: 'noeviction', aof_enabled: '1' };

describe('redisFindings', () => {
  it('has nothing to say about a server that is set up well', () => {
    expect(redisFindings(info(good))).to.deep.equal([]);
  });

  for (const [version, old] of [
    ['5.0.14', true],
    ['6.0.16', true],
    ['6.2.0', false],
    ['8.0.1', false],
    ['10.1.0', false],
  ] as const) {
    it(`${old ? 'refuses' : 'accepts'} version ${version}`, () => {
      const findings = redisFindings(info({ ...good, redis_version: version }));

      expect(findings.map(({ severity }) => severity)).to.deep.equal(old ? ['error'] : []);
    });
  }

  it('calls eviction an error, with the command that mends it', () => {
    const [finding] = redisFindings(info({ ...good, maxmemory_policy: 'allkeys-lru' }));

    expect(finding?.severity).to.equal('error');
    expect(finding?.problem).to.include('allkeys-lru');
    expect(finding?.remedy).to.include('CONFIG SET maxmemory-policy noeviction');
  });

  it('warns when there is no append-only file', () => {
    const [finding] = redisFindings(info({ ...good, aof_enabled: '0' }));

    expect(finding?.severity).to.equal('warning');
    expect(finding?.remedy).to.include('CONFIG SET appendonly yes');
  });

  it('does not judge what a provider hides', () => {
    expect(redisFindings('')).to.deep.equal([]);
  });
});

describe('checkRedis', () => {
  it('finds a server that does not answer', async () => {
    const [finding] = await checkRedis('redis://127.0.0.1:1');

    expect(finding?.severity).to.equal('error');
    expect(finding?.problem).to.include('ECONNREFUSED');
  });
});
