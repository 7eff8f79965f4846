import { httpRequestConfiguration } from '@millrace/contracts';
import type { GuardedHttp } from '@millrace/outbound';
import { requestPages } from './http/pages.js';
import { toRequestSpec } from './http/request-spec.js';
import { isExpected, statusError } from './http/status.js';
import { stepFailed, type StepImplementation } from './types.js';

export function createHttpRequestStep(http: GuardedHttp): StepImplementation {
  return {
    async run(context) {
      const { config: shown, secrets, log } = context;
      const revealed = secrets.reveal(shown);
      const parsed = httpRequestConfiguration.safeParse(revealed);
      if (!parsed.success) {
        const message = parsed.error.issues
          .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
          .join('; ');
        return stepFailed({ code: 'configuration_invalid', message, fault: 'workflow', retryable: false });
      }
      const { pagination, ...config } = parsed.data;
      const spec = toRequestSpec(config, { shown, revealed }, context);
      if (pagination !== undefined) return await requestPages(http, spec, { ...config, pagination }, context);

      const outcome = await http.request(spec);
      if (!outcome.ok) return stepFailed(outcome.error);
      const { status, headers, body, url } = outcome.response;
      // The log has the answer of those that succeed as their output.
      if (status >= 400) log('warn', `${config.method} ${url} answered ${String(status)}`);
      if (isExpected(status, config.expected_status))
        return { ok: true, output: { status, headers, body, url } };
      return stepFailed(statusError(outcome.response, config.expected_status, secrets));
    },
  };
}
