import { newPassword } from '@millrace/contracts';
import { useState } from 'react';
import { api } from '@/api/client';
import { ErrorNote } from '@/components/error-note';
import { toast } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { useSubmit } from '@/lib/use-submit';

/** A new password for somebody who has lost theirs. */
export function PasswordDialog({ username, onClose }: { username: string; onClose: () => void }) {
  const [password, setPassword] = useState('');
  const problem = newPassword.safeParse(password).error?.issues[0]?.message;

  const { tried, busy, error, onSubmit } = useSubmit(problem === undefined, async () => {
    await api.users.update(username, { password });
    toast({ title: `${username} has a new password`, description: 'Their sessions have ended.' });
    onClose();
  });

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Reset the password of ${username}`}
      description="Their sessions end at once, their streams within 30 seconds. API keys stay."
    >
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
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
