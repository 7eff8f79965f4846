import { useSession } from '@/api/session';
import { signOut } from '@/api/sign-in';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { SignInForm } from './sign-in-form';

/** Over whatever the person was doing, which stays as it is. */
export function SessionExpired({ open }: { open: boolean }) {
  const username = useSession(({ user }) => user?.username);
  return (
    <Dialog
      open={open}
      onOpenChange={() => undefined}
      title="Your session has ended"
      description="Sign in again to go on where you were. Nothing you have entered is lost."
    >
      <SignInForm key={username} username={username} onDone={() => undefined} />
      <Button variant="ghost" size="sm" className="mt-2" onClick={() => void signOut()}>
        Leave and sign in as somebody else
      </Button>
    </Dialog>
  );
}
