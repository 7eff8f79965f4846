import { useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent } from 'react';
import { isTyping } from '@/lib/typing';
import type { ExecutionView, StepView } from '../live/view';
import type { StepPlaceOnPage } from '../timeline/timeline';
import { neighbourOf } from './known-list';

interface KeyOptions {
  id: string;
  view: ExecutionView;
  selected: StepView | undefined;
  onSelect: (place: StepPlaceOnPage | undefined) => void;
}

/** `j` and `k` go through the list that led here, arrows through the steps, Escape closes the step. */
export function useExecutionKeys({ id, view, selected, onSelect }: KeyOptions): void {
  const navigate = useNavigate();
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    switch (event.key) {
      case 'j':
      case 'k': {
        const next = neighbourOf(id, event.key === 'j' ? 1 : -1);
        if (next !== undefined)
          void navigate({ to: '/executions/$executionId', params: { executionId: next } });
        return;
      }
      case 'ArrowDown':
      case 'ArrowUp': {
        if (isTakenByFocus()) return;
        event.preventDefault();
        onSelect(placeOf(stepBeside(view, selected, event.key === 'ArrowDown' ? 1 : -1)));
        return;
      }
      case 'Escape':
        onSelect(undefined);
    }
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
}

/** Widgets that walk by arrows themselves, and boxes that scroll by them. */
const isTakenByFocus = (): boolean =>
  (document.activeElement?.closest(
    '[role=tree], [role=log], [role=slider], [role=separator], [role=tablist], [role=radiogroup], [role=group]',
  ) ?? null) !== null;

function stepBeside(view: ExecutionView, selected: StepView | undefined, by: 1 | -1): StepView | undefined {
  const steps = [...view.steps.values()].filter(
    ({ iteration }) => iteration === (selected?.iteration ?? null),
  );
  const at = selected === undefined ? -1 : steps.findIndex(({ key }) => key === selected.key);
  if (at < 0) return by > 0 ? steps[0] : steps.at(-1);
  return steps[Math.min(steps.length - 1, Math.max(0, at + by))];
}

const placeOf = (step: StepView | undefined): StepPlaceOnPage | undefined =>
  step && { step: step.stepId, iteration: step.iteration ?? undefined };
