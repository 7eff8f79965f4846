import { expect } from 'chai';
import ts from 'typescript';
import { work } from '../support/offline.js';

const SHOP = `import { db } from './db.js';
// function commented() {}
const text = "function quoted() {}";
const template = \`\${((x) => x)(1)} function inTemplate() {}\`;
const pattern = /function inRegex\\(\\) {}['"]/;
export function add(a: number, b = 2, ...rest: number[]): number { return a + b; }
export async function load<T extends { a: string }>(url: string, options?: { retries: number }, done: (e: Error) => void = () => {}): Promise<T | undefined> {
  if (!url) throw new Error(\`no \${url ? '}' : "{"} url\`);
  return undefined;
}
export const half = (n: number): number => n / 2;
function over(a: string): string;
function over(a: string): string { return a; }
export default class Shop extends Base<{ a: 1 }> {
  constructor(private readonly store: Store, name?: string) { super(); }
  async buy({ id }: { id: string }, when: Date | null): Promise<{ ok: boolean }> { return { ok: true }; }
  static of(a: string): Shop { return new Shop(a); }
  private hide(): void {}
}
`;

const ACCOUNT = `"""def documented(): pass"""
import os

class Account:
    def __init__(self, owner: str, balance: float = 0.0):
        self.owner = owner

    async def deposit(self, amount: float, note: str | None = None) -> float:
        if amount <= 0:
            raise ValueError("bad # not a comment: def quoted(): pass")
        return amount

    def _hidden(self): pass

def total(items: list[int]) -> dict[str, int]:
    return {}
`;

describe('offline testing', () => {
  it('finds exported TypeScript functions and methods, and nothing in strings and comments', async () => {
    const { targets } = work('testing', { files: [{ path: 'src/shop.ts', content: SHOP }] });
    expect(targets.map(({ name, line }) => [name, line])).to.deep.equal([
      ['add', 6],
      ['load', 7],
      ['half', 11],
      ['Shop.buy', 16],
      ['Shop.of', 17],
    ]);
    expect(targets[1]).to.deep.include({ parameters: ['url', 'options', 'done'], async: true, throws: true });
    expect(targets[1]?.cases).to.include.members([
      'works without options',
      'uses () => {} when done is left out',
      'rejects invalid input',
      'handles url being empty',
    ]);
    expect(targets[0]?.cases).to.include.members([
      'uses 2 when b is left out',
      'handles none and several rest',
    ]);
    expect(targets[3]?.cases).to.include('handles null as when');
  });

  for (const framework of ['mocha', 'vitest', 'jest'] as const) {
    it(`writes a ${framework} file that parses`, async () => {
      const { files } = work('testing', { files: [{ path: 'src/shop.ts', content: SHOP }] }, { framework });
      const [file] = files;
      const content = file?.content ?? '';
      expect(file).to.include({ path: 'test/shop.test.ts', framework, source_path: 'src/shop.ts' });
      expect(ts.transpileModule(content, { reportDiagnostics: true }).diagnostics).to.deep.equal([]);
      expect(content).to.contain("import Shop, { add, load, half } from '../src/shop.js';");
      expect(content).to.contain('const subject = new Shop({} as never);');
      expect(content).to.contain(
        framework === 'mocha' ? "expect(result).to.be.a('number');" : "expect(typeof result).toBe('number');",
      );
    });
  }

  it('writes pytest for Python, another result for another input', async () => {
    const { files, targets, summary } = work('testing', { files: { 'bank/account.py': ACCOUNT } });
    expect(targets.map(({ name }) => name)).to.deep.equal(['Account.deposit', 'total']);
    expect(targets[0]).to.deep.include({ parameters: ['amount', 'note'], async: true, throws: true });
    expect(files[0]).to.include({ path: 'tests/test_bank_account.py', framework: 'pytest' });
    expect(files[0]?.content)
      .to.contain('from bank.account import Account, total')
      .and.contain('asyncio.run(subject.deposit(amount=1))');
    const cases = targets.flatMap((target) => target.cases).length;
    expect(files[0]?.content.match(/^def test_/gm)).to.have.length(cases);
    expect(summary).to.deep.equal({ source_files: 1, targets: 2, cases });
  });

  it('reads code given alone, and CommonJS exports', async () => {
    const { targets, files } = work('testing', {
      code: 'function a(x) { return x; }\nfunction b() {}\nmodule.exports = { a };',
    });
    expect(targets.map(({ name }) => name)).to.deep.equal(['a']);
    expect(files[0]?.path).to.equal('test/snippet-1.test.js');
  });

  it('leaves test files alone and says when there is nothing', async () => {
    const given = work('testing', {
      files: [{ path: 'test/a.test.ts', content: 'export function x() {}' }],
    });
    const none = work('testing', { objective: 'test it' });
    expect(given.targets).to.deep.equal([]);
    expect(none.notes.join(' ')).to.contain('No TypeScript');
  });
});
