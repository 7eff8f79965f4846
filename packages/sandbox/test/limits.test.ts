import { expect } from 'chai';
import { useGuest } from './support/guest.js';

const SOON = { limits: { timeoutMs: 300 } };
const SMALL = { limits: { memoryMb: 16 } };

describe('the limits of code', function () {
  this.timeout(30_000);
  const guest = useGuest();

  /** Whatever the last run did, the next one is served. */
  afterEach(async () => {
    expect(await guest.output('return 1 + 1;')).to.equal(2);
  });

  describe('time', () => {
    const endless: [string, string][] = [
      ['a busy loop', 'for (;;);'],
      ['a loop that catches everything', 'for (;;) { try { for (;;); } catch {} finally { continue; } }'],
      ['an endless chain of promises', 'const f = () => Promise.resolve().then(f); await f();'],
      ['an endless await', 'for (;;) await null;'],
      [
        'promises beside a code that has not returned',
        'const f = () => { Promise.resolve().then(f); }; f(); await new Promise(() => {});',
      ],
      ['a module that never finishes', 'for (;;); export default () => 1;'],
      ['a module that awaits for ever', 'for (;;) await null; export default () => 1;'],
      [
        'an iterator without end',
        'return Array.from({ *[Symbol.iterator]() { for (;;) if (0) yield 1; } });',
      ],
      ['a getter of the output', 'return { get a() { for (;;); } };'],
      ['a toJSON of the output', 'return { toJSON() { for (;;); } };'],
      ['a Proxy as output', 'return new Proxy({}, { ownKeys() { for (;;); } });'],
      ['a thenable as output', 'return { get then() { for (;;); } };'],
      [
        'a getter of the error',
        'throw Object.defineProperty(new Error(), "message", { get() { for (;;); } });',
      ],
      [
        'a Proxy as error',
        'throw new Proxy(new Error(), { get() { for (;;); }, getPrototypeOf() { for (;;); } });',
      ],
      ['a Proxy that is logged', 'console.log(new Proxy({}, { ownKeys() { for (;;); } }));'],
      ['sorting by a comparison without end', 'return [3, 1, 2].sort(() => { for (;;); });'],
      ['a catastrophic regular expression', 'return /^(a+)+$/.test("a".repeat(40) + "b");'],
      ['a catastrophic replacement', 'return ("x".repeat(50_000)).replace(/(x+x+)+y/g, "");'],
      ['JSON that is read by a reviver without end', 'return JSON.parse("[1]", () => { for (;;); });'],
      ['a huge power of a BigInt', 'let n = 7n; for (;;) n = n * n % (2n ** 100_000n);'],
      ['many joins of a long text', 'const a = "x".repeat(1e6); for (;;) a.split("").join("-");'],
      [
        'an endless cleanup (GHSA-r4fx-v8hh-22mv)',
        'const r = new FinalizationRegistry(() => { for (;;); }); (() => { r.register({}, 1); })(); for (let i = 0; i < 100; i += 1) await null; for (;;);',
      ],
    ];
    for (const [what, source] of endless) {
      it(`ends ${what}`, async () => {
        expect(await guest.error(source, SOON)).to.match(
          /^code_timeout: the code ran longer than its limit of 0.3 seconds/,
        );
      });
    }
  });

  describe('time that no interrupt reaches', () => {
    const deaf: [string, string][] = [
      [
        'a search through a list without end',
        'return Array.prototype.includes.call({ length: Number.MAX_SAFE_INTEGER }, 1);',
      ],
      [
        'a search through a huge hole',
        'return new Array(2 ** 32 - 1).indexOf(1) + new Array(2 ** 32 - 1).lastIndexOf(1);',
      ],
      [
        'a fill without end',
        'return Array.prototype.fill.call({ length: Number.MAX_SAFE_INTEGER, set 0(x) {} }, undefined, 0);',
      ],
    ];
    for (const [what, source] of deaf) {
      it(`ends ${what} with its process`, async () => {
        expect(await guest.error(source, SOON)).to.match(/^code_(timeout|memory): /);
      });
    }
  });

  describe('memory', () => {
    const bombs: [string, string][] = [
      ['arrays', 'const a = []; for (;;) a.push(new Array(10_000).fill(1));'],
      ['strings', 'const a = []; for (let i = 0; ; i += 1) a.push(String(i).padEnd(100_000, "x") + i);'],
      ['typed arrays', 'const a = []; for (;;) a.push(new Uint8Array(1_000_000).fill(1));'],
      ['one buffer', 'return new ArrayBuffer(400_000_000).byteLength;'],
      ['objects in a Map', 'const m = new Map(); for (let i = 0; ; i += 1) m.set({}, { i });'],
      ['promises', 'const a = []; for (;;) a.push(new Promise(() => {}));'],
      [
        'closures that catch everything',
        'const a = []; const f = () => { for (;;) a.push(() => a); }; try { f(); } catch (error) { throw error; }',
      ],
      ['a filled array', 'return new Array(2 ** 31).fill(0).length;'],
      ['a repeated text', 'return "ab".repeat(2 ** 27).split("").length;'],
    ];
    for (const [what, source] of bombs) {
      it(`ends ${what}`, async () => {
        expect(await guest.error(source, SMALL)).to.match(
          /^code_memory: .* its limit of 16 MB \(memory_mb\)/,
        );
      });
    }

    it('ends a string that doubles', async () => {
      expect(await guest.error('let s = "x"; for (;;) s += s;', SMALL)).to.match(/^code_memory: /);
    });

    it('gives what was asked for', async () => {
      const source = 'return new Uint8Array(40_000_000).fill(1).length;';

      expect(await guest.error(source, SMALL)).to.match(/^code_memory/);
      expect(await guest.output(source, { limits: { memoryMb: 64 } })).to.equal(40_000_000);
    });

    it('lets the code go on that catches it and gives the memory back', async () => {
      const source = `
        let a = [];
        try { for (;;) a.push(new Uint8Array(1_000_000)); } catch (error) { a = null; return error.message; }`;

      expect(await guest.output(source, SMALL)).to.equal('out of memory');
    });

    it('counts the input', async () => {
      const input = 'x'.repeat(15_000_000);

      expect(await guest.error('return 1;', { ...SMALL, input })).to.match(/^code_memory/);
      expect(await guest.output('return input.length;', { input })).to.equal(15_000_000);
    });

    it('takes sparse arrays for what they are', async () => {
      expect(await guest.error('const a = []; a[4_000_000_000] = 1; return a;', SOON)).to.match(
        /^code_(timeout|memory|output_too_large|output_invalid)/,
      );
    });
  });

  describe('output', () => {
    it('is refused above its size, without being read', async () => {
      const limits = { outputBytes: 1_000 };

      expect(await guest.output('return "x".repeat(998);', { limits })).to.have.length(998);
      expect(await guest.error('return "x".repeat(999);', { limits })).to.equal(
        'code_output_too_large: the output has more than 1000 bytes of JSON',
      );
      expect(await guest.error('return "é".repeat(600);', { limits })).to.match(/^code_output_too_large/);
    });
  });

  describe('nesting', () => {
    const deep: [string, string][] = [
      ['calls', 'const f = () => f() + 1; return f();'],
      [
        'the text of an error',
        'class E extends Error { get message() { return String(this); } toString() { return this.message; } } throw new E();',
      ],
      ['the source', `return ${'('.repeat(50_000)}1${')'.repeat(50_000)};`],
      ['brackets', `return ${'['.repeat(50_000)}${']'.repeat(50_000)};`],
      [
        'a Proxy of a Proxy (CVE-2023-31922)',
        'let p = []; for (let i = 0; i < 100_000; i += 1) p = new Proxy(p, {}); return Array.isArray(p);',
      ],
      ['a pattern', 'return new RegExp("(?:".repeat(100_000) + ")".repeat(100_000)).test("");'],
      ['JSON that is read', 'return JSON.parse("[".repeat(200_000) + "]".repeat(200_000)).length;'],
      [
        'a chain of prototypes',
        'let o = {}; for (let i = 0; i < 300_000; i += 1) o = Object.create(o); return o.x === undefined && f(); function f() { return f(); }',
      ],
    ];
    for (const [what, source] of deep) {
      it(`of ${what} ends`, async () => {
        expect(await guest.error(source)).to.match(/^code_(error|invalid): /);
      });
    }

    it('of the output ends', async () => {
      expect(
        await guest.error('let a = []; for (let i = 0; i < 200_000; i += 1) a = [a]; return a;'),
      ).to.match(/^code_(output_invalid|error): /);
    });

    it('of calls can be caught', async () => {
      const source =
        'let n = 0; const f = () => { n += 1; f(); }; try { f(); } catch (error) { return [n > 1_000, error.message]; }';

      expect(await guest.output(source)).to.deep.equal([true, 'stack overflow']);
    });

    it('of a TypeScript source ends', async () => {
      const typescript = { language: 'typescript' as const };

      expect(await guest.error(`return ${'('.repeat(90_000)}1`, typescript)).to.match(/^code_invalid: /);
      expect(await guest.error(`const a: ${'A<'.repeat(60_000)}`, typescript)).to.match(/^code_invalid: /);
    });
  });

  describe('logs', () => {
    it('are cut by their number', async () => {
      await guest.output('for (let i = 0; i < 100_000; i += 1) console.log(i);', { limits: { logLines: 5 } });

      expect(guest.lines).to.deep.equal([
        ...['info 0', 'info 1', 'info 2', 'info 3'],
        'info more lines were logged; they are dropped',
      ]);
    });

    it('are cut by their length, and by all of their bytes', async () => {
      const source = 'for (let i = 0; i < 50; i += 1) console.log("é".repeat(100_000));';

      await guest.output(source, { limits: { logBytes: 40_000 } });

      expect(guest.lines.slice(0, -1).map((line) => line.length)).to.deep.equal([8_005, 8_005]);
      expect(guest.lines.at(-1)).to.equal('warn more than 40000 bytes were logged; the rest is dropped');
    });

    it('show a part of what is large', async () => {
      await guest.output('console.log(new Array(1e6).fill(7), new Array(4e9 / 1), { s: "x".repeat(1e6) });');

      expect(guest.lines).to.have.length(1);
      expect(guest.lines[0]).to.contain('… 999900 more').and.to.have.length.below(8_010);
    });
  });
});
