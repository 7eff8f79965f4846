import { act, renderHook } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { useSelection } from '@/lib/use-selection';

const KEYS = ['a', 'b', 'c', 'd', 'e'];

describe('chosen rows', () => {
  it('are those between two clicks with Shift', () => {
    const { result } = renderHook(() => useSelection(KEYS));
    act(() => result.current.toggle('b', true, false));
    act(() => result.current.toggle('d', true, true));

    expect([...result.current.selected]).toEqual(['b', 'c', 'd']);
  });

  it('are forgotten when they leave the list', () => {
    const { result, rerender } = renderHook(({ keys }) => useSelection(keys), {
      initialProps: { keys: KEYS },
    });
    act(() => result.current.toggleAll(true));
    rerender({ keys: ['a', 'z'] });

    expect([...result.current.selected]).toEqual(['a']);
  });
});
