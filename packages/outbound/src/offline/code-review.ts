import { SEVERITIES, type CodeReviewOutput, type Finding, type Severity } from '../agents/code-review.js';
import { findFiles, isHandWritten, type InputFile } from './files.js';
import { metricsOf } from './review/metrics.js';
import { PATTERN_RULES } from './review/patterns.js';
import type { Hit, ReviewLimits, ReviewedFile, Rule } from './review/rule.js';
import { hardCodedSecret } from './review/secrets.js';
import { STRUCTURE_RULES } from './review/structure.js';
import { isTestPath, languageOf } from './source/language.js';
import { lineIndex, maskSource } from './source/mask.js';
import { parseSource } from './source/parse.js';
import { positiveInteger, type OfflineAgent } from './work.js';

const RULES: readonly Rule[] = [...PATTERN_RULES, hardCodedSecret, ...STRUCTURE_RULES];

const MAX_FINDINGS = 1_000;

function open(file: InputFile): ReviewedFile {
  const language = languageOf(file.path);
  const source = maskSource(file.content, language);
  return {
    path: file.path,
    language,
    source,
    parsed: parseSource(source, language),
    isTest: isTestPath(file.path),
    lineOf: lineIndex(file.content),
  };
}

function excerptOf(line: string, secret: string | undefined): string {
  const masked = secret === undefined ? line : line.replaceAll(secret, `${secret.slice(0, 3)}…`);
  const text = masked.trim();
  return text.length > 160 ? `${text.slice(0, 159)}…` : text;
}

function sameFinding(a: Finding, b: Finding): boolean {
  return a.line === b.line && a.rule === b.rule && a.message === b.message;
}

function reviewFile(file: ReviewedFile, limits: ReviewLimits): Finding[] {
  const lines = file.source.original.split('\n');
  const hits = RULES.filter((rule) => rule.languages.includes(file.language)).flatMap((rule) =>
    rule.check(file, limits).map((hit) => ({ rule, hit })),
  );
  const secrets = hits.flatMap(({ hit }) => hit.secret ?? []);
  const toFinding = (rule: Rule, hit: Hit): Finding => {
    const line = file.lineOf(hit.offset);
    const text = lines[line - 1] ?? '';
    // Another rule's excerpt must not show what this review calls a secret.
    const secret = hit.secret ?? secrets.find((one) => text.includes(one));
    return {
      rule: rule.id,
      severity: rule.severity,
      path: file.path,
      line,
      message: hit.message,
      excerpt: excerptOf(text, secret),
    };
  };
  return hits
    .map(({ rule, hit }) => toFinding(rule, hit))
    .filter((finding, at, all) => all.findIndex((other) => sameFinding(other, finding)) === at)
    .sort((a, b) => a.line - b.line || a.rule.localeCompare(b.rule));
}

function verdictOf(files: number, findings: readonly Finding[]): CodeReviewOutput['verdict'] {
  if (files === 0) return 'nothing_to_review';
  if (findings.some(({ severity }) => severity === 'error')) return 'request_changes';
  return findings.some(({ severity }) => severity === 'warning') ? 'comment' : 'approve';
}

/** Static checks on the given sources. Strings and comments are masked, so that only code is judged as code. */
export const codeReview: OfflineAgent<'code_review'> = ({ config, input }) => {
  const given = findFiles(input);
  const files = given.filter(isHandWritten).map(open);
  const limits: ReviewLimits = {
    maxLineLength: positiveInteger(config, 'max_line_length', 120),
    maxFunctionLines: positiveInteger(config, 'max_function_lines', 60),
    maxNesting: positiveInteger(config, 'max_nesting', 4),
  };
  const minimum = Math.max(
    0,
    SEVERITIES.findIndex((severity) => severity === config['minimum_severity']),
  );
  const all = files
    .flatMap((file) => reviewFile(file, limits))
    .filter(({ severity }) => SEVERITIES.indexOf(severity) >= minimum);
  const count = (severity: Severity): number => all.filter((finding) => finding.severity === severity).length;
  const metrics = files.map(metricsOf);
  const notes: string[] = [];
  const unreadable = given.filter((file) => !isHandWritten(file)).map(({ path }) => path);
  if (unreadable.length > 0) notes.push(`Too large or minified to review: ${unreadable.join(', ')}.`);
  if (files.length === 0) notes.push('No source was found: give `files` as [{path, content}], or `code`.');
  if (all.length > MAX_FINDINGS)
    notes.push(`Only the first ${String(MAX_FINDINGS)} of ${String(all.length)} findings are listed.`);
  const unknown = files.filter(({ language }) => language === 'other').map(({ path }) => path);
  if (unknown.length > 0) notes.push(`Only secrets and line lengths were checked in ${unknown.join(', ')}.`);
  return {
    verdict: verdictOf(files.length, all),
    findings: all.slice(0, MAX_FINDINGS),
    metrics,
    summary: {
      files: files.length,
      lines: metrics.reduce((sum, { lines }) => sum + lines, 0),
      findings: all.length,
      errors: count('error'),
      warnings: count('warning'),
      infos: count('info'),
    },
    notes,
  };
};
