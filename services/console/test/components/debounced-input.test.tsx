import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DebouncedInput } from '@/components/debounced-input';

describe('a filter that is typed', () => {
  beforeEach(() => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is told once somebody has typed', async () => {
    const onChange = vi.fn();
    const user = userEvent.setup({ advanceTimers: (ms) => vi.advanceTimersByTime(ms) });
    render(<DebouncedInput label="Owner" value="" onChange={onChange} />);
    await user.type(screen.getByRole('searchbox', { name: 'Owner' }), 'ada');
    act(() => {
      vi.advanceTimersByTime(300);
    });

    expect(onChange.mock.calls).toEqual([['ada']]);
  });

  it('is told at once on Enter', async () => {
    const onChange = vi.fn();
    const user = userEvent.setup({ advanceTimers: (ms) => vi.advanceTimersByTime(ms) });
    render(<DebouncedInput label="Owner" value="" onChange={onChange} />);
    await user.type(screen.getByRole('searchbox'), 'ada{Enter}');

    expect(onChange.mock.calls).toEqual([['ada']]);
  });

  it('shows what comes from outside', () => {
    const view = render(<DebouncedInput label="Owner" value="ada" onChange={() => undefined} />);
    view.rerender(<DebouncedInput label="Owner" value="" onChange={() => undefined} />);

    expect(screen.getByRole<HTMLInputElement>('searchbox').value).toBe('');
  });
});
