/** What the documents tell people to type, and the names they give to what is in the repository. */
import { definition } from '@millrace/contracts';
import { compile } from '@millrace/engine';
import { expect } from 'chai';
import * as z from 'zod';
import {
  fencesOf,
  markdownFiles,
  readDocument,
  sectionOf,
  sourceFiles,
  tableRows,
} from '../support/markdown.js';

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readDocument('package.json')));

/** Everything in a document that stands as code, fenced or inline. */
function codeOf(text: string): string {
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...fencesOf(text).map(({ content }) => content), ...inline].join('\n');
}

/** Commands of the command line, as the sources register them. */
function commands(): string[] {
  return sourceFiles()
    .filter(({ file }) => file.startsWith('services/cli/'))
    .flatMap(({ text }) => [...text.matchAll(/\.command\('([a-z]+)/g)].map(([, name = '']) => name));
}

describe('what the documents tell people to type', () => {
  for (const file of markdownFiles()) {
    const code = codeOf(readDocument(file));

    it(`${file}: npm scripts exist`, () => {
      const named = [...code.matchAll(/\bnpm (?:run ([\w:]+)|(start|test)\b)/g)].map(
        ([, script, short]) => script ?? short ?? '',
      );

      expect(named.filter((name) => scripts[name] === undefined)).to.deep.equal([]);
    });

    it(`${file}: commands exist`, () => {
      const named = [...code.matchAll(/^\s*(?:npx )?millrace ([a-z]+)/gm)].map(([, name = '']) => name);

      expect(named.filter((name) => !commands().includes(name))).to.deep.equal([]);
    });
  }

  it('shows what the start prints', () => {
    const launcher = ['platform.js', 'examples.js']
      .map((file) => readDocument(`infra/local/${file}`))
      .join('\n');
    const words = [
      'Running the example "',
      'Millrace ready at ',
      'Console        ',
      'Documentation  ',
      'Sign in as ',
      'Passwords are kept in ',
      'Press Ctrl-C to stop.',
    ];

    for (const text of [readDocument('README.md'), launcher]) {
      expect(words.filter((word) => !text.includes(word))).to.deep.equal([]);
    }
  });

  it('creates a workflow that compiles', () => {
    const [, text = ''] = /^cat > hello\.json <<'END'\n(.*?)^END$/ms.exec(readDocument('README.md')) ?? [];
    const { id, ...graph } = z.looseObject({ id: z.string() }).parse(JSON.parse(text));
    const compiled = compile(definition.parse(graph));

    expect(compiled.ok ? [] : compiled.problems).to.deep.equal([]);
    expect(readDocument('README.md')).to.contain(`/workflows/${id}/execute`);
  });
});

describe('the architecture', () => {
  it('names every table of the database', () => {
    const made = sourceFiles()
      .filter(({ file }) => file.startsWith('packages/persistence/src/migrations/'))
      .flatMap(({ text }) => [...text.matchAll(/CREATE TABLE (\w+) \(/g)].map(([, name = '']) => name));
    const cells = tableRows(sectionOf(readDocument('ARCHITECTURE.md'), 'Who writes what')).map(
      ([cell]) => cell,
    );
    const named = [...cells.join(' ').matchAll(/`(\w+)`/g)].map(([, name = '']) => name);

    expect(named).to.have.members(made);
  });

  it('names every package', () => {
    const packages = new Set(sourceFiles().map(({ file }) => /^packages\/([\w-]+)\//.exec(file)?.[1]));
    const rows = tableRows(sectionOf(readDocument('ARCHITECTURE.md'), 'The direction of imports'));
    const named = rows.map(([cell = '']) => /^\[([\w-]+)\]/.exec(cell)?.[1]);

    expect(named).to.have.members([...packages].filter((name) => name !== undefined));
  });
});
