import { node, type VersionResource, type WorkflowResource } from '@millrace/contracts';
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router';
import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { api, queryClient } from '@/api/client';
import { setSession } from '@/api/session';
import { TooltipProvider } from '@/components/ui/tooltip';
import { VersionsPage } from '@/features/versions/versions-page';

// What is drawn is the canvas' own and tried with it.
vi.mock('@/features/versions/two-canvases', () => ({ TwoCanvases: () => null }));

function version(number: number, seconds: number): VersionResource {
  const delay = node.parse({ id: 'wait', type: 'delay', data: { config: { seconds } } });
  return {
    workflow_id: 'wf_1',
    version: number,
    name: 'Orders',
    node_count: 1,
    current: number === 3,
    restored_from: null,
    created_at: '2026-11-30T12:00:00.000Z',
    created_by: 'ada',
    description: '',
    nodes: [delay],
    edges: [],
    metadata: {},
  };
}

/** Published in a version. */
const workflow = (number: number): WorkflowResource => ({
  ...version(number, 10),
  id: 'wf_1',
  owner: 'ada',
  status: 'active',
  revision: number,
  tags: [],
  updated_at: '2026-11-30T12:00:00.000Z',
  updated_by: 'ada',
});

async function setup(all: readonly VersionResource[], path = '/workflows/wf_1/versions') {
  setSession({
    status: 'signed-in',
    user: {
      username: 'ada',
      scopes: ['workflow:read', 'workflow:write'],
      email: null,
      full_name: null,
      disabled: false,
    },
  });
  vi.spyOn(api.workflows, 'versions').mockResolvedValue({ items: [...all], nextCursor: undefined });
  vi.spyOn(api.workflows, 'version').mockImplementation((_id, number) => {
    const found = all.find((one) => one.version === number);
    return found ? Promise.resolve(found) : Promise.reject(new Error(`no version ${number}`));
  });
  const root = createRootRoute({ component: Outlet });
  const signedIn = createRoute({ getParentRoute: () => root, id: 'signed-in' });
  const shell = createRoute({ getParentRoute: () => signedIn, id: 'shell' });
  const page = createRoute({
    getParentRoute: () => shell,
    path: '/workflows/$workflowId/versions',
    validateSearch: (search: Record<string, unknown>) => search,
    component: VersionsPage,
  });
  const router = createRouter({
    routeTree: root.addChildren([signedIn.addChildren([shell.addChildren([page])])]),
    history: createMemoryHistory({ initialEntries: [path] }),
  });
  await router.load();
  render(
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <RouterProvider router={router as never} />
      </TooltipProvider>
    </QueryClientProvider>,
  );
  return { user: userEvent.setup(), search: () => router.state.location.search as object };
}

const differences = (): string => screen.getByRole('region', { name: 'Differences of wait' }).textContent;

describe('VersionsPage', () => {
  beforeEach(() => queryClient.clear());
  const three = [version(3, 30), version(2, 20), version(1, 10)];

  it('teaches where nothing was published', async () => {
    await setup([]);
    await screen.findByText('Nothing has been published yet');
  });

  it('compares the newest with the one before, and says what differs', async () => {
    await setup(three);
    const changes = await screen.findByRole('region', { name: 'Changes' });
    expect(within(changes).getByRole('status').textContent).toBe('1 change');
    expect(differences()).toContain('removed: 20');
    expect(differences()).toContain('added: 30');
  });

  it('keeps which two are compared in the address', async () => {
    const { user, search } = await setup(three);
    await user.click(await screen.findByRole('radio', { name: 'Compare from version 1' }));
    await vi.waitFor(() => expect(differences()).toContain('removed: 10'));
    expect(search()).toEqual({ from: 1, to: 3 });
    await user.click(screen.getByRole('button', { name: /^Version 2/ }));
    expect(search()).toEqual({ from: 1, to: 2 });
  });

  it('restores an earlier version as a new one', async () => {
    const { user, search } = await setup(three, '/workflows/wf_1/versions?from=2&to=1');
    const restore = vi.spyOn(api.workflows, 'restoreVersion').mockResolvedValue(workflow(4));
    await user.click(await screen.findByRole('button', { name: 'Restore 1' }));
    await user.click(await screen.findByRole('button', { name: 'Restore version 1' }));
    await vi.waitFor(() => expect(search()).toEqual({ from: 3, to: 4 }));
    expect(restore).toHaveBeenCalledWith('wf_1', 1);
  });
});
