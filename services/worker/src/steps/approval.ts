import { approvalConfiguration } from '@millrace/contracts';
import { invalidConfiguration, type WaitImplementation } from './types.js';

export const approvalStep: WaitImplementation = {
  prepare({ config, now }) {
    const parsed = approvalConfiguration.safeParse(config);
    if (!parsed.success) return { ok: false, error: invalidConfiguration(parsed.error) };
    const { deadline_seconds, ...policy } = parsed.data;
    return {
      ok: true,
      value: {
        wait: { type: 'approval', ...policy },
        ...(deadline_seconds !== undefined && { dueAt: now + deadline_seconds * 1_000 }),
      },
    };
  },
};
