import { jsonObject, type JsonObject, type JsonValue } from '@millrace/contracts';
import { parseDocument } from 'yaml';
import { readText } from './definitions/load.js';
import { CliError } from './errors.js';
import { readAll, type Io } from './io.js';

/** `--params` (JSON, `@file` in JSON or YAML, `@-` for the input), then each `--param key=value` over it. */
export async function readParameters(
  io: Io,
  params: string | undefined,
  assignments: readonly string[],
): Promise<JsonObject> {
  const base: JsonObject = params === undefined ? {} : await readBase(io, params);
  return assignments.reduce(
    (parameters, text) => ({ ...parameters, ...parseAssignment('--param', text) }),
    base,
  );
}

async function readBase(io: Io, params: string): Promise<JsonObject> {
  const fromFile = params.startsWith('@');
  const file = params.slice(1);
  const text = !fromFile ? params : file === '-' ? await readAll(io.stdin) : await readText(file);
  const name = fromFile ? (file === '-' ? '(stdin)' : file) : '--params';
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw new CliError(`${name}: ${error.message}`);
  const checked = jsonObject.safeParse(document.toJS());
  if (!checked.success) throw new CliError(`${name} must be a JSON object, as in '{"count": 3}'`);
  return checked.data;
}

/** The value is JSON where it is valid JSON (`n=3`, `list=[1,2]`, `s="3"`), a string otherwise. */
export function parseAssignment(option: string, assignment: string): JsonObject {
  const at = assignment.indexOf('=');
  if (at < 1) throw new CliError(`${option} ${assignment}: write key=value`);
  return { [assignment.slice(0, at)]: parseValue(assignment.slice(at + 1)) };
}

/** JSON where it is valid JSON, the text itself otherwise. */
export function parseValue(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
