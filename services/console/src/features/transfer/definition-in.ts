import { definition, type JsonObject } from '@millrace/contracts';

export const DEFINITION_FIELDS: readonly string[] = Object.keys(definition.shape);

/** The definition within something that has more, such as a workflow or a version of one. What is not there is left out. */
export function definitionIn(resource: object): JsonObject {
  const entries = Object.entries(resource).filter(
    ([name, value]) => DEFINITION_FIELDS.includes(name) && value !== undefined && value !== null,
  );
  return Object.fromEntries(entries);
}
