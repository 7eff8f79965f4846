export type StepTab = 'configure' | 'input' | 'behaviour' | 'output' | 'notes';

const BEHAVIOUR: ReadonlySet<unknown> = new Set([
  ...['retry', 'timeout_seconds', 'on_error', 'on_uncertain', 'join', 'disabled'],
]);

/** The tab that a field of a node is on, by its way within the node: `['data', 'config', 'url']`. */
export function tabOfField(field: readonly (string | number)[]): StepTab {
  const name = field[1];
  if (name === 'input') return 'input';
  if (name === 'pinned_output') return 'output';
  if (name === 'notes') return 'notes';
  return BEHAVIOUR.has(name) ? 'behaviour' : 'configure';
}
