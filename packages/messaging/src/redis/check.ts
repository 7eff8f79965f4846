import { Redis } from 'ioredis';
import { errorText } from '../errors.js';
import { withDeadline } from '../deadline.js';
import type { Log } from '../log.js';

/** Something about the Redis server that an operator should know at start, in sentences to be shown as they are. */
export interface RedisFinding {
  /** `error`: the platform will not work rightly. `warning`: it works, with the consequence named. */
  severity: 'error' | 'warning';
  problem: string;
  consequence: string;
  /** The command, or the step, that mends it. */
  remedy: string;
}

const CHECK_TIMEOUT_MS = 3_000;
const MINIMUM_VERSION = [6, 2] as const;

/** Asks a Redis (or Valkey) server how it is set up. An unreachable server is a finding, never a rejection. */
export async function checkRedis(url: string): Promise<RedisFinding[]> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  let failure: unknown;
  redis.on('error', (error) => {
    failure = error;
  });
  try {
    return redisFindings(await withDeadline(askInfo(redis), CHECK_TIMEOUT_MS));
  } catch (error) {
    return [
      {
        severity: 'error',
        problem: `Redis does not answer: ${errorText(failure ?? error)}.`,
        consequence:
          'Executions are accepted and stay queued in Postgres; nothing runs and nothing streams until Redis is back.',
        remedy: 'Start Redis, or correct REDIS_URL (redis://user:password@host:port/number).',
      },
    ];
  } finally {
    redis.disconnect();
  }
}

/** Logs what an operator should know of the server, one plain sentence each. Never rejects and holds nothing up. */
export async function sayFindings(url: string, log: Log): Promise<void> {
  for (const { severity, problem, consequence, remedy } of await checkRedis(url)) {
    log[severity === 'error' ? 'error' : 'warn']({}, `${problem} ${consequence} ${remedy}`);
  }
}

async function askInfo(redis: Redis): Promise<string> {
  await redis.connect();
  return redis.info();
}

/** Judges the answer to INFO: version, eviction and persistence. Fields a service provider hides are not judged. */
export function redisFindings(info: string): RedisFinding[] {
  const fields = new Map<string, string>();
  for (const line of info.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const findings: RedisFinding[] = [];

  const version = fields.get('redis_version');
  if (version !== undefined && isOlder(version)) {
    findings.push({
      severity: 'error',
      problem: `Redis ${version} is older than 6.2.`,
      consequence: 'The queue uses commands that this version lacks, so hints fail to be added or taken.',
      remedy: 'Upgrade to Redis 6.2 or newer, or to Valkey.',
    });
  }

  const policy = fields.get('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    findings.push({
      severity: 'error',
      problem: `Redis evicts keys when its memory is full (maxmemory-policy is ${policy}).`,
      consequence:
        'Parts of the queue can vanish; their executions stand still until a sweep finds them again.',
      remedy: 'redis-cli CONFIG SET maxmemory-policy noeviction, then redis-cli CONFIG REWRITE.',
    });
  }

  if (fields.get('aof_enabled') === '0') {
    findings.push({
      severity: 'warning',
      problem: 'Redis does not keep an append-only file (appendonly is no).',
      consequence:
        'When Redis restarts, the hints since its last snapshot are gone; sweeps dispatch them again, seconds later.',
      remedy: 'redis-cli CONFIG SET appendonly yes, then redis-cli CONFIG REWRITE.',
    });
  }
  return findings;
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < MINIMUM_VERSION[0] || (major === MINIMUM_VERSION[0] && minor < MINIMUM_VERSION[1]);
}
