/**
 * Escapes that were published for other sandboxes, as far as they can be told in the same words: each calls `escaped` with
 * what gave its author the host's `process`. Here it has to stay what it is, a function constructor of this world.
 */
import { expect } from 'chai';
import { useGuest } from './support/guest.js';

/** `escaped(value)`: climbs from any value to a function constructor and looks at the world that one sees. */
const PRELUDE = `
  globalThis.found = [];
  globalThis.escaped = (value) => {
    try {
      const make = value?.constructor?.constructor ?? value;
      const world = typeof make === 'function' ? make('return this')() ?? globalThis : value;
      for (const name of ['process', 'require', 'global', 'Buffer', 'setTimeout', 'WebAssembly', 'fetch'])
        if (typeof world?.[name] !== 'undefined') found.push(name);
      if (world !== globalThis && typeof world === 'object' && !(world instanceof Object)) found.push('another world');
    } catch (error) {
      if (!(error instanceof Error)) found.push('an error of another world');
    }
  };
  globalThis.deepen = (depth = 0) => { if (depth > 1_000) new Error().stack; deepen(depth + 1); };
  globalThis.settled = async () => { for (let i = 0; i < 20; i += 1) await null; return found; };
`;

const ESCAPES: [string, string][] = [
  [
    'CVE-2017-16088 safe-eval: the constructor chain of this',
    'escaped(this); escaped(Function("return this")());',
  ],
  [
    'CVE-2017-16226 static-eval: a constructor reached through a property',
    'escaped([]["constructor"]["constructor"]); escaped((function () {})["constru" + "ctor"]);',
  ],
  [
    'CVE-2019-10761 vm2: the RangeError of a host function that recurses',
    'const f = (n) => { try { console.log([n]); JSON.parse("[1]"); f(n + 1); } catch (error) { escaped(error); } }; f(0);',
  ],
  [
    'CVE-2021-23449 vm2: the promise of a dynamic import',
    'const imported = import("./foo.js"); imported.catch(() => {}); escaped(imported); escaped(imported.toString); imported.then(escaped, escaped);',
  ],
  [
    'CVE-2021-23555 vm2: Error.prepareStackTrace gets host objects',
    'Error.prepareStackTrace = (error, frames) => { escaped(error); escaped(frames); return frames; }; try { null.x; } catch (error) { escaped(error.stack); }',
  ],
  [
    'CVE-2022-25893 vm2: WeakMap.prototype.set gets host objects',
    'const { set } = WeakMap.prototype; WeakMap.prototype.set = function (...args) { args.forEach(escaped); return set.apply(this, args); }; class A { #x = 1; } new A(); console.log(new Proxy({}, {})); import("x").catch(() => {});',
  ],
  [
    'CVE-2022-36067 vm2 (SandBreak): an Error of one’s own with prepareStackTrace',
    'const Old = Error; globalThis.Error = {}; globalThis.Error.prepareStackTrace = (error, traces) => { traces.forEach((trace) => escaped(trace.getThis())); }; const { stack } = new Old(); escaped(stack); globalThis.Error = Old;',
  ],
  [
    'CVE-2023-29017 vm2: prepareStackTrace of an unhandled rejection',
    'Error.prepareStackTrace = (error, frames) => { escaped(frames); }; (async () => { (async () => {}).constructor("return process")(); null.x; })(); (async () => { throw new Error(); })();',
  ],
  [
    'CVE-2023-29199 vm2: a catch that the transformer misses',
    'globalThis.VM2_INTERNAL_STATE_DO_NOT_USE_OR_PROGRAM_WILL_FAIL = { handleException: (x) => x }; try { deepen(); } catch (a$tmpname) { escaped(a$tmpname); }',
  ],
  [
    'CVE-2023-30547 vm2: a Proxy thrown whose getPrototypeOf recurses',
    'const proxied = new Proxy({}, { getPrototypeOf() { deepen(); } }); try { throw proxied; } catch ({ constructor: c }) { escaped(c); } try { proxied instanceof Error; } catch (error) { escaped(error); }',
  ],
  [
    'CVE-2023-32313 vm2: the inspect function that console hands to nodejs.util.inspect.custom',
    'const custom = Symbol.for("nodejs.util.inspect.custom"); console.log({ [custom](depth, options, inspect) { escaped(inspect); escaped(options); return "x"; } });',
  ],
  [
    'CVE-2023-32314 vm2: the arguments of a Proxy’s apply while a stack is formatted',
    'const error = new Error(); error.name = { toString: new Proxy(() => "", { apply(target, self, args) { escaped(args); escaped(self); escaped(target); return "n"; } }) }; try { error.stack; String(error); console.log(error); } catch (caught) { escaped(caught); }',
  ],
  [
    'CVE-2023-37466 vm2: Promise species gets an unwashed rejection',
    'const p = (async () => { deepen(); })(); p.constructor = { [Symbol.species]: class { constructor(executor) { executor((x) => x, (error) => escaped(error)); } } }; p.then();',
  ],
  [
    'CVE-2023-37903 vm2: inspection by an API of the host (WebAssembly.compileStreaming)',
    'const custom = Symbol.for("nodejs.util.inspect.custom"); const o = { [custom](depth, options, inspect) { escaped(inspect); }, valueOf: undefined, constructor: undefined }; if (typeof WebAssembly !== "undefined") WebAssembly.compileStreaming(o).catch(() => {}); try { console.log(o, new Map([[o, o]])); } catch (error) { escaped(error); }',
  ],
  [
    'CVE-2026-22709 vm2: an error of the host in Promise.prototype.catch',
    'const error = new Error(); error.name = Symbol(); const f = async () => error.stack + `${error}`; f().catch((e) => { escaped(e); escaped(e.constructor.constructor); });',
  ],
  [
    'GHSA-55hx-c926-fr95 vm2: SuppressedError',
    'const Kind = globalThis.SuppressedError ?? AggregateError; try { deepen(); } catch (error) { const e = new Kind([error], "x"); escaped(e); escaped((e.errors ?? [e.suppressed])[0]); }',
  ],
  [
    'GHSA-x965-fc75-jpqh vm2: the errors within an AggregateError',
    'Promise.any([import("fs"), Promise.reject(1)]).catch((e) => { escaped(e); e.errors.forEach(escaped); escaped(e.errors); });',
  ],
  [
    'GHSA-grj5-jjm8-h35p vm2: __lookupGetter__',
    'const get = ({}).__lookupGetter__("__proto__"); escaped(get); escaped(get.call(console.log)); escaped(Object.getPrototypeOf(get.call(import("x").catch(() => {}))));',
  ],
  [
    'GHSA-27g9-p43v-cw3v vm2: a stale prototype that is put back',
    'const old = Object.getPrototypeOf(console); Object.setPrototypeOf(console, null); escaped(console.log); Object.setPrototypeOf(console.log, null); escaped(console.log); Object.setPrototypeOf(console, old); escaped(old);',
  ],
  [
    'CVE-2021-23771 notevil and argencoders-notevil: functions that are handed the global as this',
    'escaped(Function("return [].concat.call(this)")()); [1].forEach(function () { escaped(this); }, undefined); escaped((0, eval)("this"));',
  ],
  [
    'CVE-2022-25904 safe-eval: __defineGetter__ on what the evaluation returns',
    'Object.prototype.__defineGetter__.call(Object.prototype, "leak", function () { escaped(this); return 1; }); console.log({}.leak); delete Object.prototype.leak;',
  ],
  [
    'CVE-2023-26122 safe-eval: toString and friends of functions',
    'for (const f of [console.log, Math.random, Promise.resolve, import("x").catch]) { escaped(f.toString); escaped(f.call); escaped(f.bind()); escaped(f.apply); }',
  ],
  [
    'CVE-2023-39532 SES: a dynamic import after a spread',
    'const list = []; try { list.push(...import(""), import("x").catch(() => {})); } catch (error) { escaped(error); } list.forEach(escaped);',
  ],
  [
    'CVE-2022-39266 and misuse of isolated-vm: a Reference that reaches into the host',
    'for (const key of ["applySync", "derefInto", "getSync", "copySync", "deref", "release"]) { escaped(console.log[key]); escaped(console[key]); } escaped(globalThis.ivm); escaped(globalThis.$0); escaped(globalThis._ivm);',
  ],
  [
    'CVE-2025-68613 n8n: this.process.mainModule in an expression',
    '(function () { escaped(this?.process); escaped(this?.mainModule); escaped(this); })(); (() => escaped(this))();',
  ],
  [
    'CVE-2026-1470 n8n: `constructor` as an identifier within `with`',
    'const f = Function("escaped", "with (function () {}) { escaped(constructor); escaped(constructor(\'return this\')()); }"); f(escaped);',
  ],
  [
    'CVE-2026-25049 n8n: a constructor taken by destructuring',
    'const { constructor: { constructor: make } } = () => {}; escaped(make); const { ["constructor"]: other } = escaped; escaped(other`return this`());',
  ],
  [
    'CVE-2019-7609 Kibana: NODE_OPTIONS by a polluted prototype, for the next process',
    'Object.prototype.env = { NODE_OPTIONS: "--require /proc/self/environ" }; Object.prototype.execArgv = ["-e", "1"]; Object.prototype.shell = "/bin/sh"; escaped(Object.prototype.env); delete Object.prototype.env; delete Object.prototype.execArgv; delete Object.prototype.shell;',
  ],
  [
    'constructors of async and generator functions, left out of a denylist (SandboxJS and its like)',
    'for (const f of [async () => {}, function* () {}, async function* () {}, class {}, () => {}]) { escaped(f.constructor); escaped(Object.getPrototypeOf(f).constructor); try { escaped(f.constructor("return this")()); } catch {} }',
  ],
];

describe('published escapes', function () {
  this.timeout(30_000);
  const guest = useGuest();

  for (const [title, source] of ESCAPES) {
    it(`${title} stays inside`, async () => {
      const found = await guest.output(`${PRELUDE}\n${source}\nreturn await settled();`, {
        limits: { timeoutMs: 25_000 },
      });

      expect(found).to.deep.equal([]);
      expect(Reflect.get({}, 'env')).to.equal(undefined);
    });
  }

  it('GHSA-x6m4-chr9-cg97 vm2: a stack tells no path of the host', async () => {
    const stack = await guest.output(
      'try { JSON.parse("{"); } catch (error) { return error.stack + new Error().stack; }',
    );

    expect(stack).not.to.match(/node:|file:|node_modules|packages/);
  });

  it('GHSA-v37h-5mfm-c47c and GHSA-p5gc-c584-jj6v vm2: what is shown calls no hook of Node’s', async () => {
    await guest.output(
      'console.log({ [Symbol.for("nodejs.util.inspect.custom")]: () => "hooked", inspect: () => "hooked" });',
    );

    expect(guest.lines.join()).not.to.contain('info hooked');
  });
});
