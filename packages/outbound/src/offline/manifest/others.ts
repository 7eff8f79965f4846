import type { Ecosystem, Step } from './ecosystem.js';
import type { Manifests } from './find.js';

const PYTHONS = ['3.9', '3.10', '3.11', '3.12', '3.13'];

function pythonVersions(requirement: string | undefined): string[] {
  const lower = /(?:>=|\^|~=)\s*3\.(\d+)/.exec(requirement ?? '')?.[1];
  const upper = /<\s*3\.(\d+)/.exec(requirement ?? '')?.[1];
  const minor = (version: string): number => Number(version.split('.')[1]);
  const fits = PYTHONS.filter(
    (version) =>
      (lower === undefined || minor(version) >= Number(lower)) &&
      (upper === undefined || minor(version) < Number(upper)),
  );
  return requirement === undefined || fits.length === 0 ? ['3.12'] : fits;
}

export function pythonEcosystem({ pyproject, requirements, files }: Manifests): Ecosystem | undefined {
  if (pyproject === null && requirements === null) return undefined;
  const text = `${pyproject ?? ''}\n${requirements ?? ''}`;
  const uses = (tool: string): boolean =>
    new RegExp(`(?:^|["'\\s[.])${tool}(?:$|["'\\s\\]=<>~!,;.])`, 'm').test(text);
  const poetry = /\[tool\.poetry\]/.test(text);
  const uv = files.has('uv.lock') || /\[tool\.uv\]/.test(text);
  const manager = poetry ? 'poetry' : uv ? 'uv' : 'pip';
  const run = poetry ? 'poetry run ' : uv ? 'uv run ' : '';
  const extra = /\[project\.optional-dependencies\][\s\S]*?^\s*(dev|test|tests)\s*=/m.exec(text)?.[1];
  const install = poetry
    ? ['pip install poetry', 'poetry install']
    : uv
      ? ['pip install uv', 'uv sync']
      : [
          ...(requirements === null ? [] : ['pip install -r requirements.txt']),
          ...(pyproject === null ? [] : [`pip install -e ${extra === undefined ? '.' : `".[${extra}]"`}`]),
        ];
  const steps: Step[] = [
    { id: 'install', commands: install, reason: pyproject === null ? 'requirements.txt' : 'pyproject.toml' },
  ];
  const linters = [
    ['ruff', 'ruff check .'],
    ['flake8', 'flake8'],
    ['pylint', 'pylint **/*.py'],
    ['black', 'black --check .'],
  ] as const;
  const lint = linters.filter(([tool]) => uses(tool));
  if (lint.length > 0)
    steps.push({
      id: 'lint',
      commands: lint.map(([, command]) => run + command),
      reason: lint.map(([tool]) => tool).join(', '),
    });
  const types = [
    ['mypy', 'mypy .'],
    ['pyright', 'pyright'],
  ] as const;
  const checker = types.find(([tool]) => uses(tool));
  if (checker) steps.push({ id: 'typecheck', commands: [run + checker[1]], reason: checker[0] });
  if (uses('pytest')) steps.push({ id: 'test', commands: [`${run}pytest`], reason: 'pytest' });
  else if (uses('tox')) steps.push({ id: 'test', commands: [`${run}tox`], reason: 'tox' });
  else if (uses('django'))
    steps.push({ id: 'test', commands: [`${run}python manage.py test`], reason: 'django' });
  else
    steps.push({
      id: 'test',
      commands: [`${run}python -m unittest discover`],
      reason: 'no test tool is named; unittest needs none',
    });
  const packaged = /\[build-system\]|\[tool\.poetry\]/.test(text);
  if (packaged) {
    steps.push({
      id: 'build',
      commands: poetry ? ['poetry build'] : uv ? ['uv build'] : ['pip install build', 'python -m build'],
      reason: 'a build system is configured',
    });
    steps.push({
      id: 'release',
      commands: poetry
        ? ['poetry publish']
        : uv
          ? ['uv publish']
          : ['pip install twine', 'twine upload dist/*'],
      reason: 'the project builds a package',
    });
  }
  const required = /(?:requires-python|^python)\s*=\s*["']([^"']+)["']/m.exec(text)?.[1];
  return {
    name: 'python',
    manifest: pyproject === null ? 'requirements.txt' : 'pyproject.toml',
    versions: pythonVersions(required),
    packageManager: manager,
    setup: (version) => [{ uses: 'actions/setup-python@v5', with: { 'python-version': version } }],
    steps,
    secrets: packaged ? { TWINE_PASSWORD: 'PYPI_TOKEN' } : {},
  };
}

