export { receiveAnswer, skipByHand } from './answer.js';
export { type BudgetAccount, budgetLeft, type Consumed } from './budget.js';
export { checkDefinition, definitionProblems, type CheckedDefinition } from './check/check-definition.js';
export { parametersSchemaProblem } from './check/parameters-schema.js';
export type { DefinitionProblem } from './check/problem.js';
export type { Command } from './command.js';
export { canCollect, canStart, deadline, decide, nextDueAt, type DecideOptions } from './decide.js';
export { EngineError, type EngineErrorCode } from './error.js';
export {
  cancelledEvent,
  executionStarted,
  failedEvent,
  pausedEvent,
  queuedEvent,
  resumedEvent,
  stepCompleted,
  stepReused,
  stepStarted,
  timedOutEvent,
  waitingEvent,
  type EventOf,
  type StartDetails,
} from './events.js';
export { compileCel, type CompiledCel } from './expressions/cel.js';
export { LIMITS as EXPRESSION_LIMITS, type Compiled, type Evaluated } from './expressions/evaluated.js';
export { evaluateExpression, evaluateTemplate } from './expressions/evaluate.js';
export { canonicalJson, recordJson, toPlainJson } from './expressions/json.js';
export { inspectExpression, type ExpressionFacts, type ExpressionLanguage } from './expressions/inspect.js';
export {
  compileJsonata,
  evaluateJsonata,
  type CompiledJsonata,
  type JsonataBindings,
  type JsonataLimits,
} from './expressions/jsonata.js';
export { withInput, type InputScope, type Scope, type ScopeStep } from './expressions/scope.js';
export {
  compileTemplate,
  type CompiledTemplate,
  type TemplateExpression,
  type TemplateProblem,
} from './expressions/template.js';
export type { ScopePath } from './expressions/scope-paths.js';
export { secretNamesIn } from './expressions/secret-names.js';
export { closingPath } from './graph/closing-path.js';
export { compile } from './graph/compile.js';
export { isAt, untemplatedPaths } from './graph/config-paths.js';
export { errorFingerprint } from './fingerprint-error.js';
export { graphFingerprint, type FingerprintOptions } from './graph/fingerprint.js';
export { partPlan } from './graph/part.js';
export { isTopLevelStep, planUntil } from './graph/until.js';
export type {
  CompileResult,
  ExecutionBudget,
  Graph,
  Plan,
  PlanEdge,
  PlanStep,
  Problem,
  ProblemCode,
} from './graph/plan.js';
export { markInterrupted } from './recovery.js';
export {
  chooseCase,
  defaultInput,
  evaluateCondition,
  resolveStep,
  type Resolution,
  type ResolvedStep,
} from './resolve.js';
export { retryDelayMs, STEP_ERROR_CODES } from './retry.js';
export { settle, type Outcome, type Settling } from './settle.js';
export { findStep, planStep, stepState } from './state/access.js';
export {
  isPassedByAgain,
  notePast,
  OUTCOME_EVENTS,
  reusableSteps,
  reusedEvents,
  type FinishedStep,
  type Past,
  type PastOutcome,
  type ReusedStep,
  type ReuseRequest,
} from './reuse.js';
export { createState } from './state/create.js';
export { fold } from './state/fold.js';
export { isInParts, openParts, partItems, partSize } from './state/loops.js';
export { outputHolder, provideOutput, unresolvedOutputs, type UnresolvedOutput } from './state/outputs.js';
export { currentStep, progress, stepsTotal, type Progress } from './state/progress.js';
export { canSnapshot, restore, snapshot } from './state/snapshot.js';
export type {
  AbandonReason,
  EpochMs,
  ExecutionContext,
  ExecutionState,
  Frame,
  Loop,
  PartContext,
  SkipReason,
  StepState,
} from './state/state.js';
export { assertMove, canMove, EXECUTION_MOVES } from './status.js';
export { reachableSteps } from './graph/reachable-steps.js';
