import { AGENT_CONFIGURATIONS, descriptorOf, type Node, type StepKind } from '@millrace/contracts';
import { shapeOfZod } from '@/components/schema-form/from-json-schema';
import type { ObjectShape, Shape } from '@/components/schema-form/shape';
import type { CodeLanguage } from '@/components/code-editor/props';

/** The form of a step's configuration. A body is drawn, not filled in. */
export function shapeOfStep({ type, data: { agent_type } }: Node): ObjectShape {
  const schema =
    type === 'agent' && agent_type !== undefined
      ? AGENT_CONFIGURATIONS[agent_type]
      : descriptorOf(type).configuration;
  return withoutBody(shapeOfZod(schema));
}

function withoutBody(shape: Shape): ObjectShape {
  if (shape.kind !== 'object') return { kind: 'object', fields: [] };
  if (!shape.fields.some(({ name }) => name === 'body' && isGraph(shape))) return shape;
  return { ...shape, fields: shape.fields.filter(({ name }) => name !== 'body') };
}

const isGraph = (shape: ObjectShape): boolean =>
  shape.fields.some(
    ({ name, shape: field }) =>
      name === 'body' && field.kind === 'object' && field.fields.some((inner) => inner.name === 'nodes'),
  );

/** What is in sight before anybody adds it: what most steps of the kind have. */
export const PROMINENT: Readonly<Record<StepKind, readonly string[]>> = {
  agent: ['instructions', 'model', 'tools'],
  approval: ['approvers', 'deadline_seconds'],
  code: ['language'],
  condition: [],
  delay: ['seconds'],
  http_request: ['method', 'headers', 'body'],
  map: ['items', 'concurrency'],
  repeat: ['until', 'max_iterations'],
  set: [],
  sub_workflow: ['parameters'],
  switch: ['expression', 'cases.*.when'],
  transform: [],
  wait_for_event: ['key', 'timeout_seconds'],
};

/** How the text at a place of a configuration is read. */
export function languageAt(kind: StepKind, path: readonly (string | number)[]): CodeLanguage {
  const { celFields, jsonataFields, literalFields = [] } = descriptorOf(kind);
  const isIn = (fields: readonly string[]): boolean =>
    fields.some((field) => {
      const parts = field.split('.');
      return (
        parts.length === path.length && parts.every((part, at) => part === '*' || part === String(path[at]))
      );
    });
  if (isIn(celFields)) return 'cel';
  if (isIn(jsonataFields)) return 'jsonata';
  return isIn(literalFields) ? 'text' : 'template';
}
