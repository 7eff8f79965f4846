/** The workflows of `examples/`. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { PlainError } from './console.js';
import { inRoot } from './paths.js';

/**
 * @typedef {object} Example
 * @property {string} id the definition's own
 * @property {string} name
 * @property {Record<string, unknown>} definition
 * @property {Record<string, unknown>} parameters
 */

/**
 * Every folder of `examples/` with a `workflow.json` or `workflow.yaml`, in the order of their names.
 * @param {string} [folder]
 * @returns {Promise<Example[]>}
 */
export async function readExamples(folder = inRoot('examples')) {
  if (!existsSync(folder)) return [];
  const { parse } = await import('yaml');
  /** @type {Example[]} */
  const examples = [];
  for (const name of readdirSync(folder).sort()) {
    const at = (/** @type {string} */ file) => path.join(folder, name, file);
    const file = ['workflow.json', 'workflow.yaml', 'workflow.yml'].map(at).find(existsSync);
    if (!file) continue;
    // JSON is YAML.
    const definition = parse(readFileSync(file, 'utf8'));
    if (typeof definition?.id !== 'string') throw new PlainError(`${file} has no id.`);
    const parameters = existsSync(at('parameters.json'))
      ? JSON.parse(readFileSync(at('parameters.json'), 'utf8'))
      : {};
    examples.push({
      id: definition.id,
      name: String(definition.name ?? definition.id),
      definition,
      parameters,
    });
  }
  return examples;
}
