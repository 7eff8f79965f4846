import { Navigate, Outlet, useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useSession } from '@/api/session';
import { restoreSession } from '@/api/sign-in';
import { ErrorNote } from '@/components/error-note';
import { SessionExpired } from '@/features/sign-in/session-expired';
import { Brand } from './brand';

/** Lets those in who are signed in. An expired session leaves the page where it is and asks to sign in again over it. */
export function SignedIn() {
  const status = useSession((session) => session.status);
  const [error, setError] = useState<unknown>();
  const [tries, setTries] = useState(0);

  useEffect(() => {
    if (status !== 'unknown') return;
    restoreSession().catch(setError);
  }, [status, tries]);

  if (status === 'signed-out') return <ToSignIn />;
  if (status === 'unknown') {
    if (error === undefined) return <Opening />;
    return (
      <main className="mx-auto max-w-md p-8">
        <ErrorNote
          error={error}
          onRetry={() => {
            setError(undefined);
            setTries(tries + 1);
          }}
        />
      </main>
    );
  }
  return (
    <>
      <Outlet />
      <SessionExpired open={status === 'expired'} />
    </>
  );
}

const Opening = () => (
  <div role="status" aria-label="Opening Millrace" className="flex h-full items-center justify-center">
    <Brand />
  </div>
);

/** Leads to the sign-in, and from there back. The address is that of the first moment: following it on the way there would never arrive. */
function ToSignIn() {
  const router = useRouter();
  const [wanted] = useState(() => router.state.location.href);
  return <Navigate to="/sign-in" search={wanted === '/' ? {} : { next: wanted }} replace />;
}
