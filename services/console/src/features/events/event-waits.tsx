import { Link } from '@tanstack/react-router';
import { useRights } from '@/api/session';
import { Empty } from '@/components/empty';
import { Loaded } from '@/components/loaded';
import { ShowMore } from '@/components/show-more';
import { Time } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Table, Td, Th } from '@/components/ui/table';
import { useEventWaits } from './queries';

/** Who waits for which name and key, since when and until when. */
export function EventWaits({ onSend }: { onSend: (event: { name: string; key: string }) => void }) {
  const { whyNot } = useRights();
  const query = useEventWaits();
  const waits = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Loaded query={query}>
      {() =>
        waits.length === 0 ? (
          <Empty title="No step waits for an event">
            A step of the kind “wait for event” waits for a name and a key, such as a payment of one order.
          </Empty>
        ) : (
          <>
            <Table aria-label="Waited for">
              <thead>
                <tr>
                  <Th>Event</Th>
                  <Th>Key</Th>
                  <Th>Step</Th>
                  <Th>Since</Th>
                  <Th>Until</Th>
                  <Th>
                    <span className="sr-only">Actions</span>
                  </Th>
                </tr>
              </thead>
              <tbody>
                {waits.map((wait) => (
                  <tr key={`${wait.execution_id} ${wait.step_id} ${wait.iteration ?? ''}`}>
                    <Td className="font-mono text-12">{wait.name}</Td>
                    <Td className="max-w-48 truncate font-mono text-12">{wait.key}</Td>
                    <Td>
                      <Link
                        to="/executions/$executionId"
                        params={{ executionId: wait.execution_id }}
                        search={{ step: wait.step_id }}
                        className="hover:underline"
                      >
                        {wait.workflow_name} · {wait.step_id}
                        {wait.iteration !== null && ` #${wait.iteration}`}
                      </Link>
                    </Td>
                    <Td>
                      <Time at={wait.since} />
                    </Td>
                    <Td>
                      {wait.until === null ? (
                        <span className="text-muted">for ever</span>
                      ) : (
                        <Time at={wait.until} />
                      )}
                    </Td>
                    <Td className="text-right">
                      <Button
                        size="sm"
                        disabledReason={whyNot('workflow:execute')}
                        onClick={() => onSend({ name: wait.name, key: wait.key })}
                      >
                        Send
                      </Button>
                    </Td>
                  </tr>
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
