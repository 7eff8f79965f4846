import type { KeptEventSummary } from '@millrace/contracts';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { useRights } from '@/api/session';
import { Empty } from '@/components/empty';
import { Loaded } from '@/components/loaded';
import { ShowMore } from '@/components/show-more';
import { Time } from '@/components/time';
import { toast } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { Table, Td, Th } from '@/components/ui/table';
import { useKeptEvents, useRenewEvents } from './queries';

/** Events that came before anybody waited for them. */
export function KeptEvents() {
  const query = useKeptEvents();
  const events = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Loaded query={query}>
      {() =>
        events.length === 0 ? (
          <Empty title="No event is kept">
            An event that nobody waits for is kept for a day, and goes to the first step that begins to wait
            for it.
          </Empty>
        ) : (
          <>
            <Table aria-label="Kept for later">
              <thead>
                <tr>
                  <Th>Event</Th>
                  <Th>Key</Th>
                  <Th>Sent by</Th>
                  <Th>Sent</Th>
                  <Th>Dropped</Th>
                  <Th>
                    <span className="sr-only">Actions</span>
                  </Th>
                </tr>
              </thead>
              <tbody>
                {events.map((event) => (
                  <KeptEventRow key={event.event_id} event={event} />
                ))}
              </tbody>
            </Table>
            <ShowMore query={query} />
          </>
        )
      }
    </Loaded>
  );
}

function KeptEventRow({ event }: { event: KeptEventSummary }) {
  const { whyNot } = useRights();
  const renew = useRenewEvents();
  const [asking, setAsking] = useState(false);

  async function discard(): Promise<void> {
    await api.events.discard(event.event_id);
    toast({ title: `An event ${event.name} is discarded` });
    await renew();
  }

  return (
    <tr>
      <Td className="font-mono text-12">{event.name}</Td>
      <Td className="max-w-48 truncate font-mono text-12">{event.key}</Td>
      <Td>{event.sent_by}</Td>
      <Td>
        <Time at={event.created_at} />
      </Td>
      <Td>
        <Time at={event.expires_at} />
      </Td>
      <Td className="text-right">
        <Button
          variant="ghost"
          size="icon-sm"
          hint={`Discard ${event.name}`}
          disabledReason={whyNot('workflow:execute')}
          onClick={() => setAsking(true)}
        >
          <Trash2 aria-hidden className="size-3.5" />
        </Button>
        <Confirm
          open={asking}
          onOpenChange={setAsking}
          title="Discard this event?"
          consequence="No step will receive it."
          action="Discard"
          onConfirm={discard}
        />
      </Td>
    </tr>
  );
}
