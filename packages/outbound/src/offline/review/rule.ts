import type { Severity } from '../../agents/code-review.js';
import type { SourceLanguage } from '../source/language.js';
import type { MaskedSource } from '../source/mask.js';
import type { ParsedSource } from '../source/signature.js';

/** A file as the rules see it. */
export interface ReviewedFile {
  readonly path: string;
  readonly language: SourceLanguage;
  readonly source: MaskedSource;
  readonly parsed: ParsedSource;
  readonly isTest: boolean;
  readonly lineOf: (offset: number) => number;
}

export interface ReviewLimits {
  readonly maxLineLength: number;
  readonly maxFunctionLines: number;
  readonly maxNesting: number;
}

/** What a rule found; `secret` is cut out of the excerpt. */
export interface Hit {
  readonly offset: number;
  readonly message: string;
  readonly secret?: string | undefined;
}

export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  readonly languages: readonly SourceLanguage[];
  check(file: ReviewedFile, limits: ReviewLimits): Hit[];
}

export const SCRIPT: readonly SourceLanguage[] = ['typescript', 'javascript'];
export const PYTHON: readonly SourceLanguage[] = ['python'];
export const KNOWN: readonly SourceLanguage[] = [...SCRIPT, ...PYTHON];
export const ANY: readonly SourceLanguage[] = [...KNOWN, 'other'];

/** A rule that is one pattern over the code with comments and strings masked. */
export function patternRule(
  id: string,
  severity: Severity,
  languages: readonly SourceLanguage[],
  pattern: RegExp,
  message: string | ((match: RegExpExecArray) => string),
  options: { readonly inTests?: boolean } = {},
): Rule {
  return {
    id,
    severity,
    languages,
    check: (file) => {
      if (file.isTest && options.inTests === false) return [];
      return [...file.source.code.matchAll(pattern)].map((match) => ({
        offset: match.index + (match[0].length - match[0].trimStart().length),
        message: typeof message === 'string' ? message : message(match),
      }));
    },
  };
}
