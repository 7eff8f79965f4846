/**
 * Every known way out of a JavaScript sandbox, tried from inside. A way out ends at something that only a host has, so
 * each source asks whatever it got hold of for it with `host(…)`, and has to come back empty-handed.
 */
import { expect } from 'chai';
import { useGuest } from './support/guest.js';

/** What a global object, reached through a function constructor, has that none here should. */
const PROBE = `
  const NAMES = ['process', 'require', 'module', 'Buffer', 'global', 'fetch', 'setTimeout', 'setImmediate', 'queueMicrotask',
    'structuredClone', 'WebAssembly', 'Worker', 'SharedArrayBuffer', 'Atomics', 'XMLHttpRequest', 'performance', 'std', 'os',
    'bjson', 'scriptArgs', 'print', 'Deno', 'Bun', 'importScripts', '__filename', 'gc', 'load', 'navigator', 'window'];
  const host = (...constructors) => constructors.flatMap((make) => {
    try {
      const world = typeof make === 'function' ? make('return this')() ?? globalThis : make;
      return NAMES.filter((name) => typeof world[name] !== 'undefined');
    } catch (error) { return error instanceof Error ? [] : ['an error of another world']; }
  });
`;

describe('the ways out of code', function () {
  this.timeout(30_000);
  const guest = useGuest();
  const input = { row: [{ a: 1 }], text: 'x' };
  const context = { execution: { id: 'exec_1' }, parameters: { list: [1] } };

  /** What was reached; the names of the host's things, or what the source returns. */
  const reach = (source: string): Promise<unknown> => guest.output(`${PROBE}\n${source}`, { input, context });

  /** Neither the next run nor this process has changed. */
  afterEach(async () => {
    expect(Object.keys(Object.prototype)).to.deep.equal([]);
    expect(
      await guest.output(
        'const keys = []; for (const key in {}) keys.push(key); return [keys, [].concat(1), JSON.stringify({ a: 1 })];',
      ),
    ).to.deep.equal([[], [1], '{"a":1}']);
  });

  const NOTHING: unknown[] = [];
  const empty: [string, string][] = [
    ['the global object', 'return host(globalThis);'],
    ['`this` of a sloppy function', 'return host(Function("return this")(), (0, eval)("this"));'],
    [
      'the constructor of the constructor of `this`',
      'return host((function () { return Object(this); })().constructor.constructor);',
    ],
    [
      'constructor chains of literals',
      'return host({}.constructor.constructor, [].constructor.constructor, "".constructor.constructor, (1).constructor.constructor, /a/.constructor.constructor, true.constructor.constructor, 1n.constructor.constructor, Symbol().constructor.constructor);',
    ],
    [
      'constructors of async functions and generators',
      'return host((async () => {}).constructor, (function* () {}).constructor, (async function* () {}).constructor).concat(host(await (async () => {}).constructor("return this")()));',
    ],
    [
      'the constructor chain of the input',
      'return host(input.constructor.constructor, input.row.constructor.constructor, input.row[0].constructor.constructor, input.text.constructor.constructor);',
    ],
    [
      'the constructor chain of the context',
      'return host(context.constructor.constructor, context.parameters.list.map.constructor);',
    ],
    [
      'the functions of console',
      'return host(console.constructor.constructor, ...Object.values(console).map((log) => log.constructor));',
    ],
    [
      'what console hands on',
      'let seen = []; console.log({ toString() { seen.push(arguments.length); return "x"; } }, new Proxy({}, { get(target, key, receiver) { seen.push(receiver); return undefined; }, ownKeys(target) { seen.push(target); return []; } })); return host(...seen.filter((x) => typeof x === "object").map((x) => x.constructor?.constructor));',
    ],
    ['the return value of console', 'return host(console.log("x"), console.error("x"));'],
    [
      'the constructor of built-in functions',
      'return host(Math.random.constructor, Date.now.constructor, JSON.parse.constructor, Reflect.get.constructor);',
    ],
    [
      'the prototype chain up to its end',
      'const out = []; for (let o = console.log; o; o = Object.getPrototypeOf(o)) out.push(...host(o.constructor?.constructor)); return out;',
    ],
    [
      'arguments.callee.caller',
      'function f() { try { return [arguments.callee.caller]; } catch { return []; } } return host(...f());',
    ],
    [
      'Function.prototype.caller and arguments',
      'const out = []; for (const key of ["caller", "arguments"]) try { out.push(console.log[key], (function () {})[key]); } catch {} return host(...out.filter(Boolean));',
    ],
    [
      'a caller seen by a sloppy callback',
      'const f = Function("try { return f.caller } catch { return null }"); return host(...[1].map(() => f()).filter(Boolean));',
    ],
    [
      'an indirect eval',
      'const e = eval; return host(e("globalThis")).concat(host(e("(function(){return this})()")));',
    ],
    [
      'a Function with a body that closes it',
      'try { return host(Function("/*", "*/){return globalThis})(); (function(")()); } catch (error) { return host(error.constructor.constructor); }',
    ],
    ['`with`', 'return host(Function("with ({}) { return constructor }")()?.constructor ?? {});'],
    [
      'Reflect.construct with another new.target',
      'return host(Reflect.construct(Function, ["return this"], function () {}), Reflect.construct(Function, ["return this"], class extends Function {}));',
    ],
    [
      'Error.prepareStackTrace',
      'let frames = []; Error.prepareStackTrace = (error, trace) => { frames = trace; return trace; }; const { stack } = new Error(); try { null.x } catch (e) { e.stack } return host(...[].concat(frames, typeof stack === "string" ? [] : stack).map((frame) => frame.getThis?.() ?? frame.constructor.constructor));',
    ],
    [
      'Error.captureStackTrace',
      'const o = {}; Error.captureStackTrace?.(o); return host(...(typeof o.stack === "object" ? [o.stack.constructor.constructor] : []));',
    ],
    [
      'getters and setters of a stack',
      'const seen = []; Object.defineProperty(Error.prototype, "stack", { get() { seen.push(this); return "x"; }, set(v) { seen.push(v); } }); try { JSON.parse("{"); } catch (e) { seen.push(e.stack); } return host(...seen.filter((x) => typeof x === "object").map((x) => x.constructor.constructor));',
    ],
    [
      'errors of built-in functions',
      'const errors = []; for (const f of [() => null.x, () => JSON.parse("{"), () => new Array(-1), () => "x".repeat(-1), () => decodeURI("%"), () => new RegExp("("), () => 1n + 1, () => Symbol() + "", () => console.log(Symbol()), () => structuredClone(1)]) try { f(); } catch (e) { errors.push(e); } return host(...errors.map((e) => e.constructor.constructor));',
    ],
    [
      'the error of a stack that overflows',
      'let caught; const f = () => { try { f(); } catch (e) { caught ??= e; throw e; } }; try { f(); } catch (e) { caught = e; } return host(caught.constructor.constructor);',
    ],
    [
      'the error of a memory that is full',
      'let a = [], caught; try { for (;;) a.push(new Uint8Array(1e6)); } catch (e) { a = null; caught = e; } return host(caught.constructor.constructor);',
    ],
    [
      'the error of an overflow within console',
      'let caught; const f = () => { try { console.log({ toString: f, get a() { return f(); } }); f(); } catch (e) { caught = e; } }; f(); return host(caught?.constructor?.constructor ?? {});',
    ],
    [
      'Promise species',
      'class P extends Promise { constructor(e) { super((a, b) => e(a, b)); } static get [Symbol.species]() { return P; } } const seen = []; const p = (async () => { null.x; })(); p.constructor = { [Symbol.species]: class { constructor(executor) { executor((v) => seen.push(v), (e) => seen.push(e)); } } }; p.then(); await null; await null; return host(...seen.filter(Boolean).map((x) => x.constructor.constructor));',
    ],
    [
      'a patched Promise.prototype.then',
      'const seen = []; const { then } = Promise.prototype; Promise.prototype.then = function (a, b) { seen.push(this, a, b); return then.call(this, a, b); }; await Promise.resolve(1); const q = import("fs").catch((e) => seen.push(e)); await q; return host(...seen.filter(Boolean).map((x) => x.constructor.constructor ?? x.constructor));',
    ],
    [
      'a thenable that is awaited',
      'const seen = []; await { then(resolve, reject) { seen.push(resolve, reject); resolve(); } }; return host(...seen.map((f) => f.constructor));',
    ],
    [
      'Symbol.toPrimitive, iterator and hasInstance',
      'const seen = []; const trap = { [Symbol.toPrimitive](hint) { seen.push(this); return hint; }, [Symbol.iterator]() { seen.push(this); return [][Symbol.iterator](); }, get [Symbol.toStringTag]() { seen.push(this); return "x"; } }; console.log(trap, `${trap}`, [...trap]); for (const kind of [Error, Map, Set, Date]) Object.defineProperty(kind, Symbol.hasInstance, { value(x) { seen.push(this, x); return false; } }); console.log({}, new Map()); return host(...seen.filter((x) => x && typeof x === "object").map((x) => x.constructor.constructor));',
    ],
    [
      'a Proxy that is logged',
      'const seen = []; const spy = new Proxy({}, new Proxy({}, { get: (_, trap) => (...args) => { seen.push(...args); return Reflect[trap](...args); } })); console.log(spy, [spy], { spy }); return host(...seen.filter((x) => x && typeof x === "object").map((x) => x.constructor?.constructor ?? {}));',
    ],
    [
      'Object.prototype that watches what the platform sets',
      'const seen = []; for (const key of ["code", "isModule", "level", "message", "state", "seed", "then", "default"]) Object.defineProperty(Object.prototype, key, { configurable: true, get() { return undefined; }, set(value) { seen.push(this, value); } }); console.log({ a: 1 }); delete Object.prototype.then; return host(...seen.filter((x) => x && typeof x === "object").map((x) => x.constructor.constructor));',
    ],
    [
      'Array.prototype that watches what the platform does',
      'const seen = []; for (const key of ["map", "slice", "join", "push", "includes", "flatMap", "filter", "at"]) { const f = Array.prototype[key]; Array.prototype[key] = function (...args) { seen[seen.length] = this; seen[seen.length] = args; return f.apply(this, args); }; } console.log([1], { a: [2] }); const found = []; for (const x of seen) for (const y of x) if (typeof y === "function" && !String(y).includes("=>")) found[found.length] = y.constructor; return host(...found);',
    ],
    [
      'structuredClone, SharedArrayBuffer, Atomics, WebAssembly',
      'return [typeof structuredClone, typeof SharedArrayBuffer, typeof Atomics, typeof WebAssembly].filter((kind) => kind !== "undefined");',
    ],
    [
      'a FinalizationRegistry and a WeakRef',
      'const seen = []; const registry = new FinalizationRegistry((held) => seen.push(held)); (() => { registry.register({}, console); })(); await null; await null; return host(...seen.map((x) => x.constructor.constructor), new WeakRef(console).deref().log.constructor);',
    ],
    [
      'a reviver of JSON.parse',
      'const seen = []; JSON.parse("{\\"a\\":[1]}", function (key, value, source) { seen.push(this, source); return value; }); return host(...seen.filter(Boolean).map((x) => x.constructor.constructor));',
    ],
    [
      'the prototype of a generator',
      'const g = Object.getPrototypeOf(function* () {}); return host(g.constructor, g.prototype.constructor?.constructor ?? {});',
    ],
    [
      'iterator helpers',
      'const it = [1].values(); return host(it.constructor?.constructor ?? {}, Iterator.from({ next: () => ({ done: true }) }).constructor.constructor);',
    ],
    [
      'a getter on globalThis',
      'const seen = []; for (const key of ["process", "require", "fetch", "Error", "Promise", "JSON"]) Object.defineProperty(globalThis, key, { configurable: true, get() { seen.push(this); return undefined; } }); return host(...seen);',
    ],
    ['import.meta', 'try { return host(eval("import.meta")); } catch { return []; }'],
    [
      'new.target and super of the platform’s function',
      'return host((() => { try { return eval("new.target"); } catch { return undefined; } })() ?? {});',
    ],
    [
      'legacy accessors',
      'const get = {}.__lookupGetter__("__proto__"); return host(get.constructor, get.call(console.log).constructor, {}.__lookupSetter__("__proto__").constructor);',
    ],
    [
      'a class that extends what console is',
      'return host(class extends console.log.constructor {}, new (class extends console.log.constructor { constructor() { super("return this"); } })());',
    ],
  ];
  for (const [way, source] of empty) {
    it(`${way} leads nowhere`, async () => {
      expect(await reach(source)).to.deep.equal(NOTHING);
    });
  }

  describe('modules', () => {
    const names = [
      'fs',
      'node:fs',
      'child_process',
      'std',
      'os',
      'qjs:std',
      'https://example.com/a.js',
      './runner/main.js',
      'file:///etc/passwd',
      'millrace:prelude',
      './prelude.js',
      'data:text/javascript,export default 1',
      '/etc/passwd',
      '../../package.json',
      '',
    ];
    for (const name of names) {
      it(`${JSON.stringify(name)} cannot be imported`, async () => {
        const module = JSON.stringify(name);

        expect(await guest.error(`await import(${module});`)).to.contain('cannot be imported');
        expect(
          await guest.error(`import * as all from ${module}; export default () => Object.keys(all);`),
        ).to.contain('cannot be imported');
        expect(await guest.error(`export * from ${module};`)).to.contain('cannot be imported');
      });
    }

    it('nor with attributes, nor what says its name late', async () => {
      expect(await guest.error('await import("./data.json", { with: { type: "json" } });')).to.match(
        /^code_(error|invalid)/,
      );
      expect(await guest.error('await import({ toString() { return "fs"; } });')).to.contain(
        'cannot be imported',
      );
    });

    it('may import itself, and gets itself', async () => {
      const outcome = await guest.run(
        'import * as me from "step.js"; export const a = 1; export default () => Object.keys(me);',
      );

      expect(JSON.stringify(outcome)).not.to.contain('setup');
    });
  });

  describe('what comes back', () => {
    it('cannot pollute this process with __proto__ and constructor', async () => {
      const output = await guest.output(
        'return JSON.parse(\'{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}\');',
      );

      expect(Object.keys(output as object)).to.deep.equal(['__proto__', 'constructor']);
      expect(Reflect.get({}, 'polluted')).to.equal(undefined);
    });

    it('is text only: a Proxy, a getter and a toJSON have run inside', async () => {
      const source = `
        const spy = new Proxy({ a: 1 }, { get: (target, key) => (key === 'toJSON' ? undefined : typeof process) });
        return { spy, get b() { return typeof require; }, c: { toJSON: (key) => [key, typeof globalThis.process] } };`;

      expect(await guest.output(source)).to.deep.equal({
        spy: { a: 'undefined' },
        b: 'undefined',
        c: ['c', 'undefined'],
      });
    });

    it('is what the code makes of it where it replaces JSON', async () => {
      const outcome = await guest.run(
        'JSON.stringify = () => "{"; String.prototype.toString = () => "x"; return { a: 1 };',
      );

      expect(outcome).to.deep.equal({ ok: true, output: { a: 1 } });
    });

    it('has errors whose parts are texts, whatever the code made of them', async () => {
      const error = await guest.run(`
        throw Object.defineProperties(new Error(), {
          name: { get: () => ({ toString: () => 'n' }) },
          message: { value: { a: 1 } },
          stack: { value: '    at evil (/etc/passwd:1:1)\\n    at step.js:7:8' },
        });`);

      expect(error).to.have.nested.property('error.code', 'code_error');
      expect(error).to.have.nested.property('error.details.line', 7);
      expect(error).to.have.nested.property('error.message').that.is.a('string');
    });

    it('names no path of the host and nothing of the platform’s own code', async () => {
      const texts = [
        JSON.stringify(await guest.run('return new Error().stack;')),
        JSON.stringify(await guest.run('await Promise.all([1].map(() => { null.x; }));')),
        JSON.stringify(await guest.run('await import("fs");')),
        JSON.stringify(await guest.run('return String(console.log) + String(Math.random);')),
        JSON.stringify(await guest.run('const f = () => f(); f();')),
      ];

      for (const text of texts)
        expect(text).not.to.match(/packages|node_modules|\/work|\/home|file:|\.wasm|node:internal/);
    });
  });

  it('the platform’s console can be replaced without harm', async () => {
    expect(
      await guest.output('console = null; globalThis.console = { log: 1 }; return typeof console.log;'),
    ).to.equal('number');
  });

  it('frozen and broken built-ins harm nobody but the code', async () => {
    const broken = await guest.run(
      'const { ownKeys } = Reflect; const wipe = (o, keys) => { for (let i = 0; i < keys.length; i += 1) try { delete o[keys[i]]; } catch {} }; wipe(Array.prototype, ownKeys(Array.prototype)); wipe(Object, ownKeys(Object)); wipe(globalThis, ownKeys(globalThis)); return 5;',
    );
    const frozen = await guest.run(
      '[Object, Function, Array, Promise, Map, Set, Error].forEach((c) => { Object.freeze(c); Object.freeze(c.prototype); }); console.log([new Map()]); return { a: 1 };',
    );

    expect(broken).to.deep.equal({ ok: true, output: 5 });
    expect(frozen).to.deep.equal({ ok: true, output: { a: 1 } });
  });
});
