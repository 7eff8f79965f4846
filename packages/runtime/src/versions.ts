import type { JsonObject } from '@millrace/contracts';
import { readVersion } from '@millrace/persistence';
import { LRUCache } from 'lru-cache';
import type { RuntimeContext } from './context.js';
import { createParametersValidator, type ParametersValidator } from './parameters/validator.js';
import type { LoadedPlan, Plans } from './plans.js';

/** What a submission needs of a published version, which never changes. */
export interface Version extends LoadedPlan {
  readonly stepsTotal: number;
  /** Undefined where any parameters are accepted. */
  readonly validate: ParametersValidator | undefined;
}

export interface Versions {
  /** Rejects as `Plans.load` does. */
  load(workflowId: string, version: number): Promise<Version>;
}

const MAX_VERSIONS = 1_000;

export function createVersions({ db }: Pick<RuntimeContext, 'db'>, plans: Plans): Versions {
  const versions = new LRUCache<string, Version, { id: string; version: number }>({
    max: MAX_VERSIONS,
    async fetchMethod(_key, _stale, { context: { id, version } }) {
      const [loaded, stored] = await Promise.all([plans.load(id, version), readVersion(db, id, version)]);
      const schema = parametersSchemaOf(stored?.definition);
      return {
        ...loaded,
        stepsTotal: loaded.plan.steps.length,
        validate: schema && createParametersValidator(schema),
      };
    },
  });
  return {
    load: (id, version) => versions.forceFetch(`${id}@${String(version)}`, { context: { id, version } }),
  };
}

function parametersSchemaOf(definition: unknown): JsonObject | undefined {
  if (typeof definition !== 'object' || definition === null || !('parameters_schema' in definition)) {
    return undefined;
  }
  const schema: unknown = definition.parameters_schema;
  return isObject(schema) ? schema : undefined;
}

/** It came out of a JSON column, so its values are JSON. */
function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
