import { waitForEventConfiguration } from '@millrace/contracts';
import { invalidConfiguration, type WaitImplementation } from './types.js';

export const waitForEventStep: WaitImplementation = {
  prepare({ config, now }) {
    const parsed = waitForEventConfiguration.safeParse(config);
    if (!parsed.success) return { ok: false, error: invalidConfiguration(parsed.error) };
    const { name, key, timeout_seconds } = parsed.data;
    return {
      ok: true,
      value: {
        wait: { type: 'event', name, key },
        ...(timeout_seconds !== undefined && { dueAt: now + timeout_seconds * 1_000 }),
      },
    };
  },
};
