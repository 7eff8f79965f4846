import { isJsonObject, subWorkflowConfiguration } from '@millrace/contracts';
import { invalidConfiguration, type WaitImplementation } from './types.js';

export const subWorkflowStep: WaitImplementation = {
  prepare({ config }) {
    const parsed = subWorkflowConfiguration.safeParse(config);
    if (!parsed.success) return { ok: false, error: invalidConfiguration(parsed.error) };
    const { workflow_id, version, parameters, mode } = parsed.data;
    if (typeof parameters === 'string' || !isJsonObject(parameters)) {
      const message = `"parameters" must be an object, got ${JSON.stringify(parameters).slice(0, 200)}`;
      return {
        ok: false,
        error: { code: 'configuration_invalid', message, fault: 'workflow', retryable: false },
      };
    }
    return {
      ok: true,
      value: {
        wait: {
          type: 'child',
          workflow_id,
          ...(version !== undefined && { workflow_version: version }),
          parameters,
          detached: mode === 'detached',
        },
      },
    };
  },
};
