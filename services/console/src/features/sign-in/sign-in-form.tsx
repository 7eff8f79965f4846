import { useState } from 'react';
import { signIn } from '@/api/sign-in';
import { ErrorNote } from '@/components/error-note';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { useSubmit } from '@/lib/use-submit';

interface SignInFormProps {
  /** Fixed when somebody signs in again to go on. */
  username?: string | undefined;
  onDone: () => void;
}

export function SignInForm({ username: fixed, onDone }: SignInFormProps) {
  const [username, setUsername] = useState(fixed ?? '');
  const [password, setPassword] = useState('');

  const { busy, error, onSubmit } = useSubmit(true, async () => {
    try {
      await signIn(username.trim(), password);
      onDone();
    } catch (failure) {
      setPassword('');
      throw failure;
    }
  });

  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <Field label="User name">
        {(control) => (
          <Input
            {...control}
            value={username}
            onChange={(event) => setUsername(event.target.value)}
            readOnly={fixed !== undefined}
            autoComplete="username"
            autoFocus={fixed === undefined}
            required
          />
        )}
      </Field>
      <Field label="Password">
        {(control) => (
          <Input
            {...control}
            type="password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            autoComplete="current-password"
            autoFocus={fixed !== undefined}
            required
          />
        )}
      </Field>
      {error !== undefined && <ErrorNote error={error} />}
      <Button type="submit" variant="primary" busy={busy}>
        Sign in
      </Button>
    </form>
  );
}
