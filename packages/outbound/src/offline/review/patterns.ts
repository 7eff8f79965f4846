import { patternRule, KNOWN, PYTHON, SCRIPT, type Rule } from './rule.js';

const TYPESCRIPT = ['typescript'] as const;

/** Comments are masked in code, so this one reads them by themselves. */
const todo: Rule = {
  id: 'todo-comment',
  severity: 'info',
  languages: KNOWN,
  check: ({ source }) =>
    source.comments.flatMap(({ start, end }) =>
      [...source.original.slice(start, end).matchAll(/\b(TODO|FIXME|XXX|HACK)\b[:\s]?([^\n*]*)/g)].map(
        (match) => ({
          offset: start + match.index,
          message: `${match[1] ?? ''} left in the code${match[2]?.trim() ? `: ${match[2].trim().slice(0, 80)}` : ''}`,
        }),
      ),
    ),
};

const suppression: Rule = {
  id: 'check-suppressed',
  severity: 'warning',
  languages: KNOWN,
  check: ({ source }) =>
    source.comments.flatMap(({ start, end }) => {
      const match =
        /@ts-(?:ignore|nocheck)|eslint-disable(?!-next-line\s+\S+\s+--)|#\s*(?:type:\s*ignore|noqa)/.exec(
          source.original.slice(start, end),
        );
      return match
        ? [{ offset: start + match.index, message: `A checker is switched off here (${match[0].trim()})` }]
        : [];
    }),
};

