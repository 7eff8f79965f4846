import type { ClassInfo, Parameter, ParsedSource, Signature } from '../source/signature.js';
import { casesOf, familyOf } from './cases.js';

const SAMPLES = {
  string: (name: string) => `"${name}"`,
  number: () => '1',
  boolean: () => 'True',
  list: () => '[]',
  date: () => 'datetime(2024, 1, 1)',
  callback: () => 'lambda *args: None',
  object: () => '{}',
  unknown: () => 'None',
} as const;

const RESULT_TYPES: Readonly<Record<string, string>> = {
  str: 'str',
  int: 'int',
  float: '(int, float)',
  bool: 'bool',
  list: 'list',
  dict: 'dict',
};

function callArguments(parameters: readonly Parameter[]): string {
  return parameters
    .filter(({ optional, rest }) => !optional && !rest)
    .map((parameter) => `${parameter.name}=${SAMPLES[familyOf(parameter)](parameter.name)}`)
    .join(', ');
}

function snake(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 80);
}

function assertion(returns: string | null): string | null {
  const base = /^\w+/.exec(returns ?? '')?.[0] ?? '';
  const type = RESULT_TYPES[base.toLowerCase()];
  if (type !== undefined) return `assert isinstance(result, ${type})`;
  return returns === null || /\b(None|Any|Optional)\b/.test(returns) ? null : 'assert result is not None';
}

function testsOf(signature: Signature, classes: readonly ClassInfo[]): string[] {
  const prefix = `test_${snake(signature.owner === null ? signature.name : `${signature.owner}_${signature.name}`)}`;
  const owner = classes.find(({ name }) => name === signature.owner);
  const instance =
    owner && !signature.isStatic
      ? [`    subject = ${owner.name}(${callArguments(owner.constructorParameters)})`]
      : [];
  const callee =
    signature.owner === null
      ? signature.name
      : `${signature.isStatic ? signature.owner : 'subject'}.${signature.name}`;
  const call = `${callee}(${callArguments(signature.parameters)})`;
  return casesOf(signature).flatMap(({ title, runs }) => {
    const name = `${prefix}_${snake(title)}`;
    if (!runs)
      return [
        '',
        '',
        '@pytest.mark.skip(reason="expected behaviour is not stated in the signature")',
        `def ${name}():`,
        `    """${title.replace(/["\\]/g, "'")}"""`,
      ];
    const run = signature.async ? `asyncio.run(${call})` : call;
    const check = assertion(signature.returns);
    const body =
      check === null
        ? ['    # The signature promises no more than that the call completes.', `    ${run}`]
        : [`    result = ${run}`, '', `    ${check}`];
    return ['', '', `def ${name}():`, ...instance, ...body];
  });
}

/** A pytest file. `targets` must not be empty. */
export function renderPytest(path: string, parsed: ParsedSource, targets: readonly Signature[]): string {
  const module = path
    .replace(/^\.?\//, '')
    .replace(/\.pyi?$/, '')
    .replace(/\/__init__$/, '')
    .replace(/\//g, '.')
    .replace(/[^\w.]/g, '_');
  const body = targets.flatMap((target) => testsOf(target, parsed.classes));
  const uses = (word: string): boolean => body.some((line) => line.includes(word));
  const names = [...new Set(targets.map(({ owner, name }) => owner ?? name))].sort();
  const standard = [
    ...(uses('asyncio.') ? ['import asyncio'] : []),
    ...(uses('datetime(') ? ['from datetime import datetime'] : []),
  ];
  const lines = [
    ...standard,
    ...(standard.length > 0 ? [''] : []),
    ...(uses('pytest.') ? ['import pytest', ''] : []),
    `from ${module} import ${names.join(', ')}`,
  ];
  return [...lines, ...body, ''].join('\n');
}
