import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeftRight } from 'lucide-react';
import { Empty } from '@/components/empty';
import { Loaded } from '@/components/loaded';
import { Page } from '@/components/page';
import { Status } from '@/components/status';
import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Card, Section } from '@/components/ui/card';
import { formatDuration } from '@/lib/format';
import { CompareSteps } from './compare/compare-steps';
import { DifferenceList } from './compare/difference-list';
import { comparedQuery, type Opening } from './queries';

const route = getRouteApi('/signed-in/shell/executions/compare');

/** Two executions side by side. */
export function ComparePage() {
  const { a, b } = route.useSearch();
  const navigate = route.useNavigate();
  const first = useQuery({ ...comparedQuery(a), enabled: a !== '' });
  const second = useQuery({ ...comparedQuery(b), enabled: b !== '' });
  if (a === '' || b === '') {
    return (
      <Page title="Compare executions">
        <Empty title="Choose two executions">
          Select two in the list of <Link to="/executions">executions</Link>, or open one that repeats another
          and compare it with the one before.
        </Empty>
      </Page>
    );
  }
  return (
    <Page
      title="Compare executions"
      actions={
        <Button onClick={() => void navigate({ search: { a: b, b: a }, replace: true })}>
          <ArrowLeftRight aria-hidden className="size-3.5" />
          Swap
        </Button>
      }
    >
      <Loaded query={first}>
        {(one) => <Loaded query={second}>{(other) => <Comparison a={one} b={other} />}</Loaded>}
      </Loaded>
    </Page>
  );
}

function Comparison({ a, b }: { a: Opening; b: Opening }) {
  return (
    <>
      <div className="grid gap-3 md:grid-cols-2">
        <Side name="A" opening={a} />
        <Side name="B" opening={b} />
      </div>
      <Section title="Parameters">
        <DifferenceList before={a.execution.parameters} after={b.execution.parameters} />
      </Section>
      <Section title="Steps">
        <CompareSteps a={a} b={b} />
      </Section>
      <Section title="Result">
        <DifferenceList before={a.execution.result?.output} after={b.execution.result?.output} />
      </Section>
    </>
  );
}

function Side({ name, opening: { execution } }: { name: string; opening: Opening }) {
  const { execution_id: id, status, workflow_version: version, duration_seconds: seconds } = execution;
  return (
    <Card className="flex flex-wrap items-center gap-x-4 gap-y-1 p-3">
      <span className="text-15 font-semibold">{name}</span>
      <Link
        to="/executions/$executionId"
        params={{ executionId: id }}
        className="min-w-0 truncate font-mono text-12 text-accent underline"
      >
        {id}
      </Link>
      <span className="flex w-full flex-wrap items-center gap-x-4 gap-y-1 text-12 text-muted">
        <Status status={status} />
        <Badge>version {version}</Badge>
        {seconds !== null && <span>{formatDuration(seconds * 1_000)}</span>}
        <Time at={execution.created_at} />
      </span>
    </Card>
  );
}
