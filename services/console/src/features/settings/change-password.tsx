import { newPassword } from '@millrace/contracts';
import { useState } from 'react';
import { api } from '@/api/client';
import { ErrorNote } from '@/components/error-note';
import { toast } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { useSubmit } from '@/lib/use-submit';

/** Ends every other session of this person; this one goes on. */
export function ChangePassword() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const nextError = newPassword.safeParse(next).error?.issues[0]?.message;
  const againError = again === next ? undefined : 'This is not the same.';

  const isValid = nextError === undefined && againError === undefined;
  const { tried, busy, error, onSubmit } = useSubmit(isValid, async () => {
    await api.auth.changePassword({ current_password: current, new_password: next });
    setCurrent('');
    setNext('');
    setAgain('');
    toast({ title: 'Your password is changed', description: 'Your other sessions have ended.' });
  });

  return (
    <Card className="p-4">
      <form onSubmit={onSubmit} className="flex max-w-80 flex-col gap-4">
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
