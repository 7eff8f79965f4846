import type { ExecutionError, JsonObject, JsonValue, StepStatus } from '@millrace/contracts';

/** What expressions see of a step: `steps.<id>`. Absent until the step has an outcome. */
export interface ScopeStep {
  output: JsonValue;
  status: StepStatus;
  error?: ExecutionError | undefined;
}

/** What expressions see. It is data and nothing else: a copy of it can be sent to a thread. */
export interface Scope {
  readonly parameters: JsonObject;
  readonly steps: { [stepId: string]: ScopeStep };
  readonly execution: {
    readonly id: string;
    readonly workflow_id: string;
    readonly workflow_name: string;
    readonly workflow_version: number;
    readonly root_id: string;
    readonly owner: string;
    readonly submitted_by: string;
    readonly created_at: string;
  };
  /** In a body: the number of the iteration, of a `map` its item, of a `repeat` what the iteration before yielded. */
  readonly index?: number;
  readonly item?: JsonValue;
  readonly previous?: JsonValue;
  /** In a body within a body: the iteration around it. */
  readonly parent?: { readonly index: number; readonly item: JsonValue };
  /** In `on_failure`: what the execution failed with. */
  readonly failure?: ExecutionError;
}

/** The scope of a step's own expression (`condition`, `transform`): everything above, and the step's input. */
export interface InputScope extends Scope {
  readonly input: JsonValue;
}

/** For `transform`: fields of an input object stand at the root too, behind the scope's own names (rule E6). */
export function withInput(scope: Scope, input: JsonValue): InputScope {
  const fields = typeof input === 'object' && input !== null && !Array.isArray(input) ? input : {};
  return { ...fields, ...scope, input };
}
