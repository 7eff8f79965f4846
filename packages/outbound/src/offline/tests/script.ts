import type { TestFramework } from '../../agents/testing.js';
import type { ClassInfo, Parameter, ParsedSource, Signature } from '../source/signature.js';
import { casesOf, familyOf } from './cases.js';

const SAMPLES = {
  string: (name: string) => `'${name.replace(/[^\w ]/g, '')}'`,
  number: () => '1',
  boolean: () => 'true',
  list: () => '[]',
  date: () => "new Date('2024-01-01T00:00:00Z')",
  callback: () => '() => undefined',
  object: () => '{}',
  unknown: () => 'undefined',
} as const;

function sample(parameter: Parameter, typed: boolean): string {
  const family = familyOf(parameter);
  const value = SAMPLES[family](parameter.name);
  const open = family === 'object' || family === 'unknown' || family === 'callback' || family === 'list';
  return typed && open ? `${value} as never` : value;
}

function callArguments(parameters: readonly Parameter[], typed: boolean): string {
  return parameters
    .filter(({ optional, rest }) => !optional && !rest)
    .map((parameter) => sample(parameter, typed))
    .join(', ');
}

/** A check that the declared result type allows; null where it declares nothing that could be checked. */
function assertion(returns: string | null, chai: boolean): string | null {
  const type = (returns ?? '').replace(/^Promise<([\s\S]*)>$/, '$1');
  const primitive = /^(string|number|boolean)$/.exec(type)?.[1];
  if (primitive !== undefined) {
    return chai ? `expect(result).to.be.a('${primitive}');` : `expect(typeof result).toBe('${primitive}');`;
  }
  if (/\[\]$|^(Readonly)?Array</.test(type)) {
    return chai ? "expect(result).to.be.an('array');" : 'expect(Array.isArray(result)).toBe(true);';
  }
  if (type === '' || /\b(void|undefined|null|any|unknown|never)\b/.test(type)) return null;
  return chai ? 'expect(result).to.not.equal(undefined);' : 'expect(result).toBeDefined();';
}

function targetOf(
  signature: Signature,
  typed: boolean,
  classes: readonly ClassInfo[],
): { setup: string[]; callee: string } {
  if (signature.owner === null) return { setup: [], callee: localName(signature) };
  const owner = classes.find(({ name }) => name === signature.owner);
  if (signature.isStatic) return { setup: [], callee: `${signature.owner}.${signature.name}` };
  return {
    setup: [
      `const subject = new ${signature.owner}(${callArguments(owner?.constructorParameters ?? [], typed)});`,
    ],
    callee: `subject.${signature.name}`,
  };
}

function localName(signature: Signature): string {
  return signature.name === 'default' ? 'subject' : signature.name;
}

function quote(text: string): string {
  return `'${text
    .replace(/\\/g, '\\\\')
    .replace(/'/g, "\\'")
    .replace(/[\r\n]+/g, ' ')}'`;
}

function suite(
  signature: Signature,
  framework: TestFramework,
  typed: boolean,
  classes: readonly ClassInfo[],
): string[] {
  const chai = framework === 'mocha';
  const { setup, callee } = targetOf(signature, typed, classes);
  const title = signature.owner === null ? localName(signature) : `${signature.owner}.${signature.name}`;
  const lines = casesOf(signature).flatMap(({ title: name, runs }) => {
    // Without a body the case is reported as pending: nobody takes it for a passing one.
    if (!runs) return [chai ? `  it(${quote(name)});` : `  it.todo(${quote(name)});`];
    const call = `${signature.async ? 'await ' : ''}${callee}(${callArguments(signature.parameters, typed)})`;
    const check = assertion(signature.returns, chai);
    const body =
      check === null
        ? ['// The signature promises no more than that the call completes.', `${call};`]
        : [`const result = ${call};`, '', check];
    const prepared = setup.length > 0 ? [...setup, '', ...body] : body;
    return [
      `  it(${quote(name)}, ${signature.async ? 'async ' : ''}() => {`,
      ...prepared.map((line) => (line === '' ? '' : `    ${line}`)),
      '  });',
      '',
    ];
  });
  while (lines.at(-1) === '') lines.pop();
  return [`describe(${quote(title)}, () => {`, ...lines, '});'];
}

/** `../src/a.js` as seen from the test file; TypeScript sources are imported by their compiled extension. */
function specifier(sourcePath: string, typed: boolean): string {
  const path = sourcePath.replace(/^\.?\//, '');
  return `../${typed ? path.replace(/\.([mc]?)tsx?$/, '.$1js') : path}`;
}

function imports(
  targets: readonly Signature[],
  classes: readonly ClassInfo[],
  path: string,
  typed: boolean,
): string[] {
  const names = new Map<string, boolean>();
  for (const target of targets) {
    const owner = classes.find(({ name }) => name === target.owner);
    names.set(target.owner ?? localName(target), owner?.defaultExport ?? target.defaultExport);
  }
  const [standard] = [...names].filter(([, isDefault]) => isDefault).map(([name]) => name);
  const named = [...names].filter(([, isDefault]) => !isDefault).map(([name]) => name);
  const parts = [
    ...(standard === undefined ? [] : [standard]),
    ...(named.length > 0 ? [`{ ${named.join(', ')} }`] : []),
  ];
  return [`import ${parts.join(', ')} from '${specifier(path, typed)}';`];
}

/** A test file in mocha with chai, vitest or jest. `targets` must not be empty. */
export function renderScriptTests(
  path: string,
  parsed: ParsedSource,
  targets: readonly Signature[],
  framework: TestFramework,
): string {
  const typed = /\.[mc]?tsx?$/.test(path);
  const header =
    framework === 'mocha'
      ? ["import { expect } from 'chai';"]
      : framework === 'vitest'
        ? ["import { describe, expect, it } from 'vitest';"]
        : [];
  const suites = targets.flatMap((target) => ['', ...suite(target, framework, typed, parsed.classes)]);
  return [...header, ...imports(targets, parsed.classes, path, typed), ...suites, ''].join('\n');
}
