import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { Empty } from '@/components/empty';
import { Loaded } from '@/components/loaded';
import { useDocumentTitle } from '@/components/page';
import { Button } from '@/components/ui/button';
import { Comparison } from './comparison';
import { useVersions } from './queries';
import { VersionList } from './version-list';

const route = getRouteApi('/signed-in/shell/workflows/$workflowId/versions');

/** What was published, and how any two versions differ. Which two is in the address. */
export function VersionsPage() {
  const { workflowId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const versions = useVersions(workflowId);
  useDocumentTitle('Versions');

  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="flex shrink-0 items-center gap-3 border-b border-line px-4 py-2">
        <Link
          to="/workflows/$workflowId"
          params={{ workflowId }}
          className="inline-flex items-center gap-1 text-12 text-muted hover:text-ink"
        >
          <ArrowLeft aria-hidden className="size-3.5" />
          Builder
        </Link>
        <h1 className="min-w-0 flex-1 truncate text-15">
          Versions of {versions.data?.[0]?.name ?? workflowId}
        </h1>
      </header>
      <Loaded query={versions}>
        {(list) => {
          const [newest, previous] = list;
          if (newest === undefined) {
            return (
              <div className="p-6">
                <Empty title="Nothing has been published yet">
                  Publishing in the builder makes version 1. Every later publication that changes what the
                  workflow does is another version, and any of them can be brought back.
                </Empty>
              </div>
            );
          }
          const to = search.to ?? newest.version;
          const from =
            search.from ?? list.find(({ version }) => version < to)?.version ?? previous?.version ?? to;
          return (
            <div className="flex min-h-0 flex-1 max-lg:flex-col">
              <div className="flex w-72 shrink-0 flex-col overflow-y-auto border-r border-line max-lg:max-h-48 max-lg:w-full">
                <VersionList
                  versions={list}
                  from={from}
                  to={to}
                  onChoose={(next) => void navigate({ search: next, replace: true })}
                />
                {versions.hasNextPage && (
                  <Button
                    size="sm"
                    className="m-3 self-start"
                    busy={versions.isFetchingNextPage}
                    onClick={() => void versions.fetchNextPage()}
                  >
                    Older versions
                  </Button>
                )}
              </div>
              <Comparison
                key={`${from}/${to}`}
                workflowId={workflowId}
                from={from}
                to={to}
                newest={newest.version}
                onRestored={(version) => void navigate({ search: { from: version - 1, to: version } })}
              />
            </div>
          );
        }}
      </Loaded>
    </div>
  );
}
