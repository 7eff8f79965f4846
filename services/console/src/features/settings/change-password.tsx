import { newPassword } from '@millrace/contracts';
import { useState, type SubmitEvent } from 'react';
import { api } from '@/api/client';
import { ErrorNote } from '@/components/error-note';
import { toast } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';

/** Ends every other session of this person; this one goes on. */
export function ChangePassword() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const nextError = newPassword.safeParse(next).error?.issues[0]?.message;
  const againError = again === next ? undefined : 'This is not the same.';

  async function save(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    setTried(true);
    if (nextError !== undefined || againError !== undefined) return;
    setBusy(true);
    setError(undefined);
    try {
      await api.auth.changePassword({ current_password: current, new_password: next });
      setCurrent('');
      setNext('');
      setAgain('');
      setTried(false);
      toast({ title: 'Your password is changed', description: 'Your other sessions have ended.' });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Card className="p-4">
      <form onSubmit={(event) => void save(event)} className="flex max-w-80 flex-col gap-4">
        <Field label="Current password">
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="current-password"
              required
              value={current}
              onChange={(event) => setCurrent(event.target.value)}
            />
          )}
        </Field>
        <Field label="New password" hint="At least 10 characters." error={tried ? nextError : undefined}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="new-password"
              value={next}
              onChange={(event) => setNext(event.target.value)}
            />
          )}
        </Field>
        <Field label="New password again" error={tried ? againError : undefined}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="new-password"
              value={again}
              onChange={(event) => setAgain(event.target.value)}
            />
          )}
        </Field>
        {error !== undefined && <ErrorNote error={error} />}
        <Button type="submit" busy={busy} className="self-start">
          Change the password
        </Button>
      </form>
    </Card>
  );
}
