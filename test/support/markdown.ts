/** Reads the documents of this repository, for tests that compare them with the code. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

const SKIPPED = new Set(['node_modules', 'dist', 'results', 'coverage']);

/** Every Markdown file of the repository, relative to its root. */
export function markdownFiles(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      return SKIPPED.has(entry.name) || entry.name.startsWith('.') ? [] : markdownFiles(place);
    }
    return entry.name.endsWith('.md') ? [path.relative(root, place)] : [];
  });
}

export function readDocument(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

export interface Fence {
  language: string;
  /** What stands behind the language: `output` of a block that begins with three backticks and `json output`. */
  role: string;
  content: string;
}

const FENCE = /^```([\w-]*)([^\n]*)\n(.*?)^```\s*$/gms;

export function fencesOf(text: string): Fence[] {
  return [...text.matchAll(FENCE)].map(([, language = '', role = '', content = '']) => ({
    language,
    role: role.trim(),
    content,
  }));
}

/** The text without its fenced blocks: what is prose, tables and links. */
export function proseOf(text: string): string {
  return text.replaceAll(FENCE, '');
}

/** The part below a heading, up to the next one of the same or a higher rank; empty when there is none. */
export function sectionOf(text: string, heading: string): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start === -1) return '';
  const rank = rankOf(lines[start] ?? '');
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && rankOf(line) <= rank);
  return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join('\n');
}

const rankOf = (line: string): number => /^#+/.exec(line)?.[0].length ?? 0;

/** The rows of every table, cells trimmed, without heads and rules. */
export function tableRows(text: string): string[][] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const isHead = /^\|[\s|:-]+\|$/.test(lines[index + 1] ?? '');
    if (!line.startsWith('|') || isHead || /^\|[\s|:-]+\|$/.test(line)) return [];
    const cells = line.split(/(?<!\\)\|/).slice(1, -1);
    return [cells.map((cell) => cell.trim().replaceAll('\\|', '|'))];
  });
}

/** Targets of links and images that lead to files of the repository. */
export function relativeLinks(text: string): string[] {
  const prose = proseOf(text).replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) =>
    /^[a-z]+:/i.test(target) ? [] : [target],
  );
}

/** The anchors of a document's headings, as GitHub makes them. */
export function anchorsOf(text: string): Set<string> {
  const headings = [...proseOf(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Sources of packages and services, joined: to find out whether a name of a document occurs in them. */
export function sourceFiles(): { file: string; text: string }[] {
  return ['packages', 'services'].flatMap((group) =>
    readdirSync(path.join(root, group)).flatMap((project) => typescriptBelow(`${group}/${project}/src`)),
  );
}

function typescriptBelow(folder: string): { file: string; text: string }[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({ file: path.relative(root, file), text: readFileSync(file, 'utf8') }));
}
