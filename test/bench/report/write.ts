/** Where figures are kept: JSON and Markdown in `results/` (not in git), and on request the documentation. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import type { Section } from './results.js';
import { type RunFacts, toMarkdown } from './tables.js';

export const resultsFolder = fileURLToPath(new URL('../results', import.meta.url));
const docs = fileURLToPath(new URL('../../../docs/PERFORMANCE.md', import.meta.url));

const BEGIN = '<!-- figures: written by `npm run bench -- --write-docs` -->';
const END = '<!-- end of figures -->';

/** Answers with the files written. */
export async function writeResults(
  sections: readonly Section[],
  facts: RunFacts,
  { intoDocs }: { intoDocs: boolean },
): Promise<string[]> {
  mkdirSync(resultsFolder, { recursive: true });
  const base = path.join(resultsFolder, facts.date.replaceAll(/[: ]/g, '-'));
  const markdown = toMarkdown(sections, facts);
  writeFileSync(`${base}.json`, `${JSON.stringify({ ...facts, sections }, null, 2)}\n`);
  writeFileSync(`${base}.md`, `${markdown}\n`);
  const files = [`${base}.json`, `${base}.md`];
  if (intoDocs) {
    await replaceFigures(markdown);
    files.push(docs);
  }
  return files;
}

async function replaceFigures(markdown: string): Promise<void> {
  const text = existsSync(docs) ? readFileSync(docs, 'utf8') : '';
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${docs} has no place for figures: ${BEGIN} … ${END}`);
  const renewed = `${text.slice(0, begin)}${BEGIN}\n\n${markdown}\n\n${text.slice(end)}`;
  // As the linter wants it: the file is in git.
  writeFileSync(docs, await format(renewed, { ...(await resolveConfig(docs)), filepath: docs }));
}
