import type { WorkflowSummary } from '@millrace/contracts';
import { useNavigate } from '@tanstack/react-router';
import { Activity, Archive, ArchiveRestore, Copy, Ellipsis, History, Trash2, Undo2 } from 'lucide-react';
import { api } from '@/api/client';
import { useRights } from '@/api/session';
import { Button } from '@/components/ui/button';
import { Menu, MenuItem, MenuSeparator } from '@/components/ui/menu';
import { ExportItems } from '@/features/transfer/export-items';
import { useWorkflowActions } from './actions';

/** Everything that can be done to one workflow from the list. */
export function WorkflowMenu({ workflow }: { workflow: WorkflowSummary }) {
  const { whyNot } = useRights();
  const actions = useWorkflowActions();
  const navigate = useNavigate();
  const { id, name, status } = workflow;
  const archived = status === 'archived';
  if (workflow.deleted_at !== undefined)
    return (
      <Button
        size="icon-sm"
        variant="ghost"
        hint={`Restore ${name}`}
        disabledReason={whyNot('workflow:delete')}
        onClick={() => void actions.restore(workflow)}
      >
        <Undo2 aria-hidden className="size-4" />
      </Button>
    );
  return (
    <Menu
      trigger={
        <Button size="icon-sm" variant="ghost" aria-label={`Actions for ${name}`}>
          <Ellipsis aria-hidden className="size-4" />
        </Button>
      }
    >
      <MenuItem
        icon={<Activity aria-hidden />}
        onSelect={() => void navigate({ to: '/executions', search: { workflow: id } })}
      >
        Executions
      </MenuItem>
      <MenuItem
        icon={<History aria-hidden />}
        onSelect={() =>
          void navigate({ to: '/workflows/$workflowId/versions', params: { workflowId: id }, search: {} })
        }
      >
        Versions
      </MenuItem>
      <MenuItem
        icon={<Copy aria-hidden />}
        disabledReason={whyNot('workflow:write')}
        onSelect={() => void actions.duplicate(workflow)}
      >
        Duplicate
      </MenuItem>
      <ExportItems load={() => api.workflows.get(id)} />
      <MenuSeparator />
      <MenuItem
        icon={archived ? <ArchiveRestore aria-hidden /> : <Archive aria-hidden />}
        disabledReason={
          whyNot('workflow:write') ?? (status === 'draft' ? 'It has never been published.' : undefined)
        }
        onSelect={() => void actions.archive(workflow, !archived)}
      >
        {archived ? 'Activate' : 'Archive'}
      </MenuItem>
      <MenuItem
        danger
        icon={<Trash2 aria-hidden />}
        disabledReason={whyNot('workflow:delete')}
        onSelect={() => void actions.remove(workflow)}
      >
        Delete
      </MenuItem>
    </Menu>
  );
}
