import { ApiProblem, type Client } from '@millrace/client';
import type { WorkflowResource } from '@millrace/contracts';
import { DefinitionRefused } from '../errors.js';
import { isUnchanged } from './compare.js';
import type { Source } from './load.js';

export interface Applied {
  readonly action: 'created' | 'updated' | 'unchanged';
  readonly workflow: WorkflowResource;
  /** The version before an update. */
  readonly previousVersion?: number;
}

type DefinitionBody = Parameters<Client['workflows']['create']>[0];

/** Creates the workflow or, when its `id` exists, replaces it; writes nothing when nothing would change. */
export async function applyDefinition(client: Client, source: Source): Promise<Applied> {
  try {
    const id = source.value['id'];
    const present = typeof id === 'string' ? await find(client, id) : undefined;
    // What the file holds is the server's to judge: it may know kinds that this version does not.
    const body = source.value as DefinitionBody;
    if (present === undefined) return { action: 'created', workflow: await client.workflows.create(body) };
    if (isUnchanged(source.value, present)) return { action: 'unchanged', workflow: present };
    const workflow = await client.workflows.update(present.id, body, { ifMatch: present.revision });
    return { action: 'updated', workflow, previousVersion: present.version };
  } catch (error) {
    if (error instanceof ApiProblem && error.errors.length > 0)
      throw new DefinitionRefused(error, source.locate);
    throw error;
  }
}

async function find(client: Client, id: string): Promise<WorkflowResource | undefined> {
  try {
    return await client.workflows.get(id);
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return undefined;
    throw error;
  }
}
