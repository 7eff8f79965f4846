import { expect } from 'chai';
import fc from 'fast-check';
import { work } from '../support/offline.js';

const BAD = `import { unused, used } from './a.js';
// eval("x") in a comment; TODO: fix this
var quoted = "console.log('no') == eval(1) // TODO";
const apiKey = "sk-abcdefghijklmnopqrstuvwx";
const dbPassword = 'hunter2hunter2';
async function save(x) { return used(x); }
async function main(req) {
  if (a == 1) { console.log(a); }
  save(1);
  await save(2);
  const p = save(3);
  try { eval(a) } catch (e) {}
  db.query("SELECT * FROM users WHERE id = " + req.id);
  db.query(\`SELECT * FROM users WHERE id = \${req.id}\`);
  db.query("SELECT * FROM users WHERE id = $1", [req.id]);
  if (b) { for (;;) { while (c) { if (d) { if (e != f) { g(); } } } } }
  fs.readFileSync('x');
}
`;

const PYTHON = `import os
import sys

def f(items=[]):
    try:
        print(sys.argv)  # noqa
    except:
        pass
    if f == None:
        cursor.execute(f"SELECT * FROM t WHERE id = {items}")
    return "eval(1)"
`;

const GOOD = `/** Adds. */
export function add(a: number, b: number): number {
  return a + b;
}
`;

describe('offline code review', () => {
  it('finds the defects of JavaScript at their lines and nothing in strings and comments', async () => {
    const { findings, verdict, summary } = work('code_review', {
      files: [{ path: 'src/bad.js', content: BAD }],
    });

    const at = findings.map(({ rule, line }) => `${rule}:${String(line)}`);
    expect(at).to.have.members([
      'unused-import:1',
      'todo-comment:2',
      'no-var:3',
      'hard-coded-secret:4',
      'hard-coded-secret:5',
      'eqeqeq:8',
      'no-console:8',
      'missing-await:9',
      'no-empty-catch:12',
      'no-eval:12',
      'sql-injection:13',
      'sql-injection:14',
      'deep-nesting:16',
      'eqeqeq:16',
      'sync-io:17',
    ]);
    expect(verdict).to.equal('request_changes');
    expect(summary.errors + summary.warnings + summary.infos).to.equal(summary.findings);
    const lines = BAD.split('\n');
    for (const { line, excerpt, rule } of findings) {
      if (rule !== 'hard-coded-secret') expect(lines[line - 1]).to.contain(excerpt);
    }
  });

  it('never repeats a secret', async () => {
    const result = JSON.stringify(work('code_review', { files: [{ path: 'src/bad.js', content: BAD }] }));
    expect(result).to.not.contain('abcdefghijklmnop').and.not.contain('hunter2hunter2');
  });

  it('finds other defects in Python', async () => {
    const { findings } = work('code_review', { code: PYTHON, language: 'python' });
    const rules = findings.map(({ rule, line }) => `${rule}:${String(line)}`);
    expect(rules).to.include.members([
      'unused-import:1',
      'mutable-default:4',
      'no-print:6',
      'check-suppressed:6',
      'no-bare-except:7',
      'none-comparison:9',
      'sql-injection:10',
    ]);
    expect(rules.some((rule) => rule.startsWith('no-eval'))).to.equal(false);
  });

  it('approves clean code, with its metrics', async () => {
    const { verdict, findings, metrics } = work('code_review', {
      files: [{ path: 'a.ts', content: GOOD }],
    });
    expect(findings).to.deep.equal([]);
    expect(verdict).to.equal('approve');
    expect(metrics).to.deep.equal([
      {
        path: 'a.ts',
        language: 'typescript',
        lines: 4,
        code_lines: 3,
        comment_lines: 1,
        blank_lines: 0,
        functions: 1,
        longest_function_lines: 3,
        max_nesting: 1,
        cyclomatic_complexity: 1,
      },
    ]);
  });

  it('follows its configuration', async () => {
    const files = [{ path: 'src/bad.js', content: BAD }];
    const errors = work('code_review', { files }, { minimum_severity: 'error' });
    const strict = work('code_review', { files }, { max_line_length: 40, max_function_lines: 5 });
    expect(new Set(errors.findings.map(({ severity }) => severity))).to.deep.equal(new Set(['error']));
    expect(strict.findings.map(({ rule }) => rule)).to.include.members(['long-line', 'long-function']);
  });

  it('says when there is nothing to review', async () => {
    const { verdict, notes } = work('code_review', { objective: 'review' });
    expect(verdict).to.equal('nothing_to_review');
    expect(notes.join(' ')).to.contain('No source');
  });

  it('survives any text', async () => {
    const piece = fc.constantFrom(
      'function f(',
      ') {',
      '}',
      '`',
      '${',
      '"',
      "'",
      '/*',
      '*/',
      '//',
      '/',
      '\\',
      '\n',
      'class A {',
      '=>',
      '<',
      '(',
      'async ',
      'x',
      '"""',
      'def g(a=',
      '):',
      '#',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 60 }),
        fc.constantFrom('a.ts', 'a.js', 'a.py', 'a.txt'),
        async (pieces, path) => {
          const files = [{ path, content: `x${pieces.join('')}` }];
          const { metrics } = work('code_review', { files });
          expect(metrics).to.have.length(1);
          work('testing', { files });
        },
      ),
      { numRuns: 300 },
    );
  });
});
