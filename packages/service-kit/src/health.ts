import type * as z from 'zod';
import type { componentHealth, HealthResponse } from '@millrace/contracts';

export type ComponentHealth = z.infer<typeof componentHealth>;

export interface ComponentCheck {
  /** Answers, rejects or takes too long; the last two count as `down`. Must give up when the signal fires. */
  check(signal: AbortSignal): Promise<ComponentHealth>;
  /** Without it the service is not ready (503). Otherwise its failure only degrades. */
  required?: boolean;
  /** Default 2,000. */
  timeoutMs?: number;
}

export interface HealthReport<K extends string> {
  status: HealthResponse['status'];
  version: string;
  uptime_seconds: number;
  components: Record<K, ComponentHealth>;
}

export interface Health<K extends string = string> {
  /** Never rejects. `down` means not ready: answer 503. Reports younger than the cache time are shared. */
  report(): Promise<HealthReport<K>>;
}

export interface HealthOptions<K extends string> {
  version: string;
  components: Readonly<Record<K, ComponentCheck>>;
  /** Default 1,000: probes and load balancers together cost one check a second. */
  cacheMs?: number;
}

const DEFAULT_TIMEOUT_MS = 2_000;

/** Checks all components side by side and sums them up: a required one down is `down`, anything else not ok `degraded`. */
export function createHealth<K extends string>(options: HealthOptions<K>): Health<K> {
  const { version, components, cacheMs = 1_000 } = options;
  let current: Promise<HealthReport<K>> | undefined;
  let freshUntil = Infinity;

  async function examine(): Promise<HealthReport<K>> {
    const answers = await checkAll(components);
    freshUntil = performance.now() + cacheMs;
    return {
      status: sumUp(components, answers),
      version,
      uptime_seconds: uptimeSeconds(),
      components: answers,
    };
  }

  return {
    report() {
      if (current === undefined || performance.now() >= freshUntil) {
        freshUntil = Infinity;
        current = examine();
      }
      return current;
    },
  };
}

async function checkAll<K extends string>(
  components: Readonly<Record<K, ComponentCheck>>,
): Promise<Record<K, ComponentHealth>> {
  const names = keysOf(components);
  const answers = await Promise.all(
    names.map(async (name) => [name, await runCheck(components[name])] as const),
  );
  // The pairs hold every key of K exactly once, which fromEntries cannot tell.
  return Object.fromEntries(answers) as Record<K, ComponentHealth>;
}

async function runCheck({ check, timeoutMs = DEFAULT_TIMEOUT_MS }: ComponentCheck): Promise<ComponentHealth> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ComponentHealth>((resolve) => {
    timer = setTimeout(() => {
      abort.abort();
      resolve({ status: 'down', detail: `no answer within ${timeoutMs} ms` });
    }, timeoutMs);
  });
  const answer = async (): Promise<ComponentHealth> => {
    try {
      return await check(abort.signal);
    } catch (error) {
      // Health is anonymous: the class of the failure is told, its words (hosts, users) are not.
      return { status: 'down', detail: codeOf(error) ?? 'not reachable' };
    }
  };
  try {
    return await Promise.race([answer(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function sumUp<K extends string>(
  components: Readonly<Record<K, ComponentCheck>>,
  answers: Readonly<Record<K, ComponentHealth>>,
): HealthResponse['status'] {
  const names = keysOf(components);
  if (names.some((name) => components[name].required === true && answers[name].status === 'down'))
    return 'down';
  return names.every((name) => answers[name].status === 'ok') ? 'ok' : 'degraded';
}

function keysOf<K extends string>(record: Readonly<Record<K, unknown>>): K[] {
  const keys: K[] = [];
  for (const key in record) keys.push(key);
  return keys;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function uptimeSeconds(): number {
  return Math.round(process.uptime() * 10) / 10;
}
