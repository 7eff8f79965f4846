/**
 * Proves that the rules which hold the architecture fire: a rule that resolves nothing passes everything in silence.
 * Fixtures lie in test/lint/fixtures, outside of `eslint .`; where a file must lie inside a package to be judged, its
 * text is linted under a path there that does not exist.
 */
import path from 'node:path';
import { expect } from 'chai';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const root = path.resolve(import.meta.dirname, '../..');
const fixtures = path.join(root, 'test/lint/fixtures');

const withoutProject = {
  files: ['**/*.ts'],
  languageOptions: { parserOptions: { project: null } },
};

/** CONTRIBUTING's arrows, written out on purpose rather than read from the configuration under test. */
const ANY_PACKAGE = [
  'contracts',
  'engine',
  'isolation',
  'messaging',
  'outbound',
  'persistence',
  'sandbox',
  'service-kit',
  'runtime',
  'client',
];
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  'packages/contracts': [],
  'packages/isolation': [],
  'packages/engine': ['contracts'],
  'packages/messaging': ['contracts'],
  'packages/outbound': ['contracts', 'isolation'],
  'packages/sandbox': ['contracts', 'isolation'],
  'packages/client': ['contracts'],
  'packages/persistence': ['contracts', 'engine'],
  'packages/service-kit': ['contracts', 'persistence', 'messaging'],
  'packages/runtime': ['contracts', 'engine', 'persistence', 'messaging'],
  'services/gateway': ANY_PACKAGE,
  'services/worker': ANY_PACKAGE,
  'services/stream': ANY_PACKAGE,
  'services/scheduler': ANY_PACKAGE,
  'services/cli': ['contracts', 'client'],
};

