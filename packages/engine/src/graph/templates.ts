import { descriptorOf } from '@millrace/contracts';
import { compileTemplate } from '../expressions/template.js';
import { templatedConfig } from './check-expressions.js';
import type { Plan, PlanStep, StepTemplates } from './plan.js';

/** The compiled templates of a step, made on first use and kept with the plan. */
export function templatesOf(plan: Plan, step: PlanStep): StepTemplates {
  const known = plan.templates[step.index];
  if (known !== undefined) return known;
  const { celFields, jsonataFields } = descriptorOf(step.kind);
  const made: StepTemplates = {
    config: compileTemplate(templatedConfig(step.config, [...celFields, ...jsonataFields])),
    input: step.input === undefined ? null : compileTemplate(step.input),
  };
  plan.templates[step.index] = made;
  return made;
}
