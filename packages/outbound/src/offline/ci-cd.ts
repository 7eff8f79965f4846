import type { Stage, StageId } from '../agents/ci-cd.js';
import { renderActions } from './manifest/actions.js';
import type { Ecosystem } from './manifest/ecosystem.js';
import { findManifests } from './manifest/find.js';
import { nodeEcosystem } from './manifest/node.js';
import { goEcosystem, mavenEcosystem, pythonEcosystem, rustEcosystem } from './manifest/others.js';
import { configText, type OfflineAgent } from './work.js';

const NAMES: Readonly<Record<StageId, string>> = {
  install: 'Install dependencies',
  lint: 'Lint',
  typecheck: 'Check types',
  test: 'Test',
  build: 'Build',
  release: 'Release',
};

/** Checks run side by side after the install; the build waits for them, the release for everything. */
function needsOf(id: StageId, present: readonly StageId[]): StageId[] {
  const checks: StageId[] = ['lint', 'typecheck', 'test'];
  if (id === 'install') return [];
  if (checks.includes(id)) return present.filter((other) => other === 'install');
  const before = present.filter((other) => checks.includes(other));
  if (id === 'release' && present.includes('build')) return ['build'];
  return before.length > 0 ? before : present.filter((other) => other === 'install');
}

function stagesOf(ecosystem: Ecosystem, several: boolean): Stage[] {
  const present = ecosystem.steps.map(({ id }) => id);
  const label = (id: StageId): string => (several ? `${id}_${ecosystem.name}` : id);
  return ecosystem.steps.map(({ id, commands, reason }) => ({
    id: label(id),
    name: several ? `${NAMES[id]} (${ecosystem.name})` : NAMES[id],
    ecosystem: ecosystem.name,
    commands: [...commands],
    needs: needsOf(id, present).map(label),
    reason,
  }));
}

/** A pipeline from package manifests: only stages that a script, a tool or the ecosystem itself provides. */
export const ciCd: OfflineAgent<'ci_cd'> = ({ config, input }) => {
  const manifests = findManifests(input);
  const readers = [nodeEcosystem, pythonEcosystem, goEcosystem, rustEcosystem, mavenEcosystem];
  const ecosystems = readers.flatMap((read) => read(manifests) ?? []);
  const stages = ecosystems.flatMap((ecosystem) => stagesOf(ecosystem, ecosystems.length > 1));
  const notes = [...manifests.unread];
  if (ecosystems.length === 0) {
    notes.push(
      'No manifest was found: give `package_json`, `pyproject`, `requirements_txt`, `go_mod`, `cargo_toml` or `pom_xml`, or `files`.',
    );
  }
  for (const { name, steps } of ecosystems) {
    if (!steps.some(({ id }) => id === 'test')) notes.push(`The ${name} project has no tests to run.`);
    if (!steps.some(({ id }) => id === 'lint')) notes.push(`The ${name} project has no linter.`);
  }
  return {
    ecosystems: ecosystems.map(({ name, manifest, versions, packageManager }) => ({
      name,
      manifest,
      versions: [...versions],
      package_manager: packageManager,
    })),
    stages,
    pipeline: {
      provider: 'github_actions',
      path: '.github/workflows/ci.yml',
      content:
        ecosystems.length === 0 ? '' : renderActions(ecosystems, configText(config, 'branch') ?? 'main'),
    },
    notes,
  };
};
