import { TEST_FRAMEWORKS, type TestFramework, type TestingOutput } from '../agents/testing.js';
import { findFiles, isHandWritten, type InputFile } from './files.js';
import { isTestPath, languageOf } from './source/language.js';
import { maskSource } from './source/mask.js';
import { parseSource } from './source/parse.js';
import type { ParsedSource, Signature } from './source/signature.js';
import { casesOf } from './tests/cases.js';
import { renderPytest } from './tests/pytest.js';
import { renderScriptTests } from './tests/script.js';
import { configText, type OfflineAgent } from './work.js';

type TestFile = TestingOutput['files'][number];

function frameworkFor(path: string, wanted: string | undefined): TestFramework {
  if (languageOf(path) === 'python') return 'pytest';
  const named = TEST_FRAMEWORKS.find((framework) => framework === wanted);
  return named === undefined || named === 'pytest' ? 'mocha' : named;
}

function testPath(path: string, framework: TestFramework): string {
  const bare = path.replace(/^\.?\//, '');
  if (framework === 'pytest') {
    const name = bare.replace(/\.pyi?$/, '').replace(/[^\w]+/g, '_');
    return `tests/test_${name}.py`;
  }
  return `test/${bare.replace(/^src\//, '').replace(/\.([mc]?[jt]sx?)$/, '.test.$1')}`;
}

/** What other modules can reach; where a file exports nothing at all, its top-level functions. */
function targetsOf(parsed: ParsedSource): Signature[] {
  const reachable = parsed.functions.filter(
    ({ exported, topLevel, name }) => topLevel && exported && !name.startsWith('__'),
  );
  if (reachable.length > 0) return reachable;
  return parsed.functions.filter(
    ({ topLevel, owner, name }) => topLevel && owner === null && !name.startsWith('_'),
  );
}

function relative(path: string, testFile: string, content: string): string {
  // Test files in deeper folders climb further up to the root.
  const climbs = testFile.split('/').length - 1;
  return climbs <= 1 ? content : content.replace(/from '\.\.\//g, `from '${'../'.repeat(climbs)}`);
}

interface Tested {
  readonly file: TestFile;
  readonly targets: TestingOutput['targets'];
}

function writeTests(source: InputFile, wanted: string | undefined): Tested | undefined {
  const language = languageOf(source.path);
  const parsed = parseSource(maskSource(source.content, language), language);
  const targets = targetsOf(parsed);
  if (targets.length === 0) return undefined;
  const framework = frameworkFor(source.path, wanted);
  const path = testPath(source.path, framework);
  const content =
    framework === 'pytest'
      ? renderPytest(source.path, parsed, targets)
      : relative(source.path, path, renderScriptTests(source.path, parsed, targets, framework));
  return {
    file: { path, framework, source_path: source.path, content },
    targets: targets.map((target) => ({
      path: source.path,
      name: target.owner === null ? target.name : `${target.owner}.${target.name}`,
      kind: target.owner === null ? 'function' : 'method',
      line: target.line,
      parameters: target.parameters.map(({ name }) => name),
      async: target.async,
      throws: target.throws,
      branches: target.branches,
      cases: casesOf(target).map(({ title }) => title),
    })),
  };
}

/**
 * Test skeletons from the signatures of TypeScript, JavaScript and Python files: a running typical case for each
 * function, and pending ones for the edges whose expected result no signature tells.
 */
export const testing: OfflineAgent<'testing'> = ({ config, input }) => {
  const all = findFiles(input).filter(isHandWritten);
  const known = all.filter(({ path }) => languageOf(path) !== 'other');
  const sources = known.filter(({ path }) => !isTestPath(path));
  const tested = sources.flatMap((source) => writeTests(source, configText(config, 'framework')) ?? []);
  const targets = tested.flatMap((one) => one.targets);
  const notes: string[] = [];
  if (known.length === 0)
    notes.push(
      'No TypeScript, JavaScript or Python source was found: give `files` as [{path, content}], or `code`.',
    );
  const skipped = sources.filter(({ path }) => !tested.some(({ file }) => file.source_path === path));
  if (skipped.length > 0) notes.push(`Nothing to test in ${skipped.map(({ path }) => path).join(', ')}.`);
  const cases = targets.reduce((sum, target) => sum + target.cases.length, 0);
  return {
    files: tested.map(({ file }) => file),
    targets,
    summary: { source_files: sources.length, targets: targets.length, cases },
    notes,
  };
};
