import { jsonObject, type JsonObject } from '@millrace/contracts';

/** What a workflow was last run with from this browser. A convenience: where it cannot be kept, it is not. */
const keyOf = (username: string, workflowId: string): string => `millrace-run/${username}/${workflowId}`;
const LONGEST = 100_000;

export function lastParameters(username: string, workflowId: string): JsonObject | undefined {
  try {
    const read = jsonObject.safeParse(
      JSON.parse(localStorage.getItem(keyOf(username, workflowId)) ?? 'null'),
    );
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

export function rememberParameters(username: string, workflowId: string, parameters: JsonObject): void {
  const text = JSON.stringify(parameters);
  try {
    if (text.length <= LONGEST) localStorage.setItem(keyOf(username, workflowId), text);
  } catch {
    // A browser without storage runs workflows all the same.
  }
}
