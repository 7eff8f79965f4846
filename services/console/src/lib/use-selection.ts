import { useCallback, useMemo, useState } from 'react';
import type { RowSelection } from '@/components/virtual-table';

/** Chosen rows of a list. Those that are no longer listed are not chosen any more. */
export function useSelection(keys: readonly string[]): RowSelection & { clear: () => void } {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [anchor, setAnchor] = useState<string>();
  const selected = useMemo(() => new Set(keys.filter((key) => chosen.has(key))), [keys, chosen]);

  const toggle = useCallback(
    (key: string, choose: boolean, withRange: boolean) => {
      const from = withRange && anchor !== undefined ? keys.indexOf(anchor) : -1;
      const at = keys.indexOf(key);
      const affected = from === -1 ? [key] : keys.slice(Math.min(from, at), Math.max(from, at) + 1);
      setChosen((before) => {
        const after = new Set(before);
        for (const one of affected) {
          if (choose) after.add(one);
          else after.delete(one);
        }
        return after;
      });
      setAnchor(key);
    },
    [keys, anchor],
  );
  const toggleAll = useCallback((choose: boolean) => setChosen(new Set(choose ? keys : [])), [keys]);
  const clear = useCallback(() => setChosen(new Set()), []);
  return { selected, toggle, toggleAll, clear };
}
