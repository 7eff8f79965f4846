import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Empty } from '@/components/empty';
import { Loaded } from '@/components/loaded';
import { Page } from '@/components/page';
import { ShowMore } from '@/components/show-more';
import { Segmented } from '@/components/ui/choice';
import { ApprovalCard } from './approval-card';
import { useApprovals } from './queries';

const route = getRouteApi('/signed-in/shell/approvals');

const VIEWS = [
  { value: 'mine', label: 'For me' },
  { value: 'open', label: 'All open' },
  { value: 'decided', label: 'Over' },
] as const;

/** What people are asked by executions that wait for them. */
export function ApprovalsPage() {
  const { view = 'mine' } = route.useSearch();
  const navigate = useNavigate({ from: '/approvals' });
  const query = useApprovals({ status: view === 'decided' ? 'decided' : 'open', mine: view === 'mine' });
  const approvals = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Page title="Approvals" description="Executions that wait for somebody’s decision">
      <Segmented
        label="Which approvals"
        className="w-fit"
        value={view}
        options={VIEWS}
        onChange={(chosen) => void navigate({ search: chosen === 'mine' ? {} : { view: chosen } })}
      />
      <Loaded query={query}>
        {() =>
          approvals.length === 0 ? (
            <Empty title={view === 'decided' ? 'Nothing has been decided yet' : 'Nobody waits for you'}>
              A step of the kind “approval” asks people and waits. What it asks appears here, and in the
              execution.
            </Empty>
          ) : (
            <>
              <ul aria-label="Approvals" className="flex max-w-3xl flex-col gap-3">
                {approvals.map((approval) => (
                  <li key={approval.approval_id}>
                    <ApprovalCard approval={approval} />
                  </li>
                ))}
              </ul>
              <ShowMore query={query} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
