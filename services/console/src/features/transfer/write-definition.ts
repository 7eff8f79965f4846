import { definition, type Definition, type JsonObject } from '@millrace/contracts';
import { stringify } from 'yaml';

export type Syntax = 'json' | 'yaml';

const FIELDS = Object.keys(definition.shape);

/** The definition within something that has more, such as a workflow or a version of one. Empty fields are left out. */
export function definitionIn(resource: object): JsonObject {
  const entries = Object.entries(resource).filter(
    ([name, value]) => FIELDS.includes(name) && value !== undefined && value !== null,
  );
  return Object.fromEntries(entries);
}

/** A definition as text, in the order in which people read it. Secrets are in it by name only. */
export function writeDefinition(resource: object | Definition, syntax: Syntax): string {
  const found = definitionIn(resource);
  const ordered = Object.fromEntries(
    FIELDS.filter((name) => name in found).map((name) => [name, found[name]]),
  );
  if (syntax === 'json') return `${JSON.stringify(ordered, null, 2)}\n`;
  return stringify(ordered, { lineWidth: 100, aliasDuplicateObjects: false });
}

/** `Full Development Pipeline` to `full-development-pipeline.yaml`. */
export function fileNameOf(name: string, syntax: Syntax): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 80);
  return `${slug || 'workflow'}.${syntax}`;
}
