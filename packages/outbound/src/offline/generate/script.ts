import type { Entity, Field, Model, Operation, TypeRef } from './model.js';

const RESERVED = new Set(
  'break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with yield let static await async of arguments eval interface package private protected public implements'.split(
    ' ',
  ),
);

const WORDS: Readonly<Record<TypeRef['base'], string>> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  date: 'Date',
  void: 'void',
  unknown: 'unknown',
  entity: 'unknown',
};

export function scriptName(name: string): string {
  return RESERVED.has(name) || /^\d/.test(name) ? `${name}_` : name;
}

export function scriptType(type: TypeRef): string {
  const base = type.entity ?? WORDS[type.base];
  return type.list ? `${base}[]` : base;
}

/** Unlike a variable, a property may have the name of a keyword. */
export function scriptProperty(name: string): string {
  return /^\d/.test(name) ? `_${name}` : name;
}

function comment(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\*\//g, '* /').slice(0, 300);
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** The condition under which a field is wrong; null where any value is right. */
function wrong(field: Field): { condition: string; wanted: string } | null {
  const at = `value.${scriptProperty(field.name)}`;
  const { base, list } = field.type;
  if (list) return { condition: `!Array.isArray(${at})`, wanted: 'an array' };
  if (base === 'date') return { condition: `!(${at} instanceof Date)`, wanted: 'a Date' };
  if (base === 'integer') return { condition: `!Number.isInteger(${at})`, wanted: 'an integer' };
  if (base === 'string' || base === 'number' || base === 'boolean')
    return { condition: `typeof ${at} !== '${base}'`, wanted: `a ${base}` };
  return null;
}

function check(entity: Entity, typed: boolean): string[] {
  const lines = entity.fields.flatMap((field) => {
    const rule = wrong(field);
    if (!rule) return [];
    const present = field.optional ? `value.${scriptProperty(field.name)} !== undefined && ` : '';
    return [
      `  if (${present}${rule.condition}) throw new TypeError(${quote(`${entity.name}.${field.name} must be ${rule.wanted}`)});`,
    ];
  });
  return [
    `/** Gives the value back when every field has its type; throws a TypeError that names the first one that has not. */`,
    `export function check${entity.name}(value${typed ? `: ${entity.name}` : ''})${typed ? `: ${entity.name}` : ''} {`,
    ...lines,
    '  return value;',
    '}',
  ];
}

function typedEntity(entity: Entity): string[] {
  const fields = entity.fields.map(
    (field) => `  ${scriptProperty(field.name)}${field.optional ? '?' : ''}: ${scriptType(field.type)};`,
  );
  return [
    `/** ${comment(entity.source)} */`,
    `export interface ${entity.name} {`,
    ...fields,
    '}',
    '',
    ...check(entity, true),
  ];
}

function documentedEntity(entity: Entity): string[] {
  const fields = entity.fields.map(
    (field) =>
      ` * @property {${scriptType(field.type)}} ${field.optional ? `[${scriptProperty(field.name)}]` : scriptProperty(field.name)}`,
  );
  return [
    '/**',
    ` * ${comment(entity.source)}`,
    ` * @typedef {object} ${entity.name}`,
    ...fields,
    ' */',
    '',
    ...check(entity, false),
  ];
}

/** Required parameters first, as both languages demand. */
export function orderedParameters(operation: Operation): Field[] {
  return [
    ...operation.parameters.filter(({ optional }) => !optional),
    ...operation.parameters.filter(({ optional }) => optional),
  ];
}

function operationLines(operation: Operation, typed: boolean): string[] {
  const parameters = orderedParameters(operation);
  const name = scriptName(operation.name);
  const result = operation.async
    ? `Promise<${scriptType(operation.returns)}>`
    : scriptType(operation.returns);
  const list = parameters.map((field) =>
    typed
      ? `${scriptName(field.name)}${field.optional ? '?' : ''}: ${scriptType(field.type)}`
      : scriptName(field.name),
  );
  const docs = typed
    ? [`/** ${comment(operation.source)} */`]
    : [
        '/**',
        ` * ${comment(operation.source)}`,
        ...parameters.map(
          (field) =>
            ` * @param {${scriptType(field.type)}} ${field.optional ? `[${scriptName(field.name)}]` : scriptName(field.name)}`,
        ),
        ` * @returns {${result}}`,
        ' */',
      ];
  return [
    ...docs,
    `export ${operation.async ? 'async ' : ''}function ${name}(${list.join(', ')})${typed ? `: ${result}` : ''} {`,
    `  throw new Error(${quote(`${name} is not implemented`)});`,
    '}',
  ];
}

function join(blocks: readonly string[][]): string {
  return `${blocks.map((block) => block.join('\n')).join('\n\n')}\n`;
}

/** Files of an ES module package: entities with run-time checks, the functions to fill in, and the index. */
export function renderScript(
  model: Model,
  moduleName: string,
  typed: boolean,
): { path: string; content: string }[] {
  const extension = typed ? 'ts' : 'js';
  const files: { path: string; content: string }[] = [];
  const exported: string[] = [];
  if (model.entities.length > 0) {
    files.push({
      path: `src/entities.${extension}`,
      content: join(model.entities.map(typed ? typedEntity : documentedEntity)),
    });
    exported.push('entities');
  }
  if (model.operations.length > 0) {
    const operations = model.operations.map((operation) => operationLines(operation, typed));
    const used = [
      ...new Set(
        model.operations.flatMap(({ parameters, returns }) => [
          ...parameters.map(({ type }) => type.entity),
          returns.entity,
        ]),
      ),
    ]
      .filter((name) => name !== null)
      .sort();
    const imports =
      typed && used.length > 0 ? [[`import type { ${used.join(', ')} } from './entities.js';`]] : [];
    const name = moduleName === 'entities' || moduleName === 'index' ? `${moduleName}-service` : moduleName;
    files.push({ path: `src/${name}.${extension}`, content: join([...imports, ...operations]) });
    exported.push(name);
  }
  files.push({
    path: `src/index.${extension}`,
    content: `${exported.map((name) => `export * from './${name}.js';`).join('\n')}\n`,
  });
  return files;
}
