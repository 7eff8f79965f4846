import type { ExecuteResponse, JsonObject } from '@millrace/contracts';
import { api, queryClient } from '@/api/client';

export interface RunRequest {
  readonly parameters: JsonObject;
  /** Only this step and those before it. */
  readonly untilStep: string | undefined;
}

/** Starts an execution; pressing the button twice while an answer is lost starts it once. */
export async function startRun(workflowId: string, request: RunRequest): Promise<ExecuteResponse> {
  const { parameters, untilStep } = request;
  // Running all of it instead could do what nobody asked for.
  if (untilStep !== undefined) throw new Error('The platform cannot run up to a step yet.');
  const idempotencyKey = crypto.randomUUID();
  const started = await api.workflows.execute(workflowId, parameters, { idempotencyKey });
  await queryClient.invalidateQueries({ queryKey: ['executions'] });
  return started;
}
