import { toastError } from '@/components/toast';
import { downloadText } from '@/lib/download';
import type { Syntax } from './write-definition';

const TYPES = { json: 'application/json', yaml: 'application/yaml' } as const;

/** Downloads a definition. What writes it is loaded now: most visits need none of it. */
export async function exportWorkflow(resource: object & { name: string }, syntax: Syntax): Promise<void> {
  try {
    const { fileNameOf, writeDefinition } = await import('./write-definition');
    downloadText(fileNameOf(resource.name, syntax), writeDefinition(resource, syntax), TYPES[syntax]);
  } catch (error) {
    toastError('Could not export', error);
  }
}
