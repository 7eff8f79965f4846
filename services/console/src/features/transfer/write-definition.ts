import type { Definition } from '@millrace/contracts';
import { stringify } from 'yaml';
import { DEFINITION_FIELDS, definitionIn } from './definition-in';

export type Syntax = 'json' | 'yaml';

/** A definition as text, in the order in which people read it. Secrets are in it by name only. */
export function writeDefinition(resource: object | Definition, syntax: Syntax): string {
  const found = definitionIn(resource);
  const ordered = Object.fromEntries(
    DEFINITION_FIELDS.filter((name) => name in found).map((name) => [name, found[name]]),
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