describe('lint', function () {
  // Loading the type information of the fixtures takes seconds on a busy machine.
  this.timeout(60_000);

  describe('rules that need no types', () => {
    const untyped = new ESLint({
      cwd: root,
      overrideConfig: [tseslint.configs.disableTypeChecked, withoutProject],
    });

    async function rulesAt(file: string, code: string): Promise<string[]> {
      return rulesOf(await untyped.lintText(code, { filePath: path.join(root, file) }));
    }

    const names = Object.keys(ARROWS).map((workspace) => path.basename(workspace));
    for (const [workspace, allowed] of Object.entries(ARROWS)) {
      for (const name of names.filter((other) => other !== path.basename(workspace))) {
        const verb = allowed.includes(name) ? 'may' : 'may not';
        it(`${workspace} ${verb} import ${name}`, async () => {
          const rules = await rulesAt(`${workspace}/src/fixture.ts`, `export * from '@millrace/${name}';\n`);
          expect(rules.includes('import-x/no-restricted-paths')).to.equal(!allowed.includes(name));
          expect(rules).not.to.include('import-x/no-unresolved');
        });
      }
    }

    it('follows dynamic imports and imports of types too', async () => {
      const dynamic = await rulesAt(
        'packages/contracts/src/fixture.ts',
        `await import('@millrace/runtime');\n`,
      );
      const types = await rulesAt(
        'packages/contracts/src/fixture.ts',
        `export type { Queryable } from '@millrace/persistence';\n`,
      );
      expect(dynamic).to.include('import-x/no-restricted-paths');
      expect(types).to.include('import-x/no-restricted-paths');
    });

    const deep: [string, string, string][] = [
      ['by name', 'services/worker/src/fixture.ts', '@millrace/runtime/src/claim.js'],
      ['by name into the build', 'services/worker/src/fixture.ts', '@millrace/runtime/dist/claim.js'],
      ['by path', 'packages/runtime/src/fixture.ts', '../../persistence/src/pool.js'],
      ['by path from a test', 'packages/runtime/test/fixture.test.ts', '../../persistence/src/pool.js'],
      [
        'by path from the common tests',
        'test/integration/fixture.test.ts',
        '../../packages/runtime/src/claim.js',
      ],
    ];
    for (const [how, file, specifier] of deep) {
      it(`refuses a deep import ${how}`, async () => {
        expect(await rulesAt(file, `export * from '${specifier}';\n`)).to.include('no-restricted-imports');
        expect(await rulesAt(file, `await import('${specifier}');\n`)).to.include('no-restricted-syntax');
      });
    }

    it("lets a package's own test import its sources", async () => {
      const rules = await rulesAt(
        'packages/engine/test/graph/fixture.test.ts',
        `export * from '../../src/status.js';\n`,
      );
      expect(rules).to.be.empty;
    });

    it('leaves the doors of other libraries to them', async () => {
      const rules = await rulesAt('packages/runtime/src/fixture.ts', `export * from 'ajv/dist/2020.js';\n`);
      expect(rules).to.be.empty;
    });

    it('refuses a relative way into another package even through its door', async () => {
      const rules = await rulesAt(
        'packages/runtime/src/fixture.ts',
        `export * from '../../contracts/src/index.js';\n`,
      );
      expect(rules).to.include('import-x/no-relative-packages');
    });

    it('refuses what package.json does not name', async () => {
      const rules = await rulesAt('packages/engine/src/fixture.ts', `export * from 'pg';\n`);
      expect(rules).to.include('import-x/no-extraneous-dependencies');
    });

    it("keeps Node's own modules out of what runs in browsers", async () => {
      for (const name of ['contracts', 'engine', 'client']) {
        const rules = await rulesAt(`packages/${name}/src/fixture.ts`, `import 'node:fs';\n`);
        expect(rules, name).to.include('import-x/no-nodejs-modules');
      }
    });

    it('keeps the clock, chance and the world out of the engine', async () => {
      const file = 'packages/engine/src/fixture.ts';
      expect(await rulesAt(file, `export const a = Math.random();\n`)).to.include('no-restricted-properties');
      expect(await rulesAt(file, `export const a = Date.now();\n`)).to.include('no-restricted-properties');
      expect(await rulesAt(file, `export const a = new Date();\n`)).to.include('no-restricted-syntax');
      expect(await rulesAt(file, `export const a = process.pid;\n`)).to.include('no-restricted-globals');
    });

    it('refuses console outside of the cli and infra', async () => {
      const code = `console.log('hello');\n`;
      expect(await rulesAt('services/worker/src/fixture.ts', code)).to.include('no-console');
      expect(await rulesAt('services/cli/src/fixture.ts', code)).not.to.include('no-console');
    });
  });

  describe('rules on fixtures, with types', () => {
    const typed = new ESLint({
      cwd: root,
      ignore: false,
      overrideConfig: [
        {
          files: ['**/*.ts'],
          languageOptions: { parserOptions: { project: [path.join(fixtures, 'tsconfig.json')] } },
        },
      ],
    });

    async function rulesIn(fixture: string): Promise<string[]> {
      return rulesOf(await typed.lintFiles(path.join(fixtures, fixture)));
    }

    const expected: [string, string[]][] = [
      ['cycle/first.ts', ['import-x/no-cycle']],
      ['floating-promise.ts', ['@typescript-eslint/no-floating-promises']],
      ['misused-promise.ts', ['@typescript-eslint/no-misused-promises']],
      [
        'loose-types.ts',
        [
          '@typescript-eslint/consistent-type-imports',
          '@typescript-eslint/no-explicit-any',
          '@typescript-eslint/no-non-null-assertion',
          'no-restricted-syntax',
        ],
      ],
      ['silenced.ts', ['@typescript-eslint/no-explicit-any', 'no-console']],
    ];
    for (const [fixture, rules] of expected) {
      it(`${fixture} breaks ${rules.join(', ')}`, async () => {
        expect(await rulesIn(fixture)).to.include.members(rules);
      });
    }

    it('finds tests that are alone or left out', async () => {
      const findings = await rulesIn('left-out.test.ts');
      expect(findings.filter((rule) => rule === 'no-restricted-syntax')).to.have.length(3);
    });
  });

  it('leaves the fixtures alone when the repository is linted', async () => {
    const eslint = new ESLint({ cwd: root });
    expect(await eslint.isPathIgnored(path.join(fixtures, 'cycle/first.ts'))).to.equal(true);
  });
});

function rulesOf(results: readonly ESLint.LintResult[]): string[] {
  return results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => ruleId ?? message));
}
