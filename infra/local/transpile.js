/**
 * JavaScript from TypeScript without checking types: seconds where `tsc -b` takes minutes on a small machine.
 * For `npm start` alone. What it writes is what the compiler would write; `tsc -b` later finds no record of it, checks
 * everything and writes it again.
 */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { filesBelow } from './files.js';
import { inRoot } from './paths.js';

/**
 * Writes `dist` of each project: the files whose source is newer.
 * @param {string[]} projects relative to the checkout, each with `src`
 * @returns {number} how many files were written
 */
export function transpile(projects) {
  const { compilerOptions } = JSON.parse(readFileSync(inRoot('tsconfig.base.json'), 'utf8'));
  // A file alone does not say that its package is `type: module`, which NodeNext would ask for.
  const { options } = ts.convertCompilerOptionsFromJson({ ...compilerOptions, module: 'ESNext' }, inRoot());
  return projects
    .flatMap((project) => filesBelow(inRoot(project, 'src')).map((source) => ({ project, source })))
    .filter(({ source }) => source.endsWith('.ts') && !source.endsWith('.d.ts'))
    .filter(({ project, source }) => writeIfNewer(source, targetOf(project, source), options)).length;
}

/**
 * @param {string} project
 * @param {string} source
 */
const targetOf = (project, source) =>
  inRoot(project, 'dist', path.relative(inRoot(project, 'src'), source).replace(/\.ts$/, '.js'));

/**
 * @param {string} source
 * @param {string} target
 * @param {ts.CompilerOptions} options
 */
function writeIfNewer(source, target, options) {
  if (existsSync(target) && statSync(target).mtimeMs > statSync(source).mtimeMs) return false;
  const { outputText, sourceMapText = '' } = ts.transpileModule(readFileSync(source, 'utf8'), {
    compilerOptions: options,
    fileName: path.relative(path.dirname(target), source),
  });
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(`${target}.map`, sourceMapText);
  writeFileSync(target, outputText);
  return true;
}
