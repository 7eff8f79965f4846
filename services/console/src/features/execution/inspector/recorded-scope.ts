import {
  isJsonObject,
  jsonObject,
  type ExecutionResource,
  type JsonObject,
  type JsonValue,
} from '@millrace/contracts';
import { iterationAround } from '../live/iterations';
import { isSettled, type ExecutionView, type StepView } from '../live/view';
import type { LoadedVersion } from '../queries';
import type { RecordedScope } from './render-configuration';

interface RecordedStep {
  readonly view: ExecutionView;
  readonly execution: ExecutionResource;
  readonly version: Pick<LoadedVersion, 'name'>;
  readonly step: StepView;
  /** What the step received, where that is its default input: it holds what a body gives. */
  readonly defaultInput: JsonValue | undefined;
  /** Reads an output that lies elsewhere; undefined where that cannot be had. */
  readonly readOutput: (reference: string) => Promise<JsonValue | undefined>;
}

const OF_BODIES = ['item', 'index', 'previous', 'parent'];

/** Puts together again what the expressions of a step saw. */
export async function recordedScope(recorded: RecordedStep): Promise<RecordedScope> {
  const { view, execution, version, step } = recorded;
  const steps: JsonObject = {};
  const unknown: string[] = [];
  for (const other of view.steps.values()) {
    if (!isSettled(other) || !isSeenFrom(step, other)) continue;
    const { stepId, status, error, outputRef } = other;
    const output = outputRef === null ? other.output : await recorded.readOutput(outputRef.reference);
    if (outputRef !== null && output === undefined) unknown.push(stepId);
    steps[stepId] = { output: output ?? null, status, ...(error && { error: plain(error) }) };
  }
  const body = ofBody(step, recorded.defaultInput);
  const isHandler = view.structure.get(step.stepId)?.isHandler === true;
  return {
    values: {
      parameters: execution.parameters,
      steps,
      execution: {
        id: execution.execution_id,
        workflow_id: execution.workflow_id,
        workflow_name: version.name,
        workflow_version: execution.workflow_version,
        root_id: execution.root_id,
        owner: execution.owner,
        submitted_by: execution.submitted_by,
        created_at: execution.created_at,
      },
      ...body,
      ...(isHandler && view.error && { failure: plain(view.error) }),
    },
    unknown: step.iteration === null ? unknown : [...unknown, ...OF_BODIES.filter((name) => !(name in body))],
  };
}

/** A step sees those beside it, and those around the bodies it is in. */
const isSeenFrom = (step: StepView, { iteration, key }: StepView): boolean =>
  key !== step.key &&
  (iteration === null || step.iteration === iteration || (step.iteration ?? '').startsWith(`${iteration}.`));

function ofBody(step: StepView, defaultInput: JsonValue | undefined): JsonObject {
  if (step.iteration === null) return {};
  const { index } = iterationAround(step.iteration);
  const given = isJsonObject(defaultInput) ? defaultInput : {};
  const { item, previous } = given;
  return { index, ...(item !== undefined && { item }), ...(previous !== undefined && { previous }) };
}

/** Without fields that are undefined. */
const plain = (error: NonNullable<StepView['error']>): JsonObject =>
  jsonObject.parse(JSON.parse(JSON.stringify(error)));
