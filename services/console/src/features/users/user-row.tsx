import type { UserResource } from '@millrace/contracts';
import { Ellipsis, KeyRound, Pencil, UserRoundCheck, UserRoundX } from 'lucide-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { useRights } from '@/api/session';
import { Time } from '@/components/time';
import { toast, toastError } from '@/components/toast';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { Menu, MenuItem } from '@/components/ui/menu';
import { Td } from '@/components/ui/table';
import { PasswordDialog } from './password-dialog';
import { useRenewUsers } from './queries';
import { UserDialog } from './user-dialog';

export function UserRow({ user }: { user: UserResource }) {
  const { username: self } = useRights();
  const renew = useRenewUsers();
  const [open, setOpen] = useState<'edit' | 'password' | 'disable'>();
  const { username, full_name: fullName, email, scopes, disabled } = user;
  const close = (): void => setOpen(undefined);

  async function setDisabled(value: boolean): Promise<void> {
    await api.users.update(username, { disabled: value });
    toast({ title: value ? `${username} is disabled` : `${username} may sign in again` });
    await renew();
  }

  return (
    <tr className={disabled ? 'text-muted' : ''}>
      <Td className="font-medium">
        {username}
        {username === self && <span className="ml-1 text-muted">(you)</span>}
      </Td>
      <Td>{fullName}</Td>
      <Td>{email}</Td>
      <Td>
        <span className="flex flex-wrap gap-1 py-1">
          {scopes.map((scope) => (
            <Badge key={scope}>{scope}</Badge>
          ))}
        </span>
      </Td>
      <Td>{disabled ? 'Disabled' : 'Active'}</Td>
      <Td>
        <Time at={user.created_at} />
      </Td>
      <Td className="text-right">
        <Menu
          trigger={
            <Button size="icon-sm" variant="ghost" aria-label={`Actions for ${username}`}>
              <Ellipsis aria-hidden className="size-4" />
            </Button>
          }
        >
          <MenuItem icon={<Pencil aria-hidden />} onSelect={() => setOpen('edit')}>
            Change
          </MenuItem>
          <MenuItem icon={<KeyRound aria-hidden />} onSelect={() => setOpen('password')}>
            Reset the password
          </MenuItem>
          {disabled ? (
            <MenuItem
              icon={<UserRoundCheck aria-hidden />}
              onSelect={() => {
                setDisabled(false).catch((error: unknown) =>
                  toastError(`Could not enable ${username}`, error),
                );
              }}
            >
              Enable
            </MenuItem>
          ) : (
            <MenuItem
              danger
              icon={<UserRoundX aria-hidden />}
              disabledReason={username === self ? 'You would lock yourself out.' : undefined}
              onSelect={() => setOpen('disable')}
            >
              Disable
            </MenuItem>
          )}
        </Menu>
        {open === 'edit' && <UserDialog user={user} onClose={close} />}
        {open === 'password' && <PasswordDialog username={username} onClose={close} />}
        <Confirm
          open={open === 'disable'}
          onOpenChange={close}
          title={`Disable ${username}?`}
          consequence="Their sessions, streams and API keys end within 30 seconds. Their workflows stay, and executions that run go on."
          action="Disable"
          onConfirm={() => setDisabled(true)}
        />
      </Td>
    </tr>
  );
}
