import type { Scope } from '@millrace/contracts';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { setSession } from '@/api/session';
import { TooltipProvider } from '@/components/ui/tooltip';

export interface RenderOptions {
  username?: string;
  scopes?: Scope[];
}

const EVERYTHING: Scope[] = ['workflow:read', 'workflow:write', 'workflow:execute', 'workflow:delete'];

/** Renders something as one of its pages would: somebody is signed in, links work, nothing is cached. */
export async function show(
  children: ReactNode,
  { username = 'ada', scopes = EVERYTHING }: RenderOptions = {},
) {
  setSession({
    status: 'signed-in',
    user: { username, scopes, email: null, full_name: null, disabled: false },
  });
  const root = createRootRoute({ component: () => children });
  const router = createRouter({ routeTree: root, history: createMemoryHistory() });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  await router.load();
  const view = render(
    <QueryClientProvider client={queries}>
      <TooltipProvider>
        <RouterProvider<typeof router> router={router} />
      </TooltipProvider>
    </QueryClientProvider>,
  );
  return { ...view, user: userEvent.setup() };
}
