import { useState } from 'react';
import { api } from '@/api/client';
import { setSession, useSession } from '@/api/session';
import { ErrorNote } from '@/components/error-note';
import { toast } from '@/components/toast';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { useSubmit } from '@/lib/use-submit';

/** Name and address; what one may do is shown and changed by administrators. */
export function Profile() {
  const user = useSession((session) => session.user);
  const [fullName, setFullName] = useState(user?.full_name ?? '');
  const [email, setEmail] = useState(user?.email ?? '');
  const { busy, error, onSubmit } = useSubmit(true, async () => {
    const changed = await api.auth.updateMe({
      full_name: fullName.trim() || null,
      email: email.trim() || null,
    });
    setSession({ status: 'signed-in', user: changed });
    toast({ title: 'Saved' });
  });
  if (!user) return null;

  return (
    <Card className="p-4">
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p className="flex flex-wrap items-center gap-1.5">
          <span className="font-medium">{user.username}</span>
          {user.scopes.map((scope) => (
            <Badge key={scope}>{scope}</Badge>
          ))}
        </p>
        <div className="grid gap-4 md:grid-cols-2">
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
          <Field label="Email">
            {(control) => (
              <Input
                {...control}
                type="email"
                value={email}
                onChange={(event) => setEmail(event.target.value)}
              />
            )}
          </Field>
        </div>
        {error !== undefined && <ErrorNote error={error} />}
        <Button type="submit" busy={busy} className="self-start">
          Save
        </Button>
      </form>
    </Card>
  );
}
