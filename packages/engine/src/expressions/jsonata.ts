import jsonata from 'jsonata';
import { failed, LIMITS, messageOf, type Compiled, type Evaluated } from './evaluated.js';
import { isPresent, toPlainJson } from './json.js';
import { TextCache } from './text-cache.js';
import { followPath } from './paths.js';
import { jsonataReachesAllSteps, jsonataReferences, usesFunction, type AstNode } from './references.js';
import { jsonataScopePaths, type ScopePath } from './scope-paths.js';
import { bindSecretCalls, secretUses, wholeSecret } from './secrets.js';

export interface CompiledJsonata {
  readonly text: string;
  /** Ids `x` of every `steps.x` that the syntax shows; computed ones are not seen. */
  readonly stepReferences: readonly string[];
  /** Other steps than those may be seen: ids are computed, or the scope is taken as a whole. */
  readonly reachesAllSteps: boolean;
  /** Names of every `secret("name")`. An expression that has one needs a thread, unless it is `wholeSecret`. */
  readonly secretNames: readonly string[];
  /** The name, where the text is `secret("name")` and nothing else: its caller knows the result. */
  readonly wholeSecret: string | null;
  /** True unless the text is a plain path or a literal: then it may block, and belongs into a thread that can be ended. */
  readonly needsThread: boolean;
  /** What of the scope it names. Parses the text once more. */
  scopePaths(): readonly ScopePath[];
  /** Only for texts that need no thread. Any other throws a TypeError. */
  evaluateSync(scope: object): Evaluated;
}

export interface JsonataBindings {
  /** Milliseconds since 1970 that `$now()` and `$millis()` answer, the same for a whole step. */
  readonly now: number;
  /** Answers `$random()`, from 0 to below 1. `$shuffle()` takes its order from it too. */
  readonly random: () => number;
  /** What stands for a secret. Without it `secret()` is refused. */
  readonly secret?: ((name: string) => string) | undefined;
}

export interface JsonataLimits {
  readonly depth?: number;
  readonly sequenceLength?: number;
  readonly resultBytes?: number;
  /** Milliseconds, looked at between evaluation steps only: a regular expression is not interrupted by it. */
  readonly timeoutMs?: number;
}

const compiled = new TextCache<Compiled<CompiledJsonata>>(LIMITS.cachedCharacters);

/** `$` and `$$`, which at the root are the same. */
function isRootVariable(ast: AstNode): boolean {
  return ast.type === 'variable' && (ast.value === '' || ast.value === '$');
}

/** The names of a path that does nothing but follow names; null for everything else. */
function plainPath(ast: AstNode): string[] | null {
  if (isRootVariable(ast) && ast.predicate === undefined && ast.group === undefined) return [];
  if (ast.type !== 'path' || ast.group !== undefined || ast.keepSingletonArray === true) return null;
  const names: string[] = [];
  for (const [position, step] of (ast.steps ?? []).entries()) {
    const isRoot = position === 0 && isRootVariable(step);
    if (step.predicate !== undefined || step.stages !== undefined || step.group !== undefined) return null;
    if (step.focus !== undefined || step.index !== undefined || step.tuple === true) return null;
    if (isRoot) continue;
    if (step.type !== 'name' || typeof step.value !== 'string') return null;
    names.push(step.value);
  }
  return names;
}

function isLiteral(ast: AstNode): boolean {
  const isValue = ast.type === 'string' || ast.type === 'number' || ast.type === 'value';
  return isValue && ast.predicate === undefined && ast.group === undefined;
}

