import { createUserRequest, SCOPES, type Scope, type UserResource } from '@millrace/contracts';
import { useState } from 'react';
import { api } from '@/api/client';
import { useRights, useSession } from '@/api/session';
import { ErrorNote } from '@/components/error-note';
import { ScopeChoice } from '@/components/scope-choice';
import { toast } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { useSubmit } from '@/lib/use-submit';
import { useRenewUsers } from './queries';

interface UserDialogProps {
  /** The one to change; without it a new one. */
  user?: UserResource;
  onClose: () => void;
}

const shape = createUserRequest.shape;
const problemWith = (
  schema: { safeParse: (value: unknown) => { error?: { issues: { message: string }[] } } },
  value: unknown,
) => schema.safeParse(value).error?.issues[0]?.message;

export function UserDialog({ user, onClose }: UserDialogProps) {
  const { isAdmin } = useRights();
  const own = useSession((session) => session.user?.scopes) ?? [];
  const renew = useRenewUsers();
  const [username, setUsername] = useState(user?.username ?? '');
  const [password, setPassword] = useState('');
  const [fullName, setFullName] = useState(user?.full_name ?? '');
  const [email, setEmail] = useState(user?.email ?? '');
  const [scopes, setScopes] = useState<readonly Scope[]>(
    user?.scopes ?? ['workflow:read', 'workflow:execute'],
  );

  const profile = { full_name: fullName.trim() || null, email: email.trim() || null };
  const errors = {
    username: user ? undefined : problemWith(shape.username, username),
    password: user ? undefined : problemWith(shape.password, password),
    email: problemWith(shape.email, profile.email),
  };

  const isValid = Object.values(errors).every((one) => one === undefined);
  const { tried, busy, error, onSubmit } = useSubmit(isValid, async () => {
    if (user) await api.users.update(user.username, { ...profile, scopes: [...scopes] });
    else await api.users.create({ username, password, ...profile, scopes: [...scopes] });
    toast({ title: user ? `${user.username} is changed` : `${username} can sign in now` });
    await renew();
    onClose();
  });

  return (
    <Dialog open onOpenChange={onClose} title={user ? `Change ${user.username}` : 'New user'}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4" noValidate>
        {!user && (
          <>
            <Field label="User name" required error={tried ? errors.username : undefined}>
              {(control) => (
                <Input
                  {...control}
                  value={username}
                  autoFocus
                  onChange={(event) => setUsername(event.target.value)}
                />
              )}
            </Field>
            <Field
              label="First password"
              required
              hint="At least 10 characters. They can change it in their settings."
              error={tried ? errors.password : undefined}
            >
              {(control) => (
                <Input
                  {...control}
                  type="password"
                  autoComplete="new-password"
                  value={password}
                  onChange={(event) => setPassword(event.target.value)}
                />
              )}
            </Field>
          </>
        )}
        <Field label="Name">
          {(control) => (
            <Input
              {...control}
              value={fullName}
              maxLength={200}
              onChange={(event) => setFullName(event.target.value)}
            />
          )}
        </Field>
        <Field label="Email" error={tried ? errors.email : undefined}>
          {(control) => (
            <Input
              {...control}
              type="email"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <ScopeChoice
          legend={isAdmin ? 'What they may do' : 'What they may do (of what you may do yourself)'}
          offered={isAdmin ? SCOPES : own}
          chosen={scopes}
          onChange={setScopes}
        />
        {error !== undefined && <ErrorNote error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" variant="primary" busy={busy}>
            {user ? 'Save' : 'Create'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
