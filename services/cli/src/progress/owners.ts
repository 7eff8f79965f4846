import type { Client } from '@millrace/client';
import { isJsonObject, type JsonValue } from '@millrace/contracts';

/**
 * Of the steps in bodies of an execution's workflow, the step whose body each is in. The workflow may have changed since,
 * or be out of reach: a step that is missing here is placed by its events.
 */
export async function readOwners(
  client: Pick<Client, 'executions' | 'workflows'>,
  executionId: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  try {
    const { workflow_id: id } = await client.executions.get(executionId, { signal });
    const { nodes, on_failure: handler } = await client.workflows.get(id, { signal });
    return ownersIn([...nodes, ...(handler?.nodes ?? [])]);
  } catch {
    signal.throwIfAborted();
    return new Map();
  }
}

interface Node {
  readonly id: string;
  readonly data: { readonly config?: Readonly<Record<string, JsonValue>> | undefined };
}

export function ownersIn(nodes: readonly Node[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  const look = (body: JsonValue | undefined, owner: string): void => {
    if (!isJsonObject(body) || !Array.isArray(body['nodes'])) return;
    for (const node of body['nodes']) {
      if (!isJsonObject(node) || typeof node['id'] !== 'string') continue;
      owners.set(node['id'], owner);
      const data = node['data'];
      const config = isJsonObject(data) ? data['config'] : undefined;
      if (isJsonObject(config)) look(config['body'], node['id']);
    }
  };
  for (const { id, data } of nodes) look(data.config?.['body'], id);
  return owners;
}
