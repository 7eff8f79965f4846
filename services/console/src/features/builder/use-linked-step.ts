import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useEffectEvent } from 'react';
import { selectedStep } from './selectors';
import { showStep, useBuilder } from './store';

const route = getRouteApi('/signed-in/shell/workflows/$workflowId');

/** A walk with the arrows passes many cards; the address is told where it ends. */
const SETTLE_MS = 300;

/** Goes to the step that a link names, and keeps the one that is selected in the address. */
export function useLinkedStep(): void {
  const { node } = route.useSearch();
  const navigate = route.useNavigate();
  const selected = useBuilder((state) => selectedStep(state)?.id);

  const goToLinked = useEffectEvent(() => {
    if (node !== undefined) showStep(node);
  });
  useEffect(() => goToLinked(), []);

  const remember = useEffectEvent((id: string | undefined) => {
    if (id === node) return;
    void navigate({ search: (before) => ({ ...before, node: id }), replace: true, resetScroll: false });
  });
  useEffect(() => {
    const timer = setTimeout(() => remember(selected), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [selected]);
}
