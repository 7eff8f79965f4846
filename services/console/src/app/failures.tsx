import { Link, type ErrorComponentProps } from '@tanstack/react-router';
import { Empty } from '@/components/empty';
import { ErrorNote } from '@/components/error-note';
import { Page } from '@/components/page';

export function NotFound() {
  return (
    <Page title="Not found">
      <Empty
        title="There is no such page"
        action={
          <Link to="/" className="text-accent underline">
            Go to the start page
          </Link>
        }
      >
        The address may be mistyped, or what it led to has been deleted.
      </Empty>
    </Page>
  );
}

/** A page that broke. The rest of the console goes on. */
export function PageFailure({ error, reset }: ErrorComponentProps) {
  return (
    <Page title="Something broke">
      <ErrorNote error={error} onRetry={reset} />
    </Page>
  );
}
