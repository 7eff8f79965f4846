import type { ExecuteResponse, JsonObject } from '@millrace/contracts';
import { api, queryClient } from '@/api/client';

export interface RunRequest {
  readonly parameters: JsonObject;
  /** Only this step and those before it. */
  readonly untilStep: string | undefined;
}

/** Starts an execution; pressing the button twice while an answer is lost starts it once. */
export async function startRun(workflowId: string, request: RunRequest): Promise<ExecuteResponse> {
  const { parameters } = request;
  const idempotencyKey = crypto.randomUUID();
  const started = await api.workflows.execute(workflowId, parameters, { idempotencyKey });
  await queryClient.invalidateQueries({ queryKey: ['executions'] });
  return started;
}
