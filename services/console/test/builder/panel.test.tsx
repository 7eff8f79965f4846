import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import '@/components/code-editor/view';
import { TooltipProvider } from '@/components/ui/tooltip';
import { readDocument } from '@/features/builder/document/read';
import { findStep } from '@/features/builder/document/scope';
import { ConfigurationPanel } from '@/features/builder/panel/configuration-panel';
import { check } from '@/features/builder/problems/problems-store';
import { openDocument, select, selectSteps, useBuilder } from '@/features/builder/store';
import { NOTHING_SELECTED } from '@/features/canvas/graph';

const definition = {
  name: 'Orders',
  nodes: [
    { id: 'load', type: 'http_request', data: { config: { url: 'https://example.com' } } },
    { id: 'check', type: 'condition', data: { config: { expression: 'true' } } },
    { id: 'done', type: 'set', data: { config: { values: {} } } },
  ],
  edges: [
    { id: 'e1', source: 'load', target: 'check' },
    { id: 'e2', source: 'check', target: 'done' },
  ],
};

const config = (id: string) => findStep(useBuilder.getState().document, id)?.node.data;

async function setup(readOnlyReason?: string) {
  const read = readDocument(definition);
  if (!read.ok) throw new Error(read.reason);
  openDocument('wf_1', read.document, readOnlyReason);
  check(read.document);
  const queries = new QueryClient({ defaultOptions: { queries: { enabled: false, retry: false } } });
  const route = createRootRoute({
    component: () => (
      <QueryClientProvider client={queries}>
        <TooltipProvider>
          <ConfigurationPanel />
        </TooltipProvider>
      </QueryClientProvider>
    ),
  });
  const router = createRouter({ routeTree: route, history: createMemoryHistory() });
  render(<RouterProvider router={router as never} />);
  await screen.findByRole('complementary', { name: 'Configuration' });
  return userEvent.setup();
}

describe('ConfigurationPanel', () => {
  // Forms and menus of many parts, drawn by a browser that is simulated.
  vi.setConfig({ testTimeout: 30_000 });

  beforeEach(() => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('There is no platform here')));
    select(NOTHING_SELECTED);
  });

  it('shows the workflow where nothing is selected, and one undo takes a word back', async () => {
    const user = await setup();
    const name = screen.getByRole('textbox', { name: /^Name/ });
    await user.clear(name);
    await user.type(name, 'Bills');
    expect(useBuilder.getState().document.name).toBe('Bills');
    expect(useBuilder.getState().past).toHaveLength(1);
  });

  it('makes a form from the kind of the step', async () => {
    const user = await setup();
    selectSteps(['load']);
    await user.click(await screen.findByRole('combobox', { name: /Method/ }));
    await user.click(screen.getByRole('option', { name: 'POST' }));
    expect(config('load')?.config).toEqual({ url: 'https://example.com', method: 'POST' });
  });

  it('keeps retries behind a switch', async () => {
    const user = await setup();
    selectSteps(['load']);
    await user.click(await screen.findByRole('tab', { name: 'Behaviour' }));
    await user.click(screen.getByRole('switch', { name: 'Retry' }));
    expect(config('load')?.retry).toMatchObject({ max_attempts: 3 });
    await user.click(screen.getByRole('switch', { name: 'Retry' }));
    expect(config('load')?.retry).toBeUndefined();
  });

  it('offers the branches of a condition for an edge', async () => {
    const user = await setup();
    select({ nodes: new Set(), edges: new Set(['e2']) });
    await user.click(await screen.findByRole('combobox', { name: 'Branch' }));
    await user.click(screen.getByRole('option', { name: 'false' }));
    expect(useBuilder.getState().document.edges.find(({ id }) => id === 'e2')?.label).toBe('false');
  });

  it('changes nothing for those who may only look', async () => {
    const user = await setup('You need the permission workflow:write.');
    const name = screen.getByRole('textbox', { name: /^Name/ });
    await user.type(name, 'x');
    expect(useBuilder.getState().document.name).toBe('Orders');
  });
});