function compile(text: string): Compiled<CompiledJsonata> {
  if (text.length > LIMITS.textLength) {
    return {
      ok: false,
      message: `the expression is longer than ${LIMITS.textLength} characters`,
      position: null,
    };
  }
  let ast: AstNode;
  try {
    ast = jsonata(text).ast();
  } catch (error) {
    const position =
      typeof error === 'object' && error !== null && 'position' in error ? Number(error.position) : null;
    return { ok: false, message: messageOf(error), position };
  }
  if (usesFunction(ast, 'eval')) {
    return { ok: false, message: '$eval is not available: write the expression itself', position: null };
  }
  const secrets = secretUses(ast);
  if (secrets.refusal !== null) return { ok: false, message: secrets.refusal, position: null };
  const names = plainPath(ast);
  // `steps` and `steps.x` go on changing with the execution: their value now has to be a copy.
  const reachesLiveState = names !== null && names.length < 3 && (names[0] ?? 'steps') === 'steps';
  const literal = isLiteral(ast) ? ast.value : undefined;
  const needsThread = names === null && literal === undefined;
  return {
    ok: true,
    value: {
      text,
      stepReferences: jsonataReferences(ast),
      reachesAllSteps: jsonataReachesAllSteps(ast),
      secretNames: secrets.names,
      wholeSecret: wholeSecret(ast),
      needsThread,
      scopePaths: () => jsonataScopePaths(jsonata(text).ast()),
      evaluateSync(scope) {
        if (names !== null) {
          const value = followPath(names, scope);
          if (reachesLiveState) return toPlainJson(value);
          return { ok: true, value: isPresent(value) ? value : null };
        }
        if (literal !== undefined) return toPlainJson(literal);
        throw new TypeError(`"${text}" is no plain path: evaluate it with evaluateJsonata in a thread`);
      },
    },
  };
}

/** Parses and classifies a JSONata expression. Results are cached by text. */
export function compileJsonata(text: string): Compiled<CompiledJsonata> {
  return compiled.getOrMake(text, compile);
}

/**
 * Evaluates any JSONata expression; pure but for its duration, so call it where it can be ended: a worker thread.
 * `$eval` is refused, `$now()`, `$millis()` and `$random()` come from the bindings.
 */
export async function evaluateJsonata(
  text: string,
  scope: object,
  bindings: JsonataBindings,
  limits: JsonataLimits = {},
): Promise<Evaluated> {
  try {
    const expression = jsonata(text, {
      stack: limits.depth ?? LIMITS.evaluationDepth,
      sequence: limits.sequenceLength ?? LIMITS.sequenceLength,
      timeout: limits.timeoutMs ?? LIMITS.durationMs,
    });
    bindClock(expression, bindings);
    bindSecrets(expression, bindings);
    const result: unknown = await expression.evaluate(scope);
    return toPlainJson(result, limits.resultBytes ?? LIMITS.resultBytes);
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
    if (code === 'D1011' || code === 'D1012' || code === 'D2015' || error instanceof RangeError) {
      return failed('expression_limit', `The expression exceeds its limits: ${messageOf(error)}`);
    }
    return failed('expression_failed', `JSONata: ${messageOf(error)}`);
  }
}

interface Formatter {
  implementation(this: unknown, millis: number, picture?: string, timezone?: string): string;
}

function isFormatter(value: unknown): value is Formatter {
  return typeof value === 'object' && value !== null && 'implementation' in value;
}

function bindClock(expression: jsonata.Expression, { now, random }: JsonataBindings): void {
  expression.registerFunction(
    'now',
    function (this: jsonata.Focus, picture?: string, timezone?: string) {
      const formatter: unknown = this.environment.lookup('fromMillis');
      if (!isFormatter(formatter)) return new Date(now).toISOString();
      return formatter.implementation.call(this, now, picture, timezone);
    },
    '<s?s?:s>',
  );
  expression.registerFunction('millis', () => now, '<:n>');
  expression.registerFunction('random', () => random(), '<:n>');
  expression.registerFunction(
    'shuffle',
    (items: unknown[] | undefined) => (items === undefined ? undefined : shuffled(items, random)),
    '<a:a>',
  );
  expression.registerFunction('eval', () => {
    throw new Error('$eval is not available');
  });
}

function bindSecrets(expression: jsonata.Expression, { secret }: JsonataBindings): void {
  bindSecretCalls(expression.ast());
  expression.registerFunction(
    'secret',
    (name: string) => {
      if (secret === undefined) throw new Error('secret() is not available here');
      return secret(name);
    },
    '<s:s>',
  );
}

/** Fisher and Yates. */
function shuffled(items: readonly unknown[], random: () => number): unknown[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other], result[last]];
  }
  return result;
}
