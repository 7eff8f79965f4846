/** The rules of the engine against the tests that quote them, and the rules that its sources and documents name. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { markdownFiles, readDocument, root, sourceFiles } from '../support/markdown.js';

const RULE = /\b[A-Z]\d{1,2}\b/g;

/** In the order of the document. */
const rules = [...readDocument('packages/engine/SPEC.md').matchAll(/^- \*\*([A-Z]\d+)\*\* /gm)].map(
  ([, id = '']) => id,
);

const rulesIn = (text: string): string[] => [...text.matchAll(RULE)].map(([id]) => id);

/** The ids at the beginning of each title below `packages/engine/test`. */
function quoted(): string[] {
  const folder = path.join(root, 'packages/engine/test');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => [
      ...readFileSync(path.join(folder, file), 'utf8').matchAll(
        /\b(?:it|describe)\(\s*['"`]((?:[A-Z]\d+ )+)/g,
      ),
    ])
    .flatMap(([, ids = '']) => rulesIn(ids));
}

describe('the rules of the engine', () => {
  it('are numbered one by one, letter by letter', () => {
    const letters = [...new Set(rules.map(([letter]) => letter))];

    expect(rules).to.deep.equal(
      letters.flatMap((letter) =>
        rules.filter((id) => id.startsWith(letter ?? '')).map((_, index) => `${letter ?? ''}${index + 1}`),
      ),
    );
  });

  it('are each quoted by a test', () => {
    const tested = new Set(quoted());

    expect(rules.filter((id) => !tested.has(id))).to.deep.equal([]);
  });

  it('are all that tests quote', () => {
    expect([...new Set(quoted())].filter((id) => !rules.includes(id))).to.deep.equal([]);
  });

  it('are all that sources and documents name', () => {
    const letters = new Set(rules.map(([letter]) => letter));
    const texts = [
      ...sourceFiles(),
      ...markdownFiles().map((file) => ({ file, text: readDocument(file) })),
    ].flatMap(({ file, text }) =>
      [...text.matchAll(/\b[Rr]ules? ((?:[A-Z]\d+(?:, | and | to )?)+)/g)].flatMap(([, ids = '']) =>
        rulesIn(ids).map((id) => ({ file, id })),
      ),
    );
    const unknown = texts.filter(({ id }) => letters.has(id[0] ?? '') && !rules.includes(id));

    expect(texts).not.to.deep.equal([]);
    expect(unknown).to.deep.equal([]);
  });
});
