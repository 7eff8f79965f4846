/**
 * What lint proves here beyond style: the direction of imports (CONTRIBUTING, "Where a thing is"), no cycles, no deep
 * imports, no floating promises, no `any`. `test/contract/lint.test.ts` shows that each of these rules fires.
 */
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** What the sources of a package may import of the platform; services and tests may import every package. */
export const ALLOWED_IMPORTS = {
  contracts: [],
  engine: ['contracts'],
  messaging: ['contracts'],
  isolation: [],
  outbound: ['contracts', 'isolation'],
  sandbox: ['contracts', 'isolation'],
  client: ['contracts'],
  persistence: ['contracts', 'engine'],
  'service-kit': ['contracts', 'persistence', 'messaging'],
  runtime: ['contracts', 'engine', 'persistence', 'messaging'],
};

/** Services that see less than all packages. */
const NARROW_SERVICES = { cli: ['client', 'contracts'], console: ['client', 'contracts', 'engine'] };

const SERVICES = ['gateway', 'worker', 'stream', 'scheduler', 'console', 'cli'];

/** The console is for browsers and has a configuration of its own. */
const LINT_PROJECTS = ['./tsconfig.lint.json', './services/console/tsconfig.json'];

const TYPED = [
  'packages/**/*.ts',
  'services/**/*.{ts,tsx}',
  'test/**/*.ts',
  'infra/**/*.{js,ts}',
  'services/*/bin/*.js',
];
const SOURCES = ['packages/*/src/**/*.ts', 'services/*/src/**/*.{ts,tsx}'];
const TESTS = ['**/test/**/*.{ts,tsx,js}', 'test/**/*.ts'];

/** One zone per importer: all packages and services are closed but the ones that it names, and its own folder. */
function directionZones() {
  const packages = Object.keys(ALLOWED_IMPORTS);
  const zone = (target, allowed, ownService) => {
    const own = ownService ? [] : [target.split('/').at(-2)];
    const words = [...allowed].join(', ') || 'no other package';
    const message = `The direction of imports: ${target.replace('/src', '')} may import ${words}; see CONTRIBUTING.md.`;
    const except = [...own, ...allowed].map((name) => `./${name}`);
    const otherServices = SERVICES.filter((service) => service !== ownService);
    return [
      { target: `./${target}`, from: './packages', except, message },
      ...otherServices.map((service) => ({ target: `./${target}`, from: `./services/${service}`, message })),
    ];
  };
  return [
    ...packages.flatMap((name) => zone(`packages/${name}/src`, ALLOWED_IMPORTS[name], undefined)),
    ...SERVICES.flatMap((name) => zone(`services/${name}/src`, NARROW_SERVICES[name] ?? packages, name)),
  ];
}

const DEEP_IMPORT = {
  regex: '^@millrace/[^/]+/.|^\\.{1,2}/(.*/)?[A-Za-z0-9_-]+/(src|dist)/',
  message: "A package's only door is its name: import from '@millrace/<name>'.",
};

// no-restricted-imports does not look at import().
const DYNAMIC_DEEP_IMPORT = {
  selector: `ImportExpression[source.value=/${DEEP_IMPORT.regex.replaceAll('/', '\\u002f')}/]`,
  message: DEEP_IMPORT.message,
};

const NOT_ONLY_NOT_SKIPPED = {
  selector:
    'MemberExpression[object.name=/^(describe|it|specify|suite|test)$/][property.name=/^(only|skip)$/], MemberExpression[object.name=/^context$/][property.name=/^only$/], CallExpression[callee.name=/^(xdescribe|xcontext|xit|xspecify)$/]',
  message: 'Neither leave the others out nor skip a test silently.',
};

const DOUBLE_ASSERTION = {
  selector: 'TSAsExpression > TSAsExpression',
  message: 'Two assertions in a row prove nothing: write a type guard, or parse with a schema.',
};

const restrictedSyntax = (...more) => ['error', DYNAMIC_DEEP_IMPORT, DOUBLE_ASSERTION, ...more];

