import type { Ecosystem, SetupAction } from './ecosystem.js';

/** A JSON string is a double-quoted YAML scalar, so nothing in a manifest can break out of its place. */
function scalar(text: string): string {
  return /^[A-Za-z][\w ./@-]*$/.test(text) &&
    !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text) &&
    !text.endsWith(' ')
    ? text
    : JSON.stringify(text);
}

function setupLines(action: SetupAction): string[] {
  const entries = Object.entries(action.with ?? {});
  return [
    `      - uses: ${scalar(action.uses)}`,
    ...(entries.length > 0 ? ['        with:'] : []),
    // The matrix expression is the pipeline's own, everything else is data.
    ...entries.map(([key, value]) => `          ${key}: ${value.startsWith('${{') ? value : scalar(value)}`),
  ];
}

function jobLines(ecosystem: Ecosystem, id: string): string[] {
  const steps = ecosystem.steps.filter((step) => step.id !== 'release');
  return [
    `  ${id}:`,
    '    runs-on: ubuntu-latest',
    '    strategy:',
    '      matrix:',
    `        version: [${ecosystem.versions.map((version) => JSON.stringify(version)).join(', ')}]`,
    '    steps:',
    '      - uses: actions/checkout@v4',
    ...ecosystem.setup('${{ matrix.version }}').flatMap(setupLines),
    ...steps
      .flatMap((step) =>
        step.commands.map((command, index) => [
          `      - name: ${scalar(index === 0 ? step.id : `${step.id} ${String(index + 1)}`)}`,
          `        run: ${scalar(command)}`,
        ]),
      )
      .flat(),
  ];
}

function releaseLines(ecosystem: Ecosystem, id: string): string[] {
  const release = ecosystem.steps.find((step) => step.id === 'release');
  if (!release) return [];
  const before = ecosystem.steps.filter((step) => step.id === 'install' || step.id === 'build');
  const secrets = Object.entries(ecosystem.secrets);
  return [
    `  release-${id}:`,
    `    needs: [${id}]`,
    "    if: startsWith(github.ref, 'refs/tags/v')",
    '    runs-on: ubuntu-latest',
    '    steps:',
    '      - uses: actions/checkout@v4',
    ...ecosystem.setup(ecosystem.versions.at(-1) ?? '').flatMap(setupLines),
    ...[...before, release]
      .flatMap((step) => step.commands)
      .map((command) => `      - run: ${scalar(command)}`),
    ...(secrets.length > 0
      ? ['        env:', ...secrets.map(([name, secret]) => `          ${name}: \${{ secrets.${secret} }}`)]
      : []),
  ];
}

/** A GitHub Actions workflow: one job for each ecosystem on its versions, releases on version tags only. */
export function renderActions(ecosystems: readonly Ecosystem[], branch: string): string {
  const released = ecosystems.some(({ steps }) => steps.some(({ id }) => id === 'release'));
  return [
    'name: CI',
    'on:',
    '  push:',
    `    branches: [${JSON.stringify(branch)}]`,
    ...(released ? ['    tags: ["v*"]'] : []),
    '  pull_request: {}',
    'permissions:',
    '  contents: read',
    'jobs:',
    ...ecosystems.flatMap((ecosystem) => [
      ...jobLines(ecosystem, ecosystem.name),
      ...releaseLines(ecosystem, ecosystem.name),
    ]),
    '',
  ].join('\n');
}
