import { isSecretName, putSecretRequest, type SecretResource } from '@millrace/contracts';
import { useState } from 'react';
import { api } from '@/api/client';
import { ErrorNote } from '@/components/error-note';
import { toast } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input, Textarea } from '@/components/ui/input';
import { useSubmit } from '@/lib/use-submit';
import { useRenewSecrets } from './queries';

interface SecretDialogProps {
  /** The one that gets a new value; without it a new secret. */
  secret?: SecretResource;
  owner: string | undefined;
  onClose: () => void;
}

const NAME_RULE = 'A letter, then at most 127 letters, digits, "_", "." or "-".';

export function SecretDialog({ secret, owner, onClose }: SecretDialogProps) {
  const renew = useRenewSecrets();
  const [name, setName] = useState(secret?.name ?? '');
  const [value, setValue] = useState('');
  const [description, setDescription] = useState(secret?.description ?? '');

  const nameError = isSecretName(name) ? undefined : NAME_RULE;
  const checked = putSecretRequest.shape.value.safeParse(value);
  const valueError = checked.success ? undefined : (checked.error.issues[0]?.message ?? 'is not valid');

  const isValid = nameError === undefined && valueError === undefined;
  const { tried, busy, error, onSubmit } = useSubmit(isValid, async () => {
    await api.secrets.put(name, { value, description }, { owner });
    toast({ title: secret ? `${name} has a new value` : `${name} is kept` });
    await renew();
    onClose();
  });

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={secret ? `New value for ${secret.name}` : 'New secret'}
      description="The value is encrypted and cannot be read again, by nobody."
    >
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {!secret && (
          <Field label="Name" required hint={NAME_RULE} error={tried ? nameError : undefined}>
            {(control) => (
              <Input
                {...control}
                value={name}
                onChange={(event) => setName(event.target.value)}
                className="font-mono"
                spellCheck={false}
                autoFocus
              />
            )}
          </Field>
        )}
        <Field label="Value" required error={tried ? valueError : undefined}>
          {(control) => (
            <Textarea
              {...control}
              value={value}
              onChange={(event) => setValue(event.target.value)}
              className="font-mono"
              spellCheck={false}
              autoFocus={secret !== undefined}
              rows={3}
            />
          )}
        </Field>
        <Field label="Description" hint="What it is for, and where it came from.">
          {(control) => (
            <Input
              {...control}
              value={description}
              maxLength={500}
              onChange={(event) => setDescription(event.target.value)}
            />
          )}
        </Field>
        {error !== undefined && <ErrorNote error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" variant="primary" busy={busy}>
            {secret ? 'Replace the value' : 'Keep it'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