export default tseslint.config(
  {
    ignores: [
      '**/dist/',
      '**/node_modules/',
      '**/coverage/',
      '.data/',
      'test/lint/fixtures/',
      'test/bench/results/',
    ],
  },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  {
    name: 'millrace/parsing',
    files: ['**/*.{js,ts,tsx}'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { project: LINT_PROJECTS, tsconfigRootDir: import.meta.dirname },
    },
    settings: {
      'import-x/extensions': ['.js', '.ts', '.tsx'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
      'import-x/internal-regex': '^@millrace/',
      // Without this resolver `./x.js` is not found to be x.ts, and no-cycle passes everything.
      'import-x/resolver-next': [
        createTypeScriptImportResolver({
          project: LINT_PROJECTS.map((project) => `${import.meta.dirname}/${project}`),
          noWarnOnMultipleProjects: true,
          conditionNames: ['source', 'types', 'import', 'node', 'default'],
        }),
      ],
    },
    plugins: { 'import-x': importX, '@typescript-eslint': tseslint.plugin },
  },
  { files: TYPED, extends: [tseslint.configs.strictTypeChecked] },
  {
    name: 'millrace/code',
    files: TYPED,
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
      'no-restricted-imports': ['error', { patterns: [DEEP_IMPORT] }],
      'no-restricted-syntax': restrictedSyntax(),
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-assertions': [
        'error',
        { assertionStyle: 'as', objectLiteralTypeAssertions: 'never', arrayLiteralTypeAssertions: 'never' },
      ],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      '@typescript-eslint/prefer-optional-chain': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // Numbers read well in templates; `String(n)` everywhere would only be noise.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Believes that what a callback changes never changes, and every optimistic library type.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Things are made by functions here and their methods know no `this`.
      '@typescript-eslint/unbound-method': 'off',
      // TypeORM's options are classes that everyone fills with literals.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // `async` without `await` is how an implementation turns its throws into rejections.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    name: 'millrace/imports',
    files: TYPED,
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-self-import': 'error',
      'import-x/no-unresolved': ['error', { ignore: ['\\.json$'] }],
      'import-x/no-duplicates': 'error',
      'import-x/no-mutable-exports': 'error',
      'import-x/no-default-export': 'error',
    },
  },
  {
    name: 'millrace/direction',
    files: SOURCES,
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones: directionZones() }],
      'import-x/no-relative-packages': 'error',
      'import-x/no-extraneous-dependencies': ['error', { devDependencies: false }],
    },
  },
  {
    name: 'millrace/runs-in-browsers',
    files: ['packages/{contracts,engine,client}/src/**/*.ts'],
    // What the browser's condition of the package replaces.
    ignores: ['packages/client/src/socket/node.ts'],
    rules: { 'import-x/no-nodejs-modules': 'error' },
  },
  {
    name: 'millrace/pure-engine',
    files: ['packages/engine/src/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'setTimeout', 'setInterval', 'setImmediate', 'performance', 'crypto', 'fetch'].map(
          (name) => ({
            name,
            message: 'The engine is pure: time, chance and the world are passed in.',
          }),
        ),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'The engine is pure: randomness is passed in.' },
        { object: 'Date', property: 'now', message: 'The engine is pure: the time is passed in.' },
      ],
      'no-restricted-syntax': restrictedSyntax({
        selector: "NewExpression[callee.name='Date'][arguments.length=0]",
        message: 'The engine is pure: the time is passed in.',
      }),
    },
  },
  {
    name: 'millrace/tests',
    files: TESTS,
    rules: {
      // chai asserts by reading a property: expect(x).to.be.true
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      'no-restricted-syntax': restrictedSyntax(NOT_ONLY_NOT_SKIPPED),
    },
  },
  {
    name: 'millrace/plain-javascript',
    files: ['infra/**/*.js'],
    rules: {
      // JSON.parse and dynamic imports give `any`, which plain JavaScript has no terse way to name.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // mocha takes a reporter only as a default export.
      'import-x/no-default-export': 'off',
    },
  },
  {
    name: 'millrace/console',
    files: ['services/console/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.flat.recommended.rules,
      'react-hooks/exhaustive-deps': 'error',
      // Says that React's compiler passes over a component; there is no compiler here.
      'react-hooks/incompatible-library': 'off',
      // Handlers of React return nothing that anybody waits for.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
    },
  },
  { name: 'millrace/talkative', files: ['services/cli/**', 'infra/**'], rules: { 'no-console': 'off' } },
  {
    name: 'millrace/tools',
    files: ['*.config.{js,ts}', 'services/*/*.config.ts'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { 'import-x/no-default-export': 'off' },
  },
);
