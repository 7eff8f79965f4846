import { isJsonObject, type JsonValue } from '@millrace/contracts';
import { LANGUAGES, type CodeGenerationOutput, type Language } from '../agents/code-generation.js';
import { readEntities } from './generate/entities.js';
import { kebabCase, typeOf, type Field, type Model, type Operation } from './generate/model.js';
import { operationFromPhrase, readOperations } from './generate/operations.js';
import { pythonName, pythonType, renderPython } from './generate/python.js';
import { renderScript, scriptName, scriptProperty, scriptType } from './generate/script.js';
import { findObjects, findText, placesOf, stringField, valuesOfKeys } from './input.js';
import { parseBlocks, tidy } from './text/blocks.js';
import type { AgentConfig } from '../agents/types.js';
import { configText, type OfflineAgent } from './work.js';

/** Where the specification is looked for, in this order; see `input.ts` for what follows. */
const KEYS = [
  'specification',
  'spec',
  'design',
  'description',
  'requirements_text',
  'requirements',
  'text',
  'objective',
  'prompt',
  'input',
];

function languageFrom(config: AgentConfig, input: JsonValue, text: string): Language {
  const places = isJsonObject(input) ? valuesOfKeys(placesOf(input), ['language', 'target_language']) : [];
  for (const wanted of [config['language'], ...places]) {
    const known = LANGUAGES.find(
      (language) => typeof wanted === 'string' && language === wanted.toLowerCase(),
    );
    if (known) return known;
  }
  const named = /\b(?:in|using|with)\s+(typescript|javascript|python)\b/i.exec(text)?.[1]?.toLowerCase();
  return LANGUAGES.find((language) => language === named) ?? 'typescript';
}

/** Statements and titles that predecessors worked out, as text that reads like a specification. */
function fromPredecessors(input: JsonValue): { statements: string[]; titles: string[] } {
  const requirements = findObjects(input, ['requirements'], (item) => typeof item['statement'] === 'string');
  const tasks = findObjects(input, ['tasks'], (item) => typeof item['title'] === 'string');
  return {
    statements: requirements
      .filter((item) => item['priority'] !== 'wont' && typeof item['duplicate_of'] !== 'string')
      .flatMap((item) => stringField(item, ['statement']) ?? []),
    titles: tasks
      .filter(
        (item) => item['kind'] === undefined || item['kind'] === 'implementation' || item['kind'] === 'data',
      )
      .flatMap((item) => stringField(item, ['title']) ?? []),
  };
}

function modelOf(text: string, statements: readonly string[], titles: readonly string[]): Model {
  const entities = readEntities(text);
  const names = new Set(entities.map(({ name }) => name));
  const operations = readOperations(
    [text, ...statements.map((statement) => `- ${statement}`)].join('\n\n'),
    names,
  );
  if (operations.length > 0) return { entities, operations };
  const planned = titles.flatMap((title) => operationFromPhrase(title, names, tidy(title)) ?? []);
  return {
    entities,
    operations: planned.filter((one, index) => planned.findIndex(({ name }) => name === one.name) === index),
  };
}

/** Last resort, so that there is a file to begin with. */
function placeholder(text: string): Operation {
  const input: Field = { name: 'input', type: typeOf('unknown'), optional: false };
  const named = operationFromPhrase(text, new Set(), tidy(text));
  return (
    named ?? {
      name: 'run',
      parameters: [input],
      returns: typeOf('unknown'),
      async: false,
      source: tidy(text).slice(0, 300),
    }
  );
}

function moduleNameOf(configured: string | undefined, text: string): string {
  const heading = parseBlocks(text).find(({ kind }) => kind === 'heading')?.text;
  const name = kebabCase((configured ?? heading ?? 'service').slice(0, 60));
  return /^[a-z]/.test(name) ? name : 'service';
}

/** A skeleton with types, run-time checks and signatures from a specification; bodies throw "not implemented". */
export const codeGeneration: OfflineAgent<'code_generation'> = ({ config, input, label }) => {
  const found = findText(input, KEYS, { instructions: configText(config, 'instructions'), label });
  const language = languageFrom(config, input, found.text);
  const { statements, titles } = fromPredecessors(input);
  const read = modelOf(found.text, statements, titles);
  const notes: string[] = [];
  const nothing = read.entities.length === 0 && read.operations.length === 0;
  if (nothing)
    notes.push(
      'The specification names no entity, signature, route or requirement; one function was named after it.',
    );
  const model: Model = nothing ? { entities: [], operations: [placeholder(found.text)] } : read;
  const moduleName = moduleNameOf(configText(config, 'module_name'), found.text);
  const python = language === 'python';
  const field =
    (nameOf: (name: string) => string) =>
    ({ name, type, optional }: Field): CodeGenerationOutput['entities'][number]['fields'][number] => ({
      name: nameOf(name),
      type: python ? pythonType(type) : scriptType(type),
      optional,
    });
  return {
    language,
    module_name: moduleName,
    files: python
      ? renderPython(model, moduleName)
      : renderScript(model, moduleName, language === 'typescript'),
    entities: model.entities.map(({ name, fields }) => ({
      name,
      fields: fields.map(field(python ? pythonName : scriptProperty)),
    })),
    functions: model.operations.map((operation) => ({
      name: python ? pythonName(operation.name) : scriptName(operation.name),
      parameters: operation.parameters.map(field(python ? pythonName : scriptName)),
      returns: python ? pythonType(operation.returns) : scriptType(operation.returns),
      async: operation.async,
      source: operation.source,
    })),
    notes,
  };
};
