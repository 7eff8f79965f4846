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
  return assignments.reduce((parameters, text) => ({ ...parameters, ...parseAssignment(text) }), base);
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
function parseAssignment(assignment: string): JsonObject {
  const at = assignment.indexOf('=');
  if (at < 1) throw new CliError(`--param ${assignment}: write key=value`);
  const text = assignment.slice(at + 1);
  let value: JsonValue = text;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    // Not JSON: the text itself.
  }
  return { [assignment.slice(0, at)]: value };
}
