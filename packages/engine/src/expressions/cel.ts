import { Environment, EvaluationError, ParseError, TypeError as CelTypeError } from '@marcbachmann/cel-js';
import { failed, LIMITS, messageOf, type Compiled, type Evaluated } from './evaluated.js';
import { celFacts, type CelFacts } from './cel-syntax.js';
import { toPlainJson } from './json.js';
import { celScopePaths, type ScopePath } from './scope-paths.js';
import { TextCache } from './text-cache.js';

export interface CompiledCel {
  readonly text: string;
  readonly stepReferences: readonly string[];
  readonly reachesAllSteps: boolean;
  /** False: the caller may leave `input` out of the scope. */
  readonly usesInput: boolean;
  /** What of the scope it names. */
  scopePaths(): readonly ScopePath[];
  evaluate(scope: object): Evaluated;
  /** As `evaluate`, and anything but true or false is an error. */
  evaluateBoolean(scope: object): Evaluated<boolean>;
}

/** What bodies and `on_failure` see beside it; in other places they are nothing, and using them is an error. */
const ITERATION_NAMES = ['index', 'item', 'previous', 'parent', 'output', 'failure'] as const;

/** Numbers of JSON are doubles while literals like `1` are ints; CEL keeps the two apart, users do not. */
function createEnvironment(): Environment {
  const environment = new Environment({
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: {
      maxAstNodes: 2_000,
      maxDepth: 50,
      maxListElements: 500,
      maxMapEntries: 500,
      maxCallArguments: 16,
    },
  });
  for (const name of ['parameters', 'steps', 'execution', 'input', ...ITERATION_NAMES]) {
    environment.registerVariable(name, 'dyn');
  }
  const arithmetic: Record<string, (a: number, b: number) => number> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
    '%': (a, b) => a % b,
  };
  for (const [operator, apply] of Object.entries(arithmetic)) {
    const mixed = (a: number | bigint, b: number | bigint): number => apply(Number(a), Number(b));
    environment.registerOperator(`int ${operator} double: double`, mixed);
    environment.registerOperator(`double ${operator} int: double`, mixed);
  }
  environment.registerOperator('double % double: double', (a: number, b: number) => a % b);
  environment.registerOperator('int == double', (a: bigint, b: number) => Number(a) === b);
  return environment;
}

const environment = createEnvironment();
const compiled = new TextCache<Compiled<CompiledCel>>(LIMITS.cachedCharacters);

/** What one evaluation may cost before it would be felt by the other executions of a worker: some 20 ms. */
const MAX_OPERATIONS = 250_000;

/** Do the values that the expression can reach hold more than `limit` items? Counts no further than that. */
function isLarger(scope: object, facts: CelFacts, limit: number): boolean {
  let count = 0;
  const steps: unknown = Reflect.get(scope, 'steps');
  const pending: unknown[] = [
    Reflect.get(scope, 'parameters'),
    facts.usesInput ? Reflect.get(scope, 'input') : null,
    ...ITERATION_NAMES.map((name): unknown => Reflect.get(scope, name) ?? null),
  ];
  // A computed id (`steps[parameters.x]`) may reach any step.
  pending.push(facts.reachesAllSteps ? steps : facts.stepReferences.map((id) => property(steps, id)));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    for (const item of Array.isArray(next) ? next : Object.values(next)) {
      count += 1;
      if (count > limit) return true;
      if (typeof item === 'object' && item !== null) pending.push(item);
    }
  }
  return false;
}

/** Durations, bytes, types and optionals are CEL's own and have no JSON. Timestamps become RFC 3339. */
function isForeign(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date)
    return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== null;
}

function property(object: unknown, key: string): unknown {
  const isFound = typeof object === 'object' && object !== null && Object.hasOwn(object, key);
  return isFound ? Reflect.get(object, key) : null;
}

/** The position and the first line; cel-js adds a drawing of the source that does not fit into one line of JSON. */
function describe(error: unknown): { message: string; position: number | null } {
  if (error instanceof ParseError || error instanceof EvaluationError || error instanceof CelTypeError) {
    return { message: error.summary, position: error.range?.start ?? null };
  }
  return { message: messageOf(error), position: null };
}

function compile(text: string): Compiled<CompiledCel> {
  if (text.length > LIMITS.textLength) {
    return {
      ok: false,
      message: `the expression is longer than ${LIMITS.textLength} characters`,
      position: null,
    };
  }
  try {
    const run = environment.parse(text);
    const facts = celFacts(run.ast);
    if (facts.refusal !== null) return { ok: false, message: facts.refusal, position: null };
    const checked = run.check();
    if (!checked.valid) {
      const { message, position } = describe(checked.error);
      return { ok: false, message: facts.hint(message), position };
    }
    const affordable = facts.exponent > 0 ? MAX_OPERATIONS ** (1 / facts.exponent) : Infinity;
    const evaluate = (scope: object): Evaluated<unknown> => {
      if (affordable !== Infinity && isLarger(scope, facts, affordable)) {
        return failed(
          'expression_limit',
          `CEL: this expression goes through its lists and takes at most ${Math.floor(affordable)} values; use a transform step`,
        );
      }
      try {
        const value: unknown = run({ ...scope });
        return { ok: true, value };
      } catch (error) {
        return failed('expression_failed', `CEL: ${facts.hint(describe(error).message)}`);
      }
    };
    return {
      ok: true,
      value: {
        text,
        stepReferences: facts.stepReferences,
        reachesAllSteps: facts.reachesAllSteps,
        usesInput: facts.usesInput,
        scopePaths: () => celScopePaths(run.ast),
        evaluate(scope) {
          const result = evaluate(scope);
          if (!result.ok) return result;
          if (isForeign(result.value)) {
            return failed(
              'expression_result_invalid',
              'CEL: the result is not JSON; string() makes a text of it',
            );
          }
          return toPlainJson(result.value);
        },
        evaluateBoolean(scope) {
          const result = evaluate(scope);
          if (!result.ok) return result;
          if (typeof result.value === 'boolean') return { ok: true, value: result.value };
          const shown = typeof result.value === 'bigint' ? 'number' : typeof result.value;
          return failed(
            'expression_not_boolean',
            `CEL: the expression must yield true or false, not a ${shown}`,
          );
        },
      },
    };
  } catch (error) {
    return { ok: false, ...describe(error) };
  }
}

/** Parses, type-checks and limits a CEL expression. Results are cached by text. */
export function compileCel(text: string): Compiled<CompiledCel> {
  return compiled.getOrMake(text, compile);
}
