import type { JsonObject, JsonValue, Node, StepKind } from '@millrace/contracts';
import { formatDuration, plural } from '@/lib/format';
import { identityOfNode } from './identity';

/** The name that a step is shown by. */
export const titleOf = ({ id, data }: Node): string => data.label ?? id;

/** A line below the title: the model of an agent, otherwise what its kind is most known by. */
export function subtitleOf(node: Node): string {
  const { title } = identityOfNode(node);
  const said = KEY_PARAMETER[node.type](node.data.config);
  if (node.type === 'agent') return `${title} · ${said === '' ? 'default model' : said}`;
  return said === '' ? title : said;
}

/** Configurations are shown before they are valid: everything is looked at with care. */
const KEY_PARAMETER: Readonly<Record<StepKind, (config: JsonObject) => string>> = {
  agent: ({ model }) => words(model),
  approval: ({ message }) => words(message),
  code: ({ source }) => words(source),
  condition: ({ expression }) => words(expression),
  delay: ({ seconds, until }) => {
    if (typeof seconds === 'number') return formatDuration(seconds * 1_000);
    return until === undefined ? words(seconds) : `until ${words(until)}`;
  },
  http_request: ({ method, url }) => `${words(method) || 'GET'} ${words(url)}`.trim(),
  map: ({ items, range }) => (range === undefined ? words(items) : `range ${words(range)}`),
  repeat: ({ while: asked, until, max_iterations: most }) => {
    if (asked !== undefined) return `while ${words(asked)}`;
    return until === undefined ? `${words(most) || '100'} times` : `until ${words(until)}`;
  },
  set: ({ values }) => (isObject(values) ? Object.keys(values).join(', ') : ''),
  sub_workflow: ({ workflow_id }) => words(workflow_id),
  switch: ({ expression, cases }) =>
    words(expression) || (Array.isArray(cases) ? plural(cases.length, 'case') : ''),
  transform: ({ expression }) => words(expression),
  wait_for_event: ({ name }) => words(name),
};

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A card shows one line of it. */
const MOST = 120;

function words(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.slice(0, MOST).replace(/\s+/g, ' ').trim();
}
