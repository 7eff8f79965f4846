/** What `npm test` was asked to do. */
import { parseArgs } from 'node:util';
import { PlainError, reason } from './console.js';

/** In the order they run. */
export const partNames = /** @type {const} */ ([
  'build',
  'typecheck',
  'lint',
  'format',
  'unit',
  'contract',
  'integration',
  'recovery',
  'e2e',
  'console',
]);

/** The parts that need a Postgres and a Redis. */
export const storeParts = /** @type {const} */ (['contract', 'integration', 'recovery', 'e2e']);

/** @typedef {typeof partNames[number]} PartName */
/** @typedef {{parts: PartName[], grep: string | undefined, ci: boolean}} TestOptions */

/**
 * @param {string[]} args such as `['--only', 'unit,contract', '--grep', 'resume']`
 * @param {Record<string, string | undefined>} env
 * @returns {TestOptions} `--grep` alone leaves out what cannot be filtered
 * @throws {PlainError} for an unknown option or part
 */
export function readTestOptions(args, env) {
  const { only = [], grep } = parse(args);
  const asked = only
    .flatMap((value) => value.split(','))
    .map((name) => name.trim())
    .filter(Boolean);
  const unknown = asked.find((name) => !partNames.some((part) => part === name));
  if (unknown) throw new PlainError(`There is no part "${unknown}". The parts are: ${partNames.join(', ')}.`);
  const filterable = (/** @type {PartName} */ part) =>
    part === 'unit' || storeParts.some((name) => name === part);
  const parts = partNames.filter((part) =>
    asked.length > 0 ? asked.includes(part) : !grep || filterable(part),
  );
  return { parts, grep, ci: Boolean(env['CI']) && env['CI'] !== 'false' };
}

/** @param {string[]} args */
function parse(args) {
  try {
    const options = /** @type {const} */ ({
      only: { type: 'string', multiple: true },
      grep: { type: 'string' },
    });
    return parseArgs({ args, options, allowPositionals: false }).values;
  } catch (error) {
    throw new PlainError(`${reason(error)}\nUsage: npm test -- [--only unit,integration,…] [--grep text]`);
  }
}
