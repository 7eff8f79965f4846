import { expect } from 'chai';
import { parse as parseYaml } from 'yaml';
import * as z from 'zod';
import { work } from '../support/offline.js';

const NODE = {
  name: 'shop',
  version: '1.0.0',
  private: true,
  engines: { node: '>=20.19' },
  scripts: { lint: 'eslint .', test: 'mocha', build: 'tsc -b', 'pre: "x"': 'y' },
  devDependencies: { typescript: '^6.0.0' },
};

const workflow = z.looseObject({
  jobs: z.record(
    z.string(),
    z.looseObject({ steps: z.array(z.looseObject({ run: z.string().optional() })) }),
  ),
});

function parse(text: string): z.infer<typeof workflow> {
  return workflow.parse(parseYaml(text));
}

describe('offline CI/CD', () => {
  it('takes stages from the scripts of a package.json', async () => {
    const { stages, ecosystems, pipeline } = work('ci_cd', { package_json: NODE });

    expect(stages.map(({ id, commands, needs }) => [id, commands, needs])).to.deep.equal([
      ['install', ['npm ci'], []],
      ['lint', ['npm run lint'], ['install']],
      ['test', ['npm test'], ['install']],
      ['build', ['npm run build'], ['lint', 'test']],
    ]);
    expect(ecosystems[0]?.versions).to.deep.equal(['20', '22', '24']);
    const yaml = parse(pipeline.content);
    expect(yaml)
      .to.have.nested.property('jobs.node.strategy.matrix.version')
      .that.deep.equals(['20', '22', '24']);
    const runs = yaml.jobs['node']?.steps.flatMap((step) => step.run ?? []);
    expect(runs).to.deep.equal(stages.flatMap(({ commands }) => commands));
  });

  it('gives another pipeline for another manifest', async () => {
    const pyproject =
      '[project]\nname = "a"\nrequires-python = ">=3.11"\ndependencies = ["fastapi"]\n[project.optional-dependencies]\ndev = ["pytest", "ruff", "mypy"]\n[build-system]\nrequires = ["hatchling"]\n';
    const { stages, ecosystems, pipeline } = work(
      'ci_cd',
      { files: [{ path: 'pyproject.toml', content: pyproject }] },
      { branch: 'trunk' },
    );
    expect(stages.map(({ id }) => id)).to.deep.equal([
      'install',
      'lint',
      'typecheck',
      'test',
      'build',
      'release',
    ]);
    expect(stages[0]?.commands).to.deep.equal(['pip install -e ".[dev]"']);
    expect(ecosystems[0]?.versions).to.deep.equal(['3.11', '3.12', '3.13']);
    expect(parse(pipeline.content)).to.have.nested.property('on.push.branches').that.deep.equals(['trunk']);
    expect(parse(pipeline.content))
      .to.have.nested.property('jobs.release-python.needs')
      .that.deep.equals(['python']);
  });

  for (const [key, manifest, test] of [
    ['go_mod', 'module example.com/a\n\ngo 1.23\n', 'go test -race ./...'],
    ['cargo_toml', '[package]\nname = "a"\nversion = "0.1.0"\n', 'cargo test --all'],
    ['pom_xml', '<project><properties><java.version>17</java.version></properties></project>', 'mvn -B test'],
    ['requirements_txt', 'django==5.0\n', 'python manage.py test'],
    ['manifest', 'pytest>=8.0\nrequests==2.0\n', 'pytest'],
  ] as const) {
    it(`understands ${key} (${test})`, async () => {
      const { stages, pipeline } = work('ci_cd', { [key]: manifest });
      expect(stages.find(({ id }) => id === 'test')?.commands).to.deep.equal([test]);
      expect(parse(pipeline.content)).to.have.property('jobs');
    });
  }

  it('keeps several ecosystems apart', async () => {
    const { stages, pipeline } = work('ci_cd', {
      files: [
        { path: 'package.json', content: JSON.stringify(NODE) },
        { path: 'yarn.lock', content: '# lock' },
      ],
      go_mod: 'module a\ngo 1.22\n',
    });
    expect(stages.map(({ id }) => id)).to.include.members(['install_node', 'test_go']);
    expect(stages[0]?.commands).to.deep.equal(['yarn install --frozen-lockfile']);
    expect(Object.keys(parse(pipeline.content).jobs)).to.deep.equal(['node', 'go']);
  });

  it('takes tools where no script names them, and publishes what is public', async () => {
    const { stages } = work('ci_cd', {
      manifest: JSON.stringify({
        name: 'lib',
        version: '1.0.0',
        scripts: { test: 'echo "Error: no test specified" && exit 1' },
        devDependencies: { vitest: '4', eslint: '10', typescript: '6' },
      }),
    });
    expect(stages.map(({ commands }) => commands[0])).to.deep.equal([
      'npm ci',
      'npx eslint .',
      'npx tsc --noEmit',
      'npx vitest run',
      'npm publish',
    ]);
  });

  it('cannot be made to write other YAML by a manifest', async () => {
    const evil = 'x\n  evil: true # "';
    const { pipeline } = work(
      'ci_cd',
      { package_json: { name: evil, scripts: { test: evil }, engines: { node: evil } } },
      { branch: `main"]\nevil: 1` },
    );
    expect(Object.keys(parse(pipeline.content))).to.have.members(['name', 'on', 'permissions', 'jobs']);
  });

  it('says when there is no manifest', async () => {
    const { stages, pipeline, notes } = work('ci_cd', { objective: 'ship it' });
    expect(stages).to.deep.equal([]);
    expect(pipeline.content).to.equal('');
    expect(notes.join(' ')).to.contain('No manifest');
  });
});
