import type { SessionResource } from '@millrace/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { signOut } from '@/api/sign-in';
import { Loaded } from '@/components/loaded';
import { Time } from '@/components/time';
import { toastError } from '@/components/toast';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { Table, Td, Th } from '@/components/ui/table';

/** Where this person is signed in, and how to end that. */
export function Sessions() {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const query = useQuery({
    queryKey: ['sessions'],
    queryFn: async ({ signal }) => (await api.auth.sessions({ limit: 50 }, { signal })).items,
  });
  const end = (id: string): void => {
    api.auth
      .endSession(id)
      .then(() => queries.invalidateQueries({ queryKey: ['sessions'] }))
      .catch((error: unknown) => toastError('Could not end the session', error));
  };
  return (
    <div className="flex flex-col gap-3">
      <Loaded query={query}>
        {(sessions) => (
          <Table aria-label="Sessions">
            <thead>
              <tr>
                <Th>Browser or program</Th>
                <Th>Address</Th>
                <Th>Last used</Th>
                <Th>Ends</Th>
                <Th>
                  <span className="sr-only">Actions</span>
                </Th>
              </tr>
            </thead>
            <tbody>
              {sessions.map((session) => (
                <SessionRow key={session.id} session={session} onEnd={() => end(session.id)} />
              ))}
            </tbody>
          </Table>
        )}
      </Loaded>
      <Button variant="danger" className="self-start" onClick={() => setAsking(true)}>
        Sign out everywhere
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Sign out everywhere?"
        consequence="Every session of yours ends, this one too: others at once, live streams within 30 seconds. API keys stay."
        action="Sign out everywhere"
        onConfirm={() => signOut(true)}
      />
    </div>
  );
}

function SessionRow({ session, onEnd }: { session: SessionResource; onEnd: () => void }) {
  return (
    <tr>
      <Td className="max-w-80 truncate" title={session.user_agent ?? ''}>
        {session.user_agent ?? 'unknown'} {session.current && <Badge>this one</Badge>}
      </Td>
      <Td className="font-mono text-12">{session.address}</Td>
      <Td>
        <Time at={session.last_used_at} />
      </Td>
      <Td>
        <Time at={session.expires_at} />
      </Td>
      <Td className="text-right">
        {!session.current && (
          <Button size="sm" onClick={onEnd}>
            End
          </Button>
        )}
      </Td>
    </tr>
  );
}
