import {
  isJsonObject,
  jsonValue,
  type JsonObject,
  type JsonValue,
  type StepSummary,
} from '@millrace/contracts';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, queryClient } from '@/api/client';

/** What an execution left of its steps: what expressions are tried on, and what outputs are pinned from. */
export interface RunData {
  readonly executionId: string;
  readonly at: string;
  readonly parameters: JsonObject;
  readonly steps: ReadonlyMap<string, StepSummary>;
  readonly execution: JsonObject;
}

/** Outputs that are kept apart from the log are fetched up to this size: here they are for trying, not for reading. */
const LARGEST_BYTES = 1_000_000;

async function readRun(executionId: string): Promise<RunData> {
  const [execution, steps] = await Promise.all([
    api.executions.get(executionId),
    api.executions.steps(executionId),
  ]);
  const whole = await Promise.all(
    steps.map(async (step) =>
      step.output_ref === undefined || step.output_ref.size_bytes > LARGEST_BYTES
        ? step
        : { ...step, output: await blobJson(step.output_ref.reference) },
    ),
  );
  return {
    executionId,
    at: execution.created_at,
    parameters: execution.parameters,
    steps: new Map(whole.map((step) => [step.step_id, step])),
    execution: {
      id: execution.execution_id,
      workflow_id: execution.workflow_id,
      workflow_version: execution.workflow_version,
      owner: execution.owner,
      submitted_by: execution.submitted_by,
      created_at: execution.created_at,
    },
  };
}

async function blobJson(reference: string): Promise<JsonValue | undefined> {
  try {
    const { bytes } = await api.blob(reference);
    return jsonValue.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}

const runQuery = (workflowId: string, executionId: string | undefined) =>
  queryOptions({
    queryKey: ['executions', 'run-data', workflowId, executionId ?? 'last'],
    queryFn: async (): Promise<RunData | null> => {
      if (executionId !== undefined) return readRun(executionId);
      const { items } = await api.workflows.executions(workflowId, { limit: 1 });
      const [last] = items;
      return last ? readRun(last.execution_id) : null;
    },
    enabled: workflowId !== '',
    staleTime: 10_000,
  });

/** Of the execution that the canvas shows, else of the last one. null where there is none. */
export function useRunData(workflowId: string | undefined, executionId?: string) {
  return useQuery(runQuery(workflowId ?? '', executionId));
}

/** What the page has read last of the workflow's runs. */
export function shownRunData(workflowId: string): RunData | null | undefined {
  const found = queryClient.getQueriesData<RunData | null>({
    queryKey: ['executions', 'run-data', workflowId],
  });
  return found.map(([, data]) => data).find((data) => data !== undefined && data !== null);
}

export const outputOf = (run: RunData | null | undefined, stepId: string): JsonValue | undefined =>
  run?.steps.get(stepId)?.output;

/** The parameters an expression sees before anything ran: the defaults of the schema. */
export function defaultParameters(schema: JsonObject | undefined): JsonObject {
  const properties = schema?.['properties'];
  if (!isJsonObject(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, property]) =>
      isJsonObject(property) && property['default'] !== undefined
        ? [[name, property['default']] as const]
        : [],
    ),
  );
}
