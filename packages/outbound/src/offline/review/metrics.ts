import type { FileMetrics } from '../../agents/code-review.js';
import { countDecisions } from '../source/signature.js';
import type { ReviewedFile } from './rule.js';
import { nestingOf } from './structure.js';

/** Counts of one file. A line with code and a comment is a code line; a trailing line break adds no line. */
export function metricsOf(file: ReviewedFile): FileMetrics {
  const lines = file.source.original.split('\n');
  const codeLines = file.source.uncommented.split('\n');
  if (lines.at(-1) === '') {
    lines.pop();
    codeLines.pop();
  }
  const blank = lines.filter((line) => line.trim() === '').length;
  const code = codeLines.filter((line) => line.trim() !== '').length;
  const known = file.language !== 'other';
  return {
    path: file.path,
    language: file.language,
    lines: lines.length,
    code_lines: code,
    comment_lines: lines.length - blank - code,
    blank_lines: blank,
    functions: file.parsed.functions.length,
    longest_function_lines: file.parsed.functions.reduce((longest, one) => Math.max(longest, one.lines), 0),
    max_nesting: nestingOf(file).reduce((deepest, { depth }) => Math.max(deepest, depth), 0),
    cyclomatic_complexity: 1 + (known ? countDecisions(file.source.code, file.language === 'python') : 0),
  };
}
