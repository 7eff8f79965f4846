import { expect } from 'chai';
import { NOON, useGuest } from './support/guest.js';

describe('code', () => {
  const guest = useGuest();

  describe('its two forms', () => {
    it('is the body of a function of input and context', async () => {
      const context = { parameters: { rate: 3 } };

      expect(
        await guest.output('return input.n * context.parameters.rate;', { input: { n: 2 }, context }),
      ).to.equal(6);
    });

    it('is a module with a default export', async () => {
      const source = `
        const rate = 3;
        export default function (input, context) { return [input.n * rate, context.a]; }`;

      expect(await guest.output(source, { input: { n: 2 }, context: { a: 1 } })).to.deep.equal([6, 1]);
    });

    it('may await in both, also at the top of a module', async () => {
      expect(await guest.output('return (await Promise.all([1, Promise.resolve(2)])).length;')).to.equal(2);
      expect(
        await guest.output('const a = await Promise.resolve(4); export default async () => a;'),
      ).to.equal(4);
    });

    it('is a body where `export` is only a word in it', async () => {
      expect(await guest.output('return `\nexport default 5;`;')).to.equal('\nexport default 5;');
      expect(await guest.output('// export default\nreturn 1;')).to.equal(1);
    });

    it('is strict in both', async () => {
      expect(await guest.error('x = 1;')).to.match(/^code_error: ReferenceError/);
      expect(await guest.error('export default () => { x = 1; }')).to.match(/^code_error: ReferenceError/);
    });

    it('needs a function as its default export', async () => {
      expect(await guest.error('export const a = 1;')).to.match(/^code_invalid: .*export default/);
      expect(await guest.error('export default 4;')).to.match(/^code_invalid: .*export default/);
    });
  });

  it('has a copy of its input, and a context that it cannot change', async () => {
    const input = { list: [1] };

    await guest.output('input.list.push(2); return null;', { input });

    expect(input).to.deep.equal({ list: [1] });
    expect(await guest.error('context.a.b = 1;', { context: { a: {} } })).to.contain('TypeError');
  });

  it('keeps every text and number that JSON has', async () => {
    const input = ['\u0000', '\ud800', '😀', 'a\u2028b', 1e308, -0.5, true, null, { ['__proto__']: 1 }];

    expect(await guest.output('return input;', { input })).to.deep.equal(input);
  });

  it('starts anew every time', async () => {
    await guest.output(
      'globalThis.left = 1; Object.prototype.left = 2; Array.prototype.map = null; return 1;',
    );

    expect(await guest.output('return [typeof left, typeof {}.left, typeof [].map];')).to.deep.equal([
      'undefined',
      'undefined',
      'function',
    ]);
  });

  describe('time and chance', () => {
    it('has the given clock, which stands still, in UTC', async () => {
      const source = `
        const first = Date.now();
        for (let i = 0; i < 300_000; i += 1);
        return [first, Date.now(), new Date().getTime(), new Date().getTimezoneOffset(), Date()];`;

      expect(await guest.output(source)).to.deep.equal([
        ...[NOON, NOON, NOON, 0],
        'Wed Jan 02 2030 12:00:00 GMT+0000',
      ]);
    });

    it('draws the same numbers for the same seed', async () => {
      const source = 'return [Math.random(), Math.random()];';

      const first = await guest.output(source);
      const again = await guest.output(source);
      const other = await guest.output(source, { seed: 0.5 });

      expect(again).to.deep.equal(first);
      expect(other).not.to.deep.equal(first);
      expect(first).to.satisfy((drawn: [number, number]) => drawn.every((one) => one >= 0 && one < 1));
      expect(first).to.satisfy((drawn: [number, number]) => drawn[0] !== drawn[1]);
    });
  });

  describe('output', () => {
    it('is null where nothing is returned', async () => {
      expect(await guest.output('const a = 1;')).to.equal(null);
      expect(await guest.output('export default () => {};')).to.equal(null);
    });

    it('is what JSON makes of it', async () => {
      expect(
        await guest.output('return { at: new Date(), none: undefined, list: [undefined], nan: NaN };'),
      ).to.deep.equal({ at: '2030-01-02T12:00:00.000Z', list: [null], nan: null });
    });

    const refused: [string, string][] = [
      ['a function', 'return () => 1;'],
      ['a symbol', 'return Symbol("a");'],
      ['a BigInt', 'return { n: 1n };'],
      ['a cycle', 'const a = {}; a.a = a; return a;'],
      ['a Map', 'return new Map([[1, 2]]);'],
      ['a Set deep inside', 'return { a: [{ b: new Set([1]) }] };'],
      ['a getter that throws', 'return { get a() { throw new Error("no"); } };'],
      ['a toJSON that throws', 'return { toJSON() { throw new Error("no"); } };'],
    ];
    for (const [what, source] of refused) {
      it(`refuses ${what}`, async () => {
        expect(await guest.error(source)).to.match(/^code_output_invalid: what the code returned cannot be/);
      });
    }
  });

  describe('TypeScript', () => {
    const typescript = { language: 'typescript' as const };

    it('loses its types in both forms', async () => {
      const body =
        'interface Row { n: number }\nconst rows = input as Row[];\nreturn rows.map((row: Row): number => row.n!);';
      const module =
        'type In = { n: number };\nexport default async function (input: In): Promise<number> { return input.n satisfies number; }';

      expect(await guest.output(body, { ...typescript, input: [{ n: 1 }] })).to.deep.equal([1]);
      expect(await guest.output(module, { ...typescript, input: { n: 2 } })).to.equal(2);
    });

    it('keeps the places of errors', async () => {
      expect(
        await guest.error('interface A {\n  a: string;\n}\n  (null as unknown as A).a;', typescript),
      ).to.match(/TypeError: .* \(line 4, column \d+\)$/);
      expect(await guest.error('const a: = 1;', typescript)).to.match(
        /^code_invalid: .*line 1, column 10\)$/,
      );
      expect(await guest.error('export default (a: ) => 1;', typescript)).to.match(
        /^code_invalid: .*line 1, column 20\)$/,
      );
    });

    it('says what of it is more than types', async () => {
      expect(await guest.error('enum Colour { Red }', typescript)).to.match(/^code_invalid: .*enum/);
      expect(await guest.error('namespace A { export const a = 1; }', typescript)).to.match(
        /^code_invalid: .*namespace/,
      );
    });
  });

  describe('errors', () => {
    it('name the place in the source, and nothing of the host', async () => {
      const outcome = await guest.run('const f = () => { throw new RangeError("too far"); };\n\n  f();');

      expect(outcome).to.deep.equal({
        ok: false,
        error: {
          code: 'code_error',
          message: 'RangeError: too far (line 1, column 39)',
          fault: 'workflow',
          retryable: false,
          details: {
            ...{ line: 1, column: 39 },
            stack: '    at f (step.js:1:39)\n    at <anonymous> (step.js:3:4)',
          },
        },
      });
    });

    it('come from promises as well', async () => {
      expect(await guest.error('await Promise.reject(new Error("later"));')).to.contain('Error: later');
      expect(await guest.error('\nawait null;\nnull.x;')).to.contain('line 3');
    });

    it('may be anything that was thrown', async () => {
      expect(await guest.error('throw { a: 1 };')).to.equal('code_error: { a: 1 }');
      expect(await guest.error('throw undefined;')).to.equal('code_error: undefined');
      expect(await guest.error('throw "no";')).to.equal('code_error: no');
    });

    it('tell where the source does not parse', async () => {
      expect(await guest.error('let a = 1;\nlet b = ;')).to.match(
        /^code_invalid: SyntaxError.*line 2, column 9/,
      );
      expect(await guest.error('export default function () {\n  return 1 +;\n}')).to.match(
        /^code_invalid: SyntaxError.*line 2/,
      );
    });

    it('are the code’s own where it throws a SyntaxError itself', async () => {
      expect(await guest.error('JSON.parse("{");')).to.match(/^code_error: SyntaxError/);
    });

    it('say what to use instead of what is not there', async () => {
      expect(await guest.error('await fetch("https://example.com");')).to.contain('use an http_request step');
      expect(await guest.error('setTimeout(() => 1, 5);')).to.contain('use a delay step');
      expect(await guest.error('require("fs");')).to.contain('no modules');
      expect(await guest.error('return process.env;')).to.contain('no environment');
    });

    it('tell a promise that nothing will ever settle', async () => {
      expect(await guest.error('await new Promise(() => {});')).to.match(/^code_error: .*nothing settles/);
    });
  });

  describe('console', () => {
    it('shows values as Node does', async () => {
      await guest.output(`
        class Order { id = 7; }
        console.log('rows', 1, { a: 'x', b: [1, null, undefined], 'c-d': { e: { f: { g: 1 } } } });
        console.log(new Map([['a', 1]]), new Set([1]), new Order(), Object.create(null), 10n, -0);
        console.log(() => 1, function named() {}, Symbol('s'), /a+/g, new Date(), new Uint8Array(2));
        console.log([1, , 3], { get secret() { return 1; } }, "it's", ["it's"], new Error('plain').message);
        const cycle = {}; cycle.self = cycle; console.log(cycle);`);

      expect(guest.lines).to.deep.equal([
        "info rows 1 { a: 'x', b: [ 1, null, undefined ], 'c-d': { e: { f: [Object] } } }",
        "info Map(1) { 'a' => 1 } Set(1) { 1 } Order { id: 7 } [Object: null prototype] {} 10n -0",
        'info [Function (anonymous)] [Function: named] Symbol(s) /a+/g 2030-01-02T12:00:00.000Z Uint8Array(2) [ 0, 0 ]',
        'info [ 1, <empty>, 3 ] { secret: [Getter] } it\'s [ "it\'s" ] plain',
        'info { self: [Circular] }',
      ]);
    });

    it('has levels, and the place of an error', async () => {
      await guest.output(
        'console.debug(1); console.info(2); console.warn(3); console.error(new TypeError("x"));',
      );

      expect(guest.lines).to.deep.equal([
        'debug 1',
        'info 2',
        'warn 3',
        'error TypeError: x\n    at <anonymous> (step.js:1:80)',
      ]);
    });

    it('is heard while the code runs', async () => {
      const controller = new AbortController();

      const outcome = await guest.run('console.log("on my way"); for (;;);', {
        signal: controller.signal,
        onLog: () => {
          controller.abort();
        },
      });

      expect(outcome).to.have.nested.property('error.code', 'aborted');
    });
  });
});
