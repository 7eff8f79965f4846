import { compileTemplate, type CompiledTemplate } from '../expressions/template.js';
import { isAt, untemplatedPaths } from './config-paths.js';
import type { Graph, PlanStep, StepTemplates } from './plan.js';
import type { JsonObject, StepKind } from '@millrace/contracts';

/** Everything in a configuration that may hold an expression, but for what the kind evaluates itself. */
export function compileConfig(kind: StepKind, config: JsonObject): CompiledTemplate {
  const paths = untemplatedPaths(kind);
  return compileTemplate(config, paths.length === 0 ? undefined : (loc) => isAt(paths, loc));
}

/** The compiled templates of a step, made on first use and kept with its graph. */
export function templatesOf(graph: Graph, step: PlanStep): StepTemplates {
  const known = graph.templates[step.index];
  if (known !== undefined) return known;
  const made: StepTemplates = {
    config: compileConfig(step.kind, step.config),
    input: step.input === undefined ? null : compileTemplate(step.input),
  };
  graph.templates[step.index] = made;
  return made;
}
