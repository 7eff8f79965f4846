import { Link } from '@tanstack/react-router';
import { useRights } from '@/api/session';
import { Empty } from '@/components/empty';
import { Loaded } from '@/components/loaded';
import { Page } from '@/components/page';
import { Section } from '@/components/ui/card';
import { HealthStrip } from './health-strip';
import { Latency } from './latency';
import { useOperations } from './queries';
import { QueueTiles } from './queue-tiles';
import { Throughput } from './throughput';
import { Warnings } from './warnings';
import { WorkersTable } from './workers-table';

/** For whoever runs the platform: what is queued, who works, how much gets done, how long it takes. */
export function OperationsPage() {
  const { whyNot } = useRights();
  const refusal = whyNot('platform:admin');
  return (
    <Page title="Operations" description="What is queued, who works, how much gets done">
      <HealthStrip />
      {refusal === undefined ? <Figures /> : <Empty title="Figures of the whole platform">{refusal}</Empty>}
    </Page>
  );
}

function Figures() {
  const query = useOperations();
  return (
    <Loaded query={query}>
      {(operations) => (
        <div className="flex flex-col gap-6">
          <Warnings operations={operations} />
          <QueueTiles queue={operations.queue} workers={operations.workers} />
          <div className="grid gap-6 xl:grid-cols-2">
            <Section title="Ended per minute, last hour">
              <Throughput minutes={operations.throughput} />
            </Section>
            <Section title="How long it takes">
              <Latency windows={operations.latency} />
            </Section>
          </div>
          <Section title="Workers">
            <WorkersTable workers={operations.workers} />
          </Section>
          <p className="text-12 text-muted">
            To scale workers, watch <strong className="text-ink">runnable</strong>: what may start now and has
            no worker. It is the metric <code>millrace_runnable_executions</code>. Failures wait in{' '}
            <Link to="/dead-letters" search={{}} className="underline">
              dead letters
            </Link>
            .
          </p>
        </div>
      )}
    </Loaded>
  );
}
