import { isJsonObject, switchConfiguration, type JsonObject, type JsonValue } from '@millrace/contracts';
import { compileCel, type CompiledCel } from './expressions/cel.js';
import { canonicalJson, recordJson } from './expressions/json.js';
import { templatesOf } from './graph/templates.js';
import { stepAt } from './state/access.js';
import type { Evaluated } from './expressions/evaluated.js';
import type { Scope } from './expressions/scope.js';
import type { ExecutionState, StepState } from './state/state.js';

/** Parts that hold no expression are shared with the plan, and outputs with the scope: do not change them. */
export interface ResolvedStep {
  /** As the author wrote it with all templates filled in; fields that are one expression as a whole stay text. */
  readonly config: JsonObject;
  readonly input: JsonValue;
}

export type Resolution =
  | { readonly needsThread: false; readonly result: Evaluated<ResolvedStep> }
  | {
      readonly needsThread: true;
      /** Texts for `evaluateJsonata` over `state.scope`. */
      readonly expressions: readonly string[];
      /** Takes their results in the same order. */
      assemble(results: readonly JsonValue[]): Evaluated<ResolvedStep>;
    };

/**
 * What a step without `input` receives: the parameters, in a body the iteration's own values, and over them its
 * predecessors' outputs by step id (rule E7).
 */
export function defaultInput({ step, frame }: StepState): JsonObject {
  const { scope } = frame;
  const input: JsonObject = { ...scope.parameters };
  for (const name of ['index', 'item', 'previous'] as const) {
    const value = scope[name];
    if (value !== undefined) input[name] = value;
  }
  if (scope.failure !== undefined) input['failure'] = recordJson(scope.failure);
  for (const index of step.dependencies) {
    const source = stepAt(frame, index);
    const isLeftOut = source.status === 'skipped' && source.reason !== 'manual';
    if (isLeftOut || source.status === 'discarded') continue;
    const { id } = source.step;
    const known = scope.steps[id];
    if (known === undefined) continue;
    if (id === '__proto__') Object.defineProperty(input, id, { value: known.output, enumerable: true });
    else input[id] = known.output;
  }
  return input;
}

/**
 * Fills in a step's configuration and input. Plain paths are evaluated here; when any expression may block, the texts
 * to evaluate in a thread come back instead. The outputs in the scope must have been provided before.
 */
export function resolveStep(state: ExecutionState, current: StepState): Resolution {
  const { step, frame } = current;
  const { config, input } = templatesOf(frame.graph, step);
  const { scope } = frame;
  const edited = frame.owner === null ? state.inputs[step.id] : undefined;
  const assemble = (results: readonly JsonValue[]): Evaluated<ResolvedStep> => {
    const split = config.threadExpressions.length;
    const filledConfig = config.assemble(scope, results.slice(0, split));
    if (!filledConfig.ok) return filledConfig;
    const filledInput = input?.assemble(scope, results.slice(split));
    if (filledInput?.ok === false) return filledInput;
    return {
      ok: true,
      value: {
        config: isJsonObject(filledConfig.value) ? filledConfig.value : {},
        input: edited ?? (filledInput === undefined ? defaultInput(current) : filledInput.value),
      },
    };
  };
  const needsThread = config.needsThread || (input?.needsThread ?? false);
  if (!needsThread) return { needsThread: false, result: assemble([]) };
  return {
    needsThread: true,
    expressions: [...config.threadExpressions, ...(input?.threadExpressions ?? [])],
    assemble,
  };
}

/** Chooses the branch of a `condition`: the scope, and the step's input when the expression names it. */
export function evaluateCondition(scope: Scope, { config, input }: ResolvedStep): Evaluated<boolean> {
  const text = config['expression'];
  return evaluateCel(typeof text === 'string' ? text : '', (compiled) =>
    compiled.evaluateBoolean({ ...scope, input }),
  );
}

export interface ChosenCase {
  readonly branch: string;
  /** What the expression of the switch yielded; null where each case has its own. */
  readonly value: JsonValue;
}

/** Chooses the branch of a `switch`: the first case that fits, else `default`. */
export function chooseCase(scope: Scope, { config, input }: ResolvedStep): Evaluated<ChosenCase> {
  const { expression, cases } = switchConfiguration.parse(config);
  const seen = { ...scope, input };
  if (expression === undefined) {
    for (const { label, when = 'false' } of cases) {
      const fits = evaluateCel(when, (compiled) => compiled.evaluateBoolean(seen));
      if (!fits.ok) return fits;
      if (fits.value) return { ok: true, value: { branch: label, value: null } };
    }
    return { ok: true, value: { branch: 'default', value: null } };
  }
  const yielded = evaluateCel(expression, (compiled) => compiled.evaluate(seen));
  if (!yielded.ok) return yielded;
  const { value } = yielded;
  const wanted = canonicalJson(value);
  const found = cases.find(({ label, equals = label }) => canonicalJson(equals) === wanted);
  return { ok: true, value: { branch: found?.label ?? 'default', value } };
}

function evaluateCel<T>(text: string, evaluate: (compiled: CompiledCel) => Evaluated<T>): Evaluated<T> {
  const compiled = compileCel(text);
  if (compiled.ok) return evaluate(compiled.value);
  const { message } = compiled;
  return { ok: false, error: { code: 'expression_invalid', message, fault: 'workflow', retryable: false } };
}
