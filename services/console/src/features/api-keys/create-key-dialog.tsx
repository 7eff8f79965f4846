import type { Scope } from '@millrace/contracts';
import { useState } from 'react';
import { api } from '@/api/client';
import { useSession } from '@/api/session';
import { CopyButton } from '@/components/copy-button';
import { ErrorNote } from '@/components/error-note';
import { ScopeChoice } from '@/components/scope-choice';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { useSubmit } from '@/lib/use-submit';
import { useRenewApiKeys } from './queries';

const LIVES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: 'never', label: 'Until it is revoked' },
] as const;
type Life = (typeof LIVES)[number]['value'];

const DAY_MS = 86_400_000;

/** Makes a key, and shows its secret this once. */
export function CreateKeyDialog({ onClose }: { onClose: () => void }) {
  const own = useSession(({ user }) => user?.scopes) ?? [];
  const renew = useRenewApiKeys();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>(
    own.filter((scope) => scope.startsWith('workflow:')),
  );
  const [life, setLife] = useState<Life>('90');
  const [secret, setSecret] = useState<string>();

  const { busy, error, onSubmit } = useSubmit(scopes.length > 0, async () => {
    const expiresAt = life === 'never' ? null : new Date(Date.now() + Number(life) * DAY_MS).toISOString();
    const made = await api.apiKeys.create({ name: name.trim(), scopes: [...scopes], expires_at: expiresAt });
    setSecret(made.key);
    await renew();
  });

  if (secret !== undefined)
    return (
      <Dialog
        open
        onOpenChange={onClose}
        title="Copy the key now"
        description="It is not shown again: only its first characters are kept readable."
        footer={
          <Button variant="primary" onClick={onClose}>
            I have copied it
          </Button>
        }
      >
        <div className="flex items-center gap-2 rounded-control border border-line bg-raised p-2">
          <code aria-label="The new key" className="min-w-0 flex-1 break-all font-mono text-12">
            {secret}
          </code>
          <CopyButton text={secret} what="Copy the key" />
        </div>
      </Dialog>
    );

  return (
    <Dialog open onOpenChange={onClose} title="New API key">
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <Field label="Name" required hint="Where it will be used, so that you know later what to revoke.">
          {(control) => (
            <Input
              {...control}
              value={name}
              maxLength={100}
              required
              autoFocus
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <ScopeChoice legend="What it may do" offered={own} chosen={scopes} onChange={setScopes} />
        <Field label="Expires">
          {(control) => <Select {...control} value={life} options={LIVES} onChange={setLife} />}
        </Field>
        {error !== undefined && <ErrorNote error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Back</Button>
          <Button
            type="submit"
            variant="primary"
            busy={busy}
            disabledReason={scopes.length === 0 ? 'Choose at least one scope.' : undefined}
          >
            Make the key
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
