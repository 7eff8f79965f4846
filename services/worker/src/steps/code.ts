import { codeConfiguration, type JsonObject } from '@millrace/contracts';
import { recordJson, type Scope } from '@millrace/engine';
import type { CodeRunner } from '@millrace/sandbox';
import { type StepImplementation, stepFailed } from './types.js';

export function createCodeStep(code: CodeRunner): StepImplementation {
  return {
    async run({ config, input, scope, signal, now, random, log }) {
      const { language, source, timeout_seconds, memory_mb } = codeConfiguration.parse(config);
      const outcome = await code.run({
        ...{ language, source, input, now, signal },
        context: contextOf(scope),
        limits: { timeoutMs: timeout_seconds * 1_000, memoryMb: memory_mb },
        seed: random(),
        onLog: log,
      });
      return outcome.ok ? outcome : stepFailed(outcome.error);
    },
  };
}

/** What is known of the run. Parameters and outputs come through `input`: what a step has read is what it shows. */
function contextOf({ steps: _steps, parameters: _parameters, failure, ...rest }: Scope): JsonObject {
  return { ...rest, ...(failure && { failure: recordJson(failure) }) };
}
