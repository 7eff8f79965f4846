import type { DeadLetter } from '@millrace/contracts';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Empty } from '@/components/empty';
import { Loaded } from '@/components/loaded';
import { ShowMore } from '@/components/show-more';
import { Page } from '@/components/page';
import { WorkflowPicker } from '@/features/workflows/workflow-picker';
import { DeadLetterGroup } from './dead-letter-group';
import { RedriveDialog } from './redrive-dialog';
import { useDeadLetters } from './queries';

const route = getRouteApi('/signed-in/shell/dead-letters');

/** Failures grouped by cause, to be retried or put away. */
export function DeadLettersPage() {
  const { workflow } = route.useSearch();
  const navigate = useNavigate({ from: '/dead-letters' });
  const query = useDeadLetters(workflow);
  // Here and not in the group, which leaves the list while its report is still to be read.
  const [redriven, setRedriven] = useState<DeadLetter>();
  const groups = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Page
      title="Dead letters"
      description="Executions that failed, grouped by cause. Retry a group when its cause is gone, or discard it."
    >
      <div role="search" aria-label="Filters">
        <WorkflowPicker
          value={workflow}
          onChange={(id) => void navigate({ search: id ? { workflow: id } : {} })}
        />
      </div>
      <Loaded query={query}>
        {() =>
          groups.length === 0 ? (
            <Empty title="No failure needs a look">
              When executions fail they are gathered here: the same workflow, step and error are one group.
            </Empty>
          ) : (
            <>
              <ul aria-label="Groups of failures" className="flex flex-col gap-3">
                {groups.map((group) => (
                  <DeadLetterGroup
                    key={group.fingerprint}
                    group={group}
                    onRedrive={() => setRedriven(group)}
                  />
                ))}
              </ul>
              <ShowMore query={query} />
            </>
          )
        }
      </Loaded>
      {redriven && <RedriveDialog group={redriven} onClose={() => setRedriven(undefined)} />}
    </Page>
  );
}
