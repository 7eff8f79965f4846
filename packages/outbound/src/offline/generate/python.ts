import { snakeCase, type Entity, type Field, type Model, type Operation, type TypeRef } from './model.js';
import { orderedParameters } from './script.js';

const RESERVED = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield match case type'.split(
    ' ',
  ),
);

const WORDS: Readonly<Record<TypeRef['base'], string>> = {
  string: 'str',
  number: 'float',
  integer: 'int',
  boolean: 'bool',
  date: 'datetime',
  void: 'None',
  unknown: 'Any',
  entity: 'Any',
};

export function pythonName(name: string): string {
  const snake = snakeCase(name);
  return RESERVED.has(snake) || /^\d/.test(snake) ? `${snake}_` : snake;
}

export function pythonType(type: TypeRef): string {
  const base = type.entity ?? WORDS[type.base];
  return type.list ? `list[${base}]` : base;
}

function docstring(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\\/g, '/').replace(/"/g, "'").slice(0, 300);
}

function annotation(field: Field): string {
  return field.optional ? `${pythonType(field.type)} | None = None` : pythonType(field.type);
}

const CHECKED: Readonly<Partial<Record<TypeRef['base'], string>>> = {
  string: 'str',
  number: '(int, float)',
  integer: 'int',
  boolean: 'bool',
  date: 'datetime',
};

function entityLines(entity: Entity): string[] {
  const fields = [
    ...entity.fields.filter(({ optional }) => !optional),
    ...entity.fields.filter(({ optional }) => optional),
  ];
  const checks = fields.flatMap((field) => {
    const wanted = field.type.list ? 'list' : CHECKED[field.type.base];
    if (wanted === undefined) return [];
    const at = `self.${pythonName(field.name)}`;
    const present = field.optional ? `${at} is not None and ` : '';
    return [
      `        if ${present}not isinstance(${at}, ${wanted}):`,
      `            raise TypeError("${entity.name}.${pythonName(field.name)} must be ${wanted.replace(/[()]/g, '').replace(', ', ' or ')}")`,
    ];
  });
  return [
    '@dataclass',
    `class ${entity.name}:`,
    `    """${docstring(entity.source)}"""`,
    '',
    ...fields.map((field) => `    ${pythonName(field.name)}: ${annotation(field)}`),
    ...(checks.length > 0 ? ['', '    def __post_init__(self) -> None:', ...checks] : []),
  ];
}

function operationLines(operation: Operation): string[] {
  const name = pythonName(operation.name);
  const list = orderedParameters(operation).map((field) => `${pythonName(field.name)}: ${annotation(field)}`);
  return [
    `${operation.async ? 'async ' : ''}def ${name}(${list.join(', ')}) -> ${pythonType(operation.returns)}:`,
    `    """${docstring(operation.source)}"""`,
    `    raise NotImplementedError("${name} is not implemented")`,
  ];
}

function join(head: readonly string[], blocks: readonly string[][]): string {
  return `${[head.join('\n'), ...blocks.map((block) => block.join('\n'))].filter((part) => part !== '').join('\n\n\n')}\n`;
}

function standardImports(body: string, dataclasses: boolean): string[] {
  return [
    'from __future__ import annotations',
    '',
    ...(dataclasses ? ['from dataclasses import dataclass'] : []),
    ...(/\bdatetime\b/.test(body) ? ['from datetime import datetime'] : []),
    ...(/\bAny\b/.test(body) ? ['from typing import Any'] : []),
  ];
}

/** Files of a Python package: dataclasses with checks, the functions to fill in, and `__init__`. */
export function renderPython(model: Model, moduleName: string): { path: string; content: string }[] {
  const folder = snakeCase(moduleName) || 'module';
  const files: { path: string; content: string }[] = [];
  const exports: string[] = [];
  if (model.entities.length > 0) {
    const blocks = model.entities.map(entityLines);
    files.push({
      path: `${folder}/entities.py`,
      content: join(standardImports(blocks.flat().join('\n'), true), blocks),
    });
    exports.push(`from .entities import ${model.entities.map(({ name }) => name).join(', ')}`);
  }
  if (model.operations.length > 0) {
    const blocks = model.operations.map(operationLines);
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
    const head = [
      ...standardImports(blocks.flat().join('\n'), false),
      ...(used.length > 0 ? ['', `from .entities import ${used.join(', ')}`] : []),
    ];
    files.push({ path: `${folder}/service.py`, content: join(head, blocks) });
    exports.push(`from .service import ${model.operations.map(({ name }) => pythonName(name)).join(', ')}`);
  }
  files.push({ path: `${folder}/__init__.py`, content: `${exports.join('\n')}\n` });
  return files;
}
