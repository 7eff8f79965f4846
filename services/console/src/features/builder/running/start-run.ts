import type { ExecuteResponse, JsonObject } from '@millrace/contracts';
import { api, queryClient } from '@/api/client';

export interface RunRequest {
  readonly parameters: JsonObject;
  /** Only this step and those before it. */
  readonly untilStep: string | undefined;
}

/**
 * Starts an execution of what is published or, with `ofDraft`, a test run of what is drawn, where pinned outputs stand in
 * for their steps. Pressing the button twice while an answer is lost starts it once.
 */
export async function startRun(
  workflowId: string,
  { parameters, untilStep }: RunRequest,
  ofDraft: boolean,
): Promise<ExecuteResponse> {
  const options = { idempotencyKey: crypto.randomUUID(), untilStep };
  const started = ofDraft
    ? await api.workflows.executeDraft(workflowId, parameters, options)
    : await api.workflows.execute(workflowId, parameters, options);
  await queryClient.invalidateQueries({ queryKey: ['executions'] });
  return started;
}