/** Rules that are one pattern each. */
export const PATTERN_RULES: readonly Rule[] = [
  todo,
  suppression,
  patternRule(
    'no-eval',
    'error',
    SCRIPT,
    /(?<![\w$.])eval\s*\(|\bnew\s+Function\s*\(/g,
    'Runs text as code; whoever controls the text controls the process',
  ),
  patternRule(
    'no-eval',
    'error',
    PYTHON,
    /(?<![\w.])(?:eval|exec)\s*\(/g,
    'Runs text as code; whoever controls the text controls the process',
  ),
  patternRule(
    'no-string-timer',
    'error',
    SCRIPT,
    /\bset(?:Timeout|Interval)\s*\(\s*['"`]/g,
    'A timer given text evaluates it',
  ),
  patternRule('no-debugger', 'error', SCRIPT, /(?<![\w$.])debugger\b/g, 'A debugger statement was left in'),
  patternRule(
    'no-console',
    'warning',
    SCRIPT,
    /(?<![\w$.])console\.(?:log|debug|dir|trace)\s*\(/g,
    'Debug output to the console; use the logger',
    { inTests: false },
  ),
  patternRule(
    'no-print',
    'warning',
    PYTHON,
    /(?<![\w.])print\s*\(/g,
    'Debug output with print; use logging',
    { inTests: false },
  ),
  patternRule(
    'no-debugger',
    'error',
    PYTHON,
    /(?<![\w.])(?:breakpoint\s*\(|pdb\.set_trace\s*\()/g,
    'A breakpoint was left in',
  ),
  patternRule(
    'eqeqeq',
    'warning',
    SCRIPT,
    /(?<![=!<>])[=!]=(?!=)(?!\s*null\b)/g,
    (match) => `${match[0]} converts types; use ${match[0]}=`,
  ),
  patternRule(
    'none-comparison',
    'warning',
    PYTHON,
    /[=!]=\s*None\b/g,
    'Compare with None by `is` or `is not`',
  ),
  patternRule(
    'no-var',
    'warning',
    SCRIPT,
    /(?<![\w$.])var\s+[\w${[]/g,
    'var is visible in the whole function; use const or let',
  ),
  patternRule(
    'no-explicit-any',
    'warning',
    TYPESCRIPT,
    /(?:[:<,|&]|\bas)\s*any\b(?!\s*[:(])/g,
    'any switches the type checker off; use unknown and narrow it',
  ),
  patternRule(
    'no-non-null',
    'info',
    TYPESCRIPT,
    /[\w$)\]]!(?=[.[;,)])(?!=)/g,
    'A non-null assertion hides a missing case',
  ),
  patternRule(
    'no-empty-catch',
    'error',
    SCRIPT,
    /\bcatch\s*(?:\([^)]*\))?\s*\{\s*\}/g,
    'An error is caught and forgotten',
  ),
  patternRule(
    'no-bare-except',
    'error',
    PYTHON,
    /^[ \t]*except\s*:/gm,
    'A bare except also catches KeyboardInterrupt and SystemExit; name the exception',
  ),
  patternRule(
    'no-empty-catch',
    'error',
    PYTHON,
    /^[ \t]*except\b[^\n]*:\s*(?:\n\s*)?pass\b/gm,
    'An error is caught and forgotten',
  ),
  patternRule(
    'mutable-default',
    'error',
    PYTHON,
    /\bdef\s+\w+\s*\([^)]*=\s*(?:\[\s*\]|\{\s*\}|list\(\)|dict\(\)|set\(\))/g,
    'A mutable default is shared by all calls; use None',
  ),
  patternRule(
    'wildcard-import',
    'warning',
    PYTHON,
    /^[ \t]*from\s+\S+\s+import\s+\*/gm,
    'A wildcard import hides where names come from',
  ),
  patternRule(
    'sync-io',
    'warning',
    SCRIPT,
    /\b(?:readFile|writeFile|appendFile|readdir|stat|exists|mkdir|unlink|rm|copyFile|exec|spawn)Sync\s*\(/g,
    (match) => `${match[0].replace(/\s*\($/, '')} blocks every other request of the process`,
    { inTests: false },
  ),
  patternRule(
    'shell-injection',
    'error',
    PYTHON,
    /\bos\.system\s*\(|\bsubprocess\.\w+\([^\n]*shell\s*=\s*True/g,
    'Runs a shell; pass the arguments as a list without a shell',
  ),
  patternRule(
    'unsafe-deserialization',
    'error',
    PYTHON,
    /\bpickle\.loads?\s*\(|\byaml\.load\s*\((?![^\n]*Safe)/g,
    'Loading can run code that the data names',
  ),
  patternRule(
    'html-injection',
    'warning',
    SCRIPT,
    /\.(?:inner|outer)HTML\s*\+?=(?!=)|\bdocument\.write\s*\(|\bdangerouslySetInnerHTML\b/g,
    'Text that becomes HTML can carry a script',
  ),
  patternRule(
    'tls-verification-off',
    'error',
    SCRIPT,
    /\brejectUnauthorized\s*:\s*false\b/g,
    'The certificate of the other side is not checked',
  ),
  patternRule(
    'tls-verification-off',
    'error',
    PYTHON,
    /\bverify\s*=\s*False\b/g,
    'The certificate of the other side is not checked',
  ),
  patternRule(
    'weak-hash',
    'warning',
    PYTHON,
    /\bhashlib\.(?:md5|sha1)\s*\(/g,
    'MD5 and SHA-1 are broken for security',
  ),
  patternRule(
    'weak-random',
    'info',
    SCRIPT,
    /\bMath\.random\s*\(/g,
    'Math.random is predictable; not for tokens or ids',
  ),
  patternRule(
    'async-foreach',
    'warning',
    SCRIPT,
    /\.forEach\s*\(\s*async\b/g,
    'forEach does not wait for an async callback',
  ),
  patternRule(
    'assert-tuple',
    'error',
    PYTHON,
    /^[ \t]*assert\s*\(\s*[^()\n]+,[^()\n]*\)\s*$/gm,
    'An assert of a tuple is always true',
  ),
  patternRule(
    'focused-test',
    'error',
    SCRIPT,
    /(?<![\w$.])(?:describe|it|test)\.only\s*\(/g,
    'A focused test keeps all others from running',
  ),
];
