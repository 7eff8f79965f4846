import { getRouteApi, useRouter } from '@tanstack/react-router';
import { Brand } from '@/app/brand';
import { useDocumentTitle } from '@/components/page';
import { SignInForm } from './sign-in-form';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  useDocumentTitle('Sign in');
  const { next = '/' } = route.useSearch();
  const router = useRouter();
  return (
    <main className="flex min-h-full items-center justify-center p-4">
      <div className="flex w-full max-w-80 flex-col gap-6 rounded-card border border-line bg-card p-6">
        <h1 className="flex items-center">
          <Brand />
          <span className="sr-only">Sign in to Millrace</span>
        </h1>
        <SignInForm onDone={() => router.history.replace(next)} />
        <p className="text-12 text-muted">
          The first start of the platform prints the passwords of <code>admin</code> and <code>user</code> and
          keeps them in its data folder. An administrator creates further accounts.
        </p>
      </div>
    </main>
  );
}
