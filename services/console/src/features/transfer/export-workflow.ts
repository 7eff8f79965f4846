import { toastError } from '@/components/toast';
import { saveFile } from '@/lib/save-file';
import type { Syntax } from './write-definition';

const TYPES = { json: 'application/json', yaml: 'application/yaml' } as const;

/** Downloads a definition. What writes it is loaded now: most visits need none of it. */
export async function exportWorkflow(resource: object & { name: string }, syntax: Syntax): Promise<void> {
  try {
    const { fileNameOf, writeDefinition } = await import('./write-definition');
    saveFile(fileNameOf(resource.name, syntax), writeDefinition(resource, syntax), TYPES[syntax]);
  } catch (error) {
    toastError('Could not export', error);
  }
}
