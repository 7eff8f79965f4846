import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router';
import * as z from 'zod';
import { executionsSearch } from '@/features/executions/search';
import { workflowsSearch } from '@/features/workflows/search';
import { NotFound, PageFailure } from './failures';
import { PagePending } from './pending';
import { Shell } from './shell';
import { SignedIn } from './signed-in';

/** Every address of the console. Filters and selections are in the address, so that a link shows what its sender saw. */
const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: PageFailure });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: z.object({ next: z.string().startsWith('/').optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('@/features/sign-in/sign-in-page'), 'SignInPage'),
});

/** Everything behind the sign-in. */
const signedIn = createRoute({ getParentRoute: () => root, id: 'signed-in', component: SignedIn });
const shell = createRoute({ getParentRoute: () => signedIn, id: 'shell', component: Shell });

const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/home/home-page'), 'HomePage'),
});
const workflows = createRoute({
  getParentRoute: () => shell,
  path: '/workflows',
  validateSearch: workflowsSearch,
  component: lazyRouteComponent(() => import('@/features/workflows/workflows-page'), 'WorkflowsPage'),
});
const builder = createRoute({
  getParentRoute: () => shell,
  path: '/workflows/$workflowId',
  validateSearch: z.object({
    /** The node whose panel is open. */
    node: z.string().optional().catch(undefined),
    /** The execution whose data and status the canvas shows. */
    run: z.string().optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import('@/features/builder/builder-page'), 'BuilderPage'),
});
const versions = createRoute({
  getParentRoute: () => shell,
  path: '/workflows/$workflowId/versions',
  validateSearch: z.object({
    from: z.coerce.number().int().positive().optional().catch(undefined),
    to: z.coerce.number().int().positive().optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import('@/features/versions/versions-page'), 'VersionsPage'),
});
const executions = createRoute({
  getParentRoute: () => shell,
  path: '/executions',
  validateSearch: executionsSearch,
  component: lazyRouteComponent(() => import('@/features/executions/executions-page'), 'ExecutionsPage'),
});
const compare = createRoute({
  getParentRoute: () => shell,
  path: '/executions/compare',
  validateSearch: z.object({ a: z.string().catch(''), b: z.string().catch('') }),
  component: lazyRouteComponent(() => import('@/features/execution/compare-page'), 'ComparePage'),
});
const execution = createRoute({
  getParentRoute: () => shell,
  path: '/executions/$executionId',
  validateSearch: z.object({
    step: z.string().optional().catch(undefined),
    // In an address that somebody wrote it may look like a number.
    iteration: z
      .union([z.string(), z.number().transform(String)])
      .optional()
      .catch(undefined),
    tab: z
      .enum(['output', 'input', 'agent', 'logs', 'attempts', 'configuration'])
      .optional()
      .catch(undefined),
  }),
  component: lazyRouteComponent(() => import('@/features/execution/execution-page'), 'ExecutionPage'),
});
const operations = createRoute({
  getParentRoute: () => shell,
  path: '/operations',
  component: lazyRouteComponent(() => import('@/features/operations/operations-page'), 'OperationsPage'),
});
const deadLetters = createRoute({
  getParentRoute: () => shell,
  path: '/dead-letters',
  validateSearch: z.object({ workflow: z.string().optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('@/features/dead-letters/dead-letters-page'), 'DeadLettersPage'),
});
const approvals = createRoute({
  getParentRoute: () => shell,
  path: '/approvals',
  validateSearch: z.object({
    view: z.enum(['mine', 'open', 'decided']).optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import('@/features/approvals/approvals-page'), 'ApprovalsPage'),
});
const events = createRoute({
  getParentRoute: () => shell,
  path: '/events',
  component: lazyRouteComponent(() => import('@/features/events/events-page'), 'EventsPage'),
});
const secrets = createRoute({
  getParentRoute: () => shell,
  path: '/secrets',
  component: lazyRouteComponent(() => import('@/features/secrets/secrets-page'), 'SecretsPage'),
});
const apiKeys = createRoute({
  getParentRoute: () => shell,
  path: '/api-keys',
  component: lazyRouteComponent(() => import('@/features/api-keys/api-keys-page'), 'ApiKeysPage'),
});
const users = createRoute({
  getParentRoute: () => shell,
  path: '/users',
  component: lazyRouteComponent(() => import('@/features/users/users-page'), 'UsersPage'),
});
const settings = createRoute({
  getParentRoute: () => shell,
  path: '/settings',
  component: lazyRouteComponent(() => import('@/features/settings/settings-page'), 'SettingsPage'),
});

const routeTree = root.addChildren([
  signIn,
  signedIn.addChildren([
    shell.addChildren([
      home,
      workflows,
      builder,
      versions,
      executions,
      compare,
      execution,
      operations,
      deadLetters,
      approvals,
      events,
      secrets,
      apiKeys,
      users,
      settings,
    ]),
  ]),
]);

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultErrorComponent: PageFailure,
  // What is around a page does not wait for its code: the session is looked for in the meantime.
  defaultPendingComponent: PagePending,
  defaultPendingMs: 50,
  defaultPendingMinMs: 0,
  defaultNotFoundComponent: NotFound,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
