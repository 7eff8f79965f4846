import type { ApiKeyResource } from '@millrace/contracts';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { Empty } from '@/components/empty';
import { Loaded } from '@/components/loaded';
import { Page } from '@/components/page';
import { Time } from '@/components/time';
import { toast } from '@/components/toast';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { Table, Td, Th } from '@/components/ui/table';
import { useNow } from '@/lib/use-now';
import { CreateKeyDialog } from './create-key-dialog';
import { useApiKeys, useRenewApiKeys } from './queries';

/** Credentials for programs, accepted wherever a token is. */
export function ApiKeysPage() {
  const query = useApiKeys();
  const [adding, setAdding] = useState(false);
  const add = (
    <Button variant="primary" onClick={() => setAdding(true)}>
      <Plus aria-hidden className="size-4" />
      New key
    </Button>
  );
  return (
    <Page
      title="API keys"
      description="For programs: send one as the bearer token. It can do no more than its scopes, and no more than you."
      actions={add}
    >
      <Loaded query={query}>
        {(keys) =>
          keys.length === 0 ? (
            <Empty title="No keys yet" action={add}>
              A key lets a program submit and follow executions in your name, without your password.
            </Empty>
          ) : (
            <Table aria-label="API keys">
              <thead>
                <tr>
                  <Th>Name</Th>
                  <Th>Begins with</Th>
                  <Th>Scopes</Th>
                  <Th>Made</Th>
                  <Th>Expires</Th>
                  <Th>Last used</Th>
                  <Th>
                    <span className="sr-only">Actions</span>
                  </Th>
                </tr>
              </thead>
              <tbody>
                {keys.map((key) => (
                  <KeyRow key={key.id} apiKey={key} />
                ))}
              </tbody>
            </Table>
          )
        }
      </Loaded>
      {adding && <CreateKeyDialog onClose={() => setAdding(false)} />}
    </Page>
  );
}

function KeyRow({ apiKey }: { apiKey: ApiKeyResource }) {
  const renew = useRenewApiKeys();
  const now = useNow();
  const [asking, setAsking] = useState(false);
  const { id, name, prefix, scopes, created_at: made, expires_at: expires, last_used_at: used } = apiKey;
  const isOver = expires !== null && Date.parse(expires) <= now;

  async function revoke(): Promise<void> {
    await api.apiKeys.delete(id);
    toast({ title: `The key “${name}” is revoked` });
    await renew();
  }

  return (
    <tr>
      <Td className="font-medium">{name}</Td>
      <Td className="font-mono text-12">{prefix}…</Td>
      <Td>
        <span className="flex flex-wrap gap-1 py-1">
          {scopes.map((scope) => (
            <Badge key={scope}>{scope}</Badge>
          ))}
        </span>
      </Td>
      <Td>
        <Time at={made} />
      </Td>
      <Td className={isOver ? 'text-failed' : ''}>
        {expires === null ? (
          <span className="text-muted">never</span>
        ) : (
          <>
            {isOver && 'expired '}
            <Time at={expires} />
          </>
        )}
      </Td>
      <Td>{used === null ? <span className="text-muted">never</span> : <Time at={used} />}</Td>
      <Td className="text-right">
        <Button variant="ghost" size="icon-sm" hint={`Revoke ${name}`} onClick={() => setAsking(true)}>
          <Trash2 aria-hidden className="size-3.5" />
        </Button>
        <Confirm
          open={asking}
          onOpenChange={setAsking}
          title={`Revoke the key “${name}”?`}
          consequence="Programs that use it are refused from then on. It cannot be brought back."
          action="Revoke"
          onConfirm={revoke}
        />
      </Td>
    </tr>
  );
}
