import { newPassword } from '@millrace/contracts';
import { useState, type SubmitEvent } from 'react';
import { api } from '@/api/client';
import { ErrorNote } from '@/components/error-note';
import { toast } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';

/** A new password for somebody who has lost theirs. */
export function PasswordDialog({ username, onClose }: { username: string; onClose: () => void }) {
  const [password, setPassword] = useState('');
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const problem = newPassword.safeParse(password).error?.issues[0]?.message;

  async function save(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    setTried(true);
    if (problem !== undefined) return;
    setBusy(true);
    setError(undefined);
    try {
      await api.users.update(username, { password });
      toast({ title: `${username} has a new password`, description: 'Their sessions have ended.' });
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Reset the password of ${username}`}
      description="Their sessions end at once, their streams within 30 seconds. API keys stay."
    >
      <form onSubmit={(event) => void save(event)} className="flex flex-col gap-4">
        <Field label="New password" required error={tried ? problem : undefined}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="new-password"
              autoFocus
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        {error !== undefined && <ErrorNote error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" variant="primary" busy={busy}>
            Set the password
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
