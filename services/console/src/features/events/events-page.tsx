import { Send } from 'lucide-react';
import { useState } from 'react';
import { useRights } from '@/api/session';
import { Page } from '@/components/page';
import { Button } from '@/components/ui/button';
import { Section } from '@/components/ui/card';
import { EventWaits } from './event-waits';
import { KeptEvents } from './kept-events';
import { SendEventDialog } from './send-event-dialog';

/** Events from outside: who waits for which, and which nobody has received. */
export function EventsPage() {
  const { whyNot } = useRights();
  const [sending, setSending] = useState<{ name: string; key: string }>();
  return (
    <Page
      title="Events"
      description="Steps that wait for something outside, and events that nobody has received yet"
      actions={
        <Button
          variant="primary"
          disabledReason={whyNot('workflow:execute')}
          onClick={() => setSending({ name: '', key: '' })}
        >
          <Send aria-hidden className="size-3.5" />
          Send an event
        </Button>
      }
    >
      <Section title="Waited for">
        <EventWaits onSend={setSending} />
      </Section>
      <Section title="Kept for later">
        <KeptEvents />
      </Section>
      {sending && <SendEventDialog event={sending} onClose={() => setSending(undefined)} />}
    </Page>
  );
}
