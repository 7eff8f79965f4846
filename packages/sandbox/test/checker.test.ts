import { type CodeChecker, type CodeProblem, createCodeChecker } from '@millrace/sandbox';
import { expect } from 'chai';

describe('checking code', function () {
  this.timeout(60_000);
  let checker: CodeChecker;
  before(() => {
    checker = createCodeChecker({ timeoutMs: 30_000 });
  });
  after(() => checker.stop());

  const check = (
    source: string,
    language: 'javascript' | 'typescript' = 'javascript',
  ): Promise<CodeProblem | undefined> => checker.check({ language, source });

  it('finds nothing in what runs', async () => {
    for (const source of [
      'return 1;',
      '// nothing',
      'for await (const part of input) await part; return input?.rows ?? [];',
      'export default (input) => input;',
      'function helper() {}\nexport default class {}',
    ])
      expect(await check(source), source).to.equal(undefined);
    expect(await check('interface Row { n: number }\nreturn (input as Row).n;', 'typescript')).to.equal(
      undefined,
    );
  });

  it('says what is wrong, and where', async () => {
    expect(await check('const one = 1;\nretrun one;')).to.deep.equal({
      ...{ message: "SyntaxError: expecting ';'", line: 2, column: 8 },
    });
    expect(await check('const n: number = ;\nreturn n;', 'typescript')).to.deep.equal({
      ...{ message: 'Expression expected', line: 1, column: 19 },
    });
    const module = await check('export const a = 1;\nexport default (input) => {{ input;');
    expect(module).to.include({ line: 2 });
    expect(await check('enum Color { Red }', 'typescript')).to.deep.include({ line: 1, column: 1 });
  });

  it('finds the end of the source where something is missing there', async () => {
    expect(await check('function f() {\n  return 1;')).to.deep.equal({
      ...{ message: 'SyntaxError: the source ends where more is expected', line: 2, column: 12 },
    });
  });

  it('finds imports, for there is nothing to import', async () => {
    const problem = await check("import fs from 'fs';\nexport default () => fs;");
    expect(problem?.message).to.contain('cannot be imported');
  });

  it('runs nothing of it, not even what closes the function around it', async () => {
    expect(await check('while (true) {}')).to.equal(undefined);
    expect(await check('}); while (true) {} (async function () {')).to.equal(undefined);
    expect(await check('while (true) {}\nexport default 1;')).to.equal(undefined);
  });

  it('finds what nests too deeply, and goes on with the next', async () => {
    const nested = `return ${'['.repeat(60_000)}${']'.repeat(60_000)};`;
    for (const language of ['javascript', 'typescript'] as const) {
      expect((await check(nested, language))?.message).to.contain('nests too deeply');
      expect(await check('return 1;', language)).to.equal(undefined);
    }
  });

  it('gives up when it is told to', async () => {
    const abort = new AbortController();
    const checking = checker.check({ language: 'javascript', source: '(' }, abort.signal);
    abort.abort();
    expect(await checking).to.equal(undefined);
    expect((await check('('))?.message).to.contain('SyntaxError');
  });
});
