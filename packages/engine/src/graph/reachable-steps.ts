import { descriptorOf, type StepKind } from '@millrace/contracts';
import { compileCel } from '../expressions/cel.js';
import { compileJsonata } from '../expressions/jsonata.js';
import { valuesAt } from './config-paths.js';
import { templatesOf } from './templates.js';
import type { Graph, PlanStep } from './plan.js';

interface Reads {
  readonly stepReferences: readonly string[];
  readonly reachesAllSteps: boolean;
}

/** Kinds that look into the scope by more than the expressions of their configuration. */
const LOOKS_AROUND: ReadonlySet<StepKind> = new Set(['agent']);

const known = new WeakMap<Graph, ReadonlySet<string> | null>();

/**
 * Ids of the steps that expressions of a body name, those of bodies within it included. Null: any step may be read. What
 * a child execution is handed over is kept to these.
 */
export function reachableSteps(body: Graph): ReadonlySet<string> | null {
  const found = known.get(body);
  if (found !== undefined) return found;
  const made = reached(body);
  known.set(body, made);
  return made;
}

function reached(body: Graph): ReadonlySet<string> | null {
  const ids = new Set<string>();
  for (const step of body.steps) {
    if (LOOKS_AROUND.has(step.kind)) return null;
    for (const { stepReferences, reachesAllSteps } of readsOf(body, step)) {
      if (reachesAllSteps) return null;
      for (const id of stepReferences) ids.add(id);
    }
    const inner = step.body === null ? [] : reachableSteps(step.body);
    if (inner === null) return null;
    for (const id of inner) ids.add(id);
  }
  return ids;
}

function* readsOf(body: Graph, step: PlanStep): Iterable<Reads> {
  const { config, input } = templatesOf(body, step);
  yield* config.expressions;
  yield* input?.expressions ?? [];
  const { celFields, jsonataFields } = descriptorOf(step.kind);
  for (const [fields, compile] of [
    [celFields, compileCel],
    [jsonataFields, compileJsonata],
  ] as const) {
    for (const { value } of fields.flatMap((path) => valuesAt(step.config, path))) {
      const compiled = typeof value === 'string' ? compile(value) : undefined;
      if (compiled?.ok === true) yield compiled.value;
    }
  }
}
