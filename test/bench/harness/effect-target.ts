import { fileURLToPath } from 'node:url';
import { startHelper } from './service-process.js';

export interface EffectTarget {
  /** What an effectful step gets. */
  readonly url: string;
  /** How many requests were answered so far: the effects that really happened. */
  count(): Promise<number>;
  stop(): Promise<void>;
}

const script = fileURLToPath(new URL('./target.ts', import.meta.url));

export async function startTarget(): Promise<EffectTarget> {
  const helper = startHelper(script, []);
  const port = await helper.next();
  if (typeof port !== 'number' || port === 0) throw new Error('the target server has no port');
  const origin = `http://127.0.0.1:${port}`;
  return {
    url: `${origin}/effect`,
    count: async () => Number(await (await fetch(`${origin}/count`)).text()),
    stop: () => helper.stop(),
  };
}
