import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useRights } from '@/api/session';
import { Empty } from '@/components/empty';
import { Loaded } from '@/components/loaded';
import { Page } from '@/components/page';
import { ShowMore } from '@/components/show-more';
import { Button } from '@/components/ui/button';
import { Table, Th } from '@/components/ui/table';
import { useUsers } from './queries';
import { UserDialog } from './user-dialog';
import { UserRow } from './user-row';

/** Accounts: who there is and what they may do. */
export function UsersPage() {
  const { whyNot } = useRights();
  const refusal = whyNot('user:manage');
  const query = useUsers(refusal === undefined);
  const [adding, setAdding] = useState(false);
  const users = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Page
      title="Users"
      actions={
        <Button variant="primary" disabledReason={refusal} onClick={() => setAdding(true)}>
          <Plus aria-hidden className="size-4" />
          New user
        </Button>
      }
    >
      {refusal !== undefined ? (
        <Empty title="Accounts are managed by administrators">{refusal}</Empty>
      ) : (
        <Loaded query={query}>
          {() => (
            <>
              <Table aria-label="Users">
                <thead>
                  <tr>
                    <Th>User name</Th>
                    <Th>Name</Th>
                    <Th>Email</Th>
                    <Th>May</Th>
                    <Th>State</Th>
                    <Th>Since</Th>
                    <Th>
                      <span className="sr-only">Actions</span>
                    </Th>
                  </tr>
                </thead>
                <tbody>
                  {users.map((user) => (
                    <UserRow key={user.username} user={user} />
                  ))}
                </tbody>
              </Table>
              <ShowMore query={query} />
            </>
          )}
        </Loaded>
      )}
      {adding && <UserDialog onClose={() => setAdding(false)} />}
    </Page>
  );
}