export function goEcosystem({ goMod, files }: Manifests): Ecosystem | undefined {
  if (goMod === null) return undefined;
  const linter = files.has('.golangci.yml') || files.has('.golangci.yaml');
  return {
    name: 'go',
    manifest: 'go.mod',
    versions: [/^\s*go\s+(\d+\.\d+(?:\.\d+)?)/m.exec(goMod)?.[1] ?? 'stable'],
    packageManager: 'go',
    setup: (version) => [{ uses: 'actions/setup-go@v5', with: { 'go-version': version } }],
    steps: [
      { id: 'install', commands: ['go mod download'], reason: 'go.mod' },
      {
        id: 'lint',
        commands: linter
          ? ['go vet ./...', 'golangci-lint run']
          : ['go vet ./...', 'test -z "$(gofmt -l .)"'],
        reason: 'go vet and gofmt come with Go',
      },
      { id: 'test', commands: ['go test -race ./...'], reason: 'go test comes with Go' },
      {
        id: 'build',
        commands: ['go build ./...'],
        reason: `module ${/^\s*module\s+(\S+)/m.exec(goMod)?.[1] ?? ''}`.trim(),
      },
    ],
    secrets: {},
  };
}

export function rustEcosystem({ cargo }: Manifests): Ecosystem | undefined {
  if (cargo === null) return undefined;
  const version = /^\s*rust-version\s*=\s*"([\d.]+)"/m.exec(cargo)?.[1] ?? 'stable';
  const publishes =
    !/^\s*publish\s*=\s*false/m.test(cargo) &&
    /^\s*version\s*=/m.test(cargo) &&
    /^\s*description\s*=/m.test(cargo);
  return {
    name: 'rust',
    manifest: 'Cargo.toml',
    versions: [version],
    packageManager: 'cargo',
    setup: (toolchain) => [
      { uses: 'dtolnay/rust-toolchain@master', with: { toolchain, components: 'rustfmt, clippy' } },
    ],
    steps: [
      { id: 'install', commands: ['cargo fetch'], reason: 'Cargo.toml' },
      {
        id: 'lint',
        commands: ['cargo fmt --check', 'cargo clippy --all-targets -- -D warnings'],
        reason: 'rustfmt and clippy come with Rust',
      },
      { id: 'test', commands: ['cargo test --all'], reason: 'cargo test comes with Rust' },
      { id: 'build', commands: ['cargo build --release'], reason: 'Cargo.toml' },
      ...(publishes
        ? [
            {
              id: 'release',
              commands: ['cargo publish'],
              reason: 'the crate has a version and a description',
            } as const,
          ]
        : []),
    ],
    secrets: publishes ? { CARGO_REGISTRY_TOKEN: 'CARGO_REGISTRY_TOKEN' } : {},
  };
}

export function mavenEcosystem({ pom }: Manifests): Ecosystem | undefined {
  if (pom === null) return undefined;
  const version =
    /<(?:maven\.compiler\.(?:release|source)|java\.version)>\s*(?:1\.)?(\d+)/.exec(pom)?.[1] ?? '21';
  const checkstyle = pom.includes('maven-checkstyle-plugin');
  return {
    name: 'maven',
    manifest: 'pom.xml',
    versions: [version],
    packageManager: 'mvn',
    setup: (java) => [
      {
        uses: 'actions/setup-java@v4',
        with: { distribution: 'temurin', 'java-version': java, cache: 'maven' },
      },
    ],
    steps: [
      { id: 'install', commands: ['mvn -B dependency:go-offline'], reason: 'pom.xml' },
      ...(checkstyle
        ? [{ id: 'lint', commands: ['mvn -B checkstyle:check'], reason: 'maven-checkstyle-plugin' } as const]
        : []),
      { id: 'test', commands: ['mvn -B test'], reason: 'Maven runs tests by convention' },
      { id: 'build', commands: ['mvn -B -DskipTests package'], reason: 'pom.xml' },
      ...(pom.includes('<distributionManagement>')
        ? [
            {
              id: 'release',
              commands: ['mvn -B -DskipTests deploy'],
              reason: 'distributionManagement',
            } as const,
          ]
        : []),
    ],
    secrets: {},
  };
}
