import type { SecretResource } from '@millrace/contracts';
import { Link } from '@tanstack/react-router';
import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { useRights } from '@/api/session';
import { Time } from '@/components/time';
import { toast } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { Td } from '@/components/ui/table';
import { plural } from '@/lib/format';
import { useRenewSecrets, useSecret } from './queries';
import { SecretDialog } from './secret-dialog';

export function SecretRow({ secret, owner }: { secret: SecretResource; owner: string | undefined }) {
  const { whyNot } = useRights();
  const renew = useRenewSecrets();
  const [open, setOpen] = useState<'edit' | 'delete' | 'uses'>();
  const uses = useSecret(secret.name, owner, open === 'uses' || open === 'delete');
  const users = uses.data?.workflows ?? [];
  const refusal = whyNot('workflow:write');

  async function remove(): Promise<void> {
    await api.secrets.delete(secret.name, { owner });
    toast({ title: `${secret.name} is deleted` });
    await renew();
  }

  return (
    <tr>
      <Td className="font-mono text-12">{secret.name}</Td>
      <Td className="max-w-64 truncate text-muted">{secret.description}</Td>
      <Td className="whitespace-nowrap text-muted">•••••• v{secret.version}</Td>
      <Td>
        <Time at={secret.updated_at} /> <span className="text-muted">by {secret.updated_by}</span>
      </Td>
      <Td>
        {secret.last_used_at === null ? (
          <span className="text-muted">never</span>
        ) : (
          <Time at={secret.last_used_at} />
        )}
      </Td>
      <Td>
        {open === 'uses' && uses.data ? (
          <span className="flex flex-col">
            {users.length === 0 && <span className="text-muted">no workflow</span>}
            {users.map(({ workflow_id: workflowId, name }) => (
              <Link
                key={workflowId}
                to="/workflows/$workflowId"
                params={{ workflowId }}
                className="hover:underline"
              >
                {name}
              </Link>
            ))}
          </span>
        ) : (
          <Button
            size="sm"
            variant="ghost"
            busy={open === 'uses' && uses.isFetching}
            onClick={() => setOpen('uses')}
          >
            Show
          </Button>
        )}
      </Td>
      <Td className="text-right whitespace-nowrap">
        <Button
          variant="ghost"
          size="icon-sm"
          hint={`Change ${secret.name}`}
          disabledReason={refusal}
          onClick={() => setOpen('edit')}
        >
          <Pencil aria-hidden className="size-3.5" />
        </Button>
        <Button
          variant="ghost"
          size="icon-sm"
          hint={`Delete ${secret.name}`}
          disabledReason={refusal}
          onClick={() => setOpen('delete')}
        >
          <Trash2 aria-hidden className="size-3.5" />
        </Button>
        {open === 'edit' && <SecretDialog secret={secret} owner={owner} onClose={() => setOpen(undefined)} />}
        <Confirm
          open={open === 'delete'}
          onOpenChange={() => setOpen(undefined)}
          title={`Delete the secret ${secret.name}?`}
          consequence={
            users.length === 0
              ? 'Its value is gone for good. Steps that name it fail from their next attempt on.'
              : `${plural(users.length, 'workflow')} (${users.map(({ name }) => name).join(', ')}) will fail at the steps that name it. The value is gone for good.`
          }
          action="Delete"
          onConfirm={remove}
        />
      </Td>
    </tr>
  );
}
