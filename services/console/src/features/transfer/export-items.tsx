import { FileDown } from 'lucide-react';
import { MenuItem } from '@/components/ui/menu';
import { exportWorkflow } from './export-workflow';
import type { Syntax } from './write-definition';

/** Entries of a menu that download a workflow. `load` brings it whole, where a list has no nodes and edges. */
export function ExportItems({
  load,
}: {
  load: () => Promise<object & { name: string }> | (object & { name: string });
}) {
  const run = async (syntax: Syntax): Promise<void> => exportWorkflow(await load(), syntax);
  return (
    <>
      <MenuItem icon={<FileDown aria-hidden />} onSelect={() => void run('json')}>
        Export as JSON
      </MenuItem>
      <MenuItem icon={<FileDown aria-hidden />} onSelect={() => void run('yaml')}>
        Export as YAML
      </MenuItem>
    </>
  );
}
