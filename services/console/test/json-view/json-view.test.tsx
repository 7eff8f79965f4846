import type { JsonValue } from '@millrace/contracts';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactElement } from 'react';
import { describe, expect, it, vi } from 'vitest';
import { api } from '@/api/client';
import { JsonView, PayloadView } from '@/components/json-view';
import { TooltipProvider } from '@/components/ui/tooltip';

const show = (element: ReactElement) => {
  const user = userEvent.setup();
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <TooltipProvider>{element}</TooltipProvider>
    </QueryClientProvider>,
  );
  return user;
};
const tree = () => screen.getByRole('tree');
const lines = () => screen.getAllByRole('treeitem').map(({ textContent }) => textContent);

const order: JsonValue = { id: 7, customer: { name: 'Ada', address: { city: 'Oslo' } } };

describe('JsonView', () => {
  it('opens and closes a member by keys', async () => {
    const user = show(<JsonView value={order} label="Output" />);
    tree().focus();
    await user.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}{ArrowDown}{ArrowRight}');
    expect(lines()).toContain('city: "Oslo"');
    await user.keyboard('{ArrowLeft}');
    expect(lines()).not.toContain('city: "Oslo"');
  });
  it('copies the expression that leads to a value', async () => {
    const user = show(<JsonView value={order} label="Output" root="steps.load.output" />);
    tree().focus();
    await user.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}p');
    expect(await navigator.clipboard.readText()).toBe('steps.load.output.customer.name');
  });
  it('finds what is hidden in closed members and opens the way to it', async () => {
    const user = show(<JsonView value={order} label="Output" />);
    await user.type(screen.getByRole('searchbox', { name: 'Search in Output' }), 'oslo');
    await waitFor(() => expect(screen.getByRole('status').textContent).toBe('1'));
    await user.keyboard('{Enter}');
    expect(lines()).toContain('city: "Oslo"');
    expect(screen.getByRole('status').textContent).toBe('1 of 1');
  });
  it('shortens a long text until it is asked for', async () => {
    const user = show(<JsonView value={{ text: `first line\n${'word '.repeat(100)}` }} label="Output" />);
    expect(lines()[1]).toContain('"first line…');
    await user.click(screen.getByRole('button', { name: /Show all/ }));
    expect(lines()[1]).toContain('word word');
  });
});

describe('PayloadView', () => {
  const reference = { reference: 'blob-1', size_bytes: 70_000, content_type: 'application/json' };

  it('fetches a value that is kept apart only when it is asked for', async () => {
    const blob = vi
      .spyOn(api, 'blob')
      .mockResolvedValue({ contentType: 'application/json', bytes: new TextEncoder().encode('{"rows":3}') });
    const user = show(<PayloadView payload={{ reference }} label="Output" empty="None" />);
    expect(blob).not.toHaveBeenCalled();
    await user.click(screen.getByRole('button', { name: 'Load' }));
    await waitFor(() => expect(lines()).toContain('rows: 3'));
  });
  it('says why it could not be fetched and offers to try again', async () => {
    const blob = vi.spyOn(api, 'blob').mockRejectedValueOnce(new Error('The blob has been deleted'));
    const user = show(<PayloadView payload={{ reference }} label="Output" empty="None" />);
    await user.click(screen.getByRole('button', { name: 'Load' }));
    expect((await screen.findByRole('alert')).textContent).toContain('The blob has been deleted');
    blob.mockResolvedValue({ contentType: 'application/json', bytes: new TextEncoder().encode('[1]') });
    await user.click(screen.getByRole('button', { name: 'Retry' }));
    await waitFor(() => expect(lines()).toContain('0: 1'));
  });
});
