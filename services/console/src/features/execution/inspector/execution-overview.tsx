import type { ExecutionResource } from '@millrace/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { CopyButton } from '@/components/copy-button';
import { PayloadView } from '@/components/json-view';
import { Status } from '@/components/status';
import { Time } from '@/components/time';
import { Section } from '@/components/ui/card';
import { formatCount, formatDuration } from '@/lib/format';
import { childrenQuery, retriesQuery } from '../queries';
import { ErrorDetail } from './error-detail';

/** The execution as a whole: what it was given, what came of it, and what belongs to it. */
export function ExecutionOverview({ execution }: { execution: ExecutionResource }) {
  const { execution_id: id, error, result, parameters, usage, duration_seconds: seconds } = execution;
  return (
    <section aria-label="The execution" className="flex h-full flex-col gap-5 overflow-y-auto bg-card p-4">
      {error && (
        <Section title="Why it failed">
          <ErrorDetail error={error} />
          {typeof error.step_id === 'string' && (
            <Link
              to="/executions/$executionId"
              params={{ executionId: id }}
              search={{ step: error.step_id, iteration: error.iteration }}
              className="text-13 text-accent underline"
            >
              Go to the step that failed
            </Link>
          )}
        </Section>
      )}
      <Section title="Result">
        <PayloadView
          payload={{ value: result?.output, reference: result?.output_ref }}
          label="Result"
          empty={
            execution.completed_at === null ? 'It is here when the execution is done.' : 'There is none.'
          }
        />
      </Section>
      <Section title="Parameters">
        <PayloadView payload={{ value: parameters }} label="Parameters" root="parameters" empty="None" />
      </Section>
      <Section title="Facts">
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-13">
          <Fact name="Execution">
            <span className="flex items-center gap-1">
              <code className="truncate font-mono text-12">{id}</code>
              <CopyButton text={id} what="Copy the id" />
            </span>
          </Fact>
          <Fact name="Submitted">
            <Time at={execution.created_at} style="exact" /> by {execution.submitted_by}
          </Fact>
          <Fact name="Started">
            <Time at={execution.started_at} style="exact" />
          </Fact>
          <Fact name="Ended">
            <Time at={execution.completed_at} style="exact" />
          </Fact>
          {seconds !== null && <Fact name="Duration">{formatDuration(seconds * 1_000)}</Fact>}
          <Fact name="Owner">{execution.owner}</Fact>
          {usage && (
            <Fact name="Tokens">
              {formatCount(usage.input_tokens)} in, {formatCount(usage.output_tokens)} out
              {usage.cost_usd !== undefined && ` · $${usage.cost_usd.toFixed(4)}`}
            </Fact>
          )}
          <Fact name="Trace">
            <code className="break-all font-mono text-12">{execution.trace_id}</code>
          </Fact>
        </dl>
      </Section>
      <Related execution={execution} />
    </section>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt className="text-muted">{name}</dt>
    <dd className="min-w-0">{children}</dd>
  </>
);

function Related({ execution }: { execution: ExecutionResource }) {
  const { execution_id: id, parent_id: parent, retry_of: retryOf, root_id: root } = execution;
  const children = useQuery(childrenQuery(id));
  const retries = useQuery({ ...retriesQuery(id), enabled: execution.completed_at !== null });
  const others = [
    ...(parent === null ? [] : [{ word: 'Started by', id: parent }]),
    ...(retryOf === null ? [] : [{ word: 'Again after', id: retryOf }]),
    ...(retryOf === null || root === retryOf || root === id ? [] : [{ word: 'First of them', id: root }]),
  ];
  const found = [
    ...(retries.data ?? []).map((one) => ({ word: 'Repeated by', one })),
    ...(children.data ?? []).map((one) => ({ word: 'Started', one })),
  ];
  if (others.length === 0 && found.length === 0) return null;
  return (
    <Section title="Related executions">
      <ul className="flex flex-col gap-1 text-13">
        {others.map(({ word, id: other }) => (
          <li key={word} className="flex gap-2">
            <span className="w-24 shrink-0 text-muted">{word}</span>
            <ExecutionLink id={other} />
          </li>
        ))}
        {found.map(({ word, one }) => (
          <li key={one.execution_id} className="flex gap-2">
            <span className="w-24 shrink-0 text-muted">{word}</span>
            <ExecutionLink id={one.execution_id} />
            <span className="ml-auto">
              <Status status={one.status} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

const ExecutionLink = ({ id }: { id: string }) => (
  <Link
    to="/executions/$executionId"
    params={{ executionId: id }}
    className="min-w-0 truncate font-mono text-12 text-accent underline"
  >
    {id}
  </Link>
);
